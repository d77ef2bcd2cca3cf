import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { LoadedConfig } from '../config/load.js';
import type { SnapshotRecord } from '../domain/snapshot.js';
import { countRecord, noSnapshotCounts } from '../domain/snapshot.js';
import { readDump } from '../snapshots/dump-reader.js';
import { SnapshotRepository } from '../snapshots/snapshot.repository.js';
import { describe } from './dump.js';
import { ProgressBar } from './progress.js';
import { serve } from '../bootstrap/serve.js';
import { carryOut, fileOf, withStorage } from './transfer.js';

const CHUNK = 1 << 20;

/** `coordinated restore FILE`: puts a dump into an empty storage; into memory, by serving it from then on. */
export function restore(loaded: LoadedConfig): Promise<number | undefined> {
  const file = fileOf(loaded);
  const { backend } = loaded.config;
  if (backend.kind === 'memory' || backend.kind === 'plugin') {
    return serve(loaded, (app) => restoreInto(app.get(SnapshotRepository, { strict: false }), file));
  }
  return carryOut(loaded, async () => {
    if (backend.kind === 'http') {
      throw new Error('a dump is put into a storage, not into a running daemon: name the storage by -backend');
    }
    await withStorage(backend, (snapshots) => restoreInto(snapshots, file));
  });
}

async function restoreInto(snapshots: SnapshotRepository, file: string): Promise<void> {
  const bar = new ProgressBar('restoring');
  const size = file === '-' ? 0 : (await stat(file)).size;
  const counts = noSnapshotCounts();
  let bytes = 0;
  async function* chunks(): AsyncGenerator<Buffer> {
    const stream = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK });
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  async function* records(): AsyncGenerator<readonly SnapshotRecord[]> {
    for await (const some of readDump(chunks())) {
      yield some;
      for (const record of some) countRecord(counts, record);
      bar.show(bytes, size, 'bytes');
    }
  }
  const since = performance.now();
  try {
    await snapshots.restore(records());
  } catch (error) {
    throw new Error(`${file} is not restored: ${(error as Error).message}`, { cause: error });
  } finally {
    bar.end();
  }
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  process.stderr.write(`restored ${describe(counts)} in ${seconds} s\n`);
}
