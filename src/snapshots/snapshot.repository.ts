import type { SnapshotRecords } from '../domain/snapshot.js';

/**
 * Everything that a storage holds, out of it and into it, but for locks: those belong to clients of the moment.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class SnapshotRepository {
  /** Whether what changes while it is read is kept in memory until it has been read: it is to be read without delay. */
  abstract readonly keepsWhatChanges: boolean;

  /** Hands over the storage as it is at one moment, while others go on changing it. */
  abstract read<T>(use: (records: SnapshotRecords) => Promise<T>): Promise<T>;

  /**
   * Puts a snapshot into the storage, all of it or, when `records` end with an error, nothing.
   * @throws StorageNotEmptyError
   */
  abstract restore(records: SnapshotRecords): Promise<void>;
}
