/** Whether the storage can serve. The class is its own injection token; a storage backend implements it. */
export abstract class StorageHealth {
  /** @returns undefined when it can, else why not, in a few words */
  abstract ready(): Promise<string | undefined>;

  /**
   * Resolves when the storage has opened for the first time.
   * @throws StorageUnavailableError, or an Error in one line, when it will not
   */
  abstract opened(): Promise<void>;

  /** The daemon is about to end: requests that are under way are to come to an end soon. */
  drain(): void {}
}

/** A storage inside the process, which is there as long as the process is. */
export class AlwaysReady extends StorageHealth {
  override ready(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  override opened(): Promise<void> {
    return Promise.resolve();
  }
}
