import type { SnapshotRecord, SnapshotRecords } from '../domain/snapshot.js';

/**
 * Everything that a storage holds, out of it and into it, but for locks: those belong to clients of the moment.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class SnapshotRepository {
  /**
   * Hands over the storage as it is at one moment, while others go on changing it. Records that are no promise are good
   * only until `use` waits for something: they are to be taken at once.
   */
  abstract read<T>(use: (records: Iterable<readonly SnapshotRecord[]> | SnapshotRecords) => Promise<T>): Promise<T>;

  /**
   * Puts a snapshot into the storage, all of it or, when `records` end with an error, nothing.
   * @throws StorageNotEmptyError
   */
  abstract restore(records: SnapshotRecords): Promise<void>;
}
