import type { SnapshotRecord, SnapshotRecords } from 'coordinate-daemon/backend';
import type { World } from './world.js';

/** Empties the storage and puts back what it held, at the same moment. */
export async function restored(w: World): Promise<void> {
  const records = await w.snapshots.read(async (read: SnapshotRecords) => {
    const all: SnapshotRecord[] = [];
    for await (const some of read) all.push(...some);
    return all;
  });
  await w.empty();
  await w.snapshots.restore(once(records));
}

async function* once(records: readonly SnapshotRecord[]): AsyncGenerator<readonly SnapshotRecord[]> {
  await Promise.resolve();
  yield records;
}
