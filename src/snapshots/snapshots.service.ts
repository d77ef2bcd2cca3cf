import { Injectable } from '@nestjs/common';
import { dumpOf } from './dump-writer.js';
import { SnapshotRepository } from './snapshot.repository.js';
import { Spool } from './spool.js';

@Injectable()
export class SnapshotsService {
  constructor(private readonly snapshots: SnapshotRepository) {}

  /**
   * Hands over everything in the storage, all namespaces, as the bytes of a dump. What can only be read at once is first
   * written to a file, so that neither it nor the dump is held in memory while somebody takes it.
   */
  dump<T>(use: (bytes: AsyncIterable<Buffer>) => Promise<T>): Promise<T> {
    return this.snapshots.read(async (records) => {
      if (Symbol.asyncIterator in records) return use(dumpOf(records));
      const spool = new Spool(records);
      try {
        return await use(spool);
      } finally {
        await spool.close();
      }
    });
  }
}
