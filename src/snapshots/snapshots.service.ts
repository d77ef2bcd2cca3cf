import { Injectable } from '@nestjs/common';
import { dumpOf } from './dump-writer.js';
import { SnapshotRepository } from './snapshot.repository.js';
import { Spool } from './spool.js';

@Injectable()
export class SnapshotsService {
  constructor(private readonly snapshots: SnapshotRepository) {}

  /**
   * Hands over everything in the storage, all namespaces, as the bytes of a dump. One that is to be read
   * without delay is read into a file first, so that somebody may take any time to take it.
   * @param signal - that nobody waits for it any more
   */
  async dump<T>(use: (bytes: AsyncIterable<Buffer>) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (!this.snapshots.keepsWhatChanges) return await this.snapshots.read((records) => use(dumpOf(records)));
    const spool = new Spool();
    try {
      await this.snapshots.read((records) => spool.fill(dumpOf(records), signal));
      return await use(spool);
    } finally {
      await spool.close();
    }
  }
}
