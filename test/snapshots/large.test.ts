import { expect, it } from 'vitest';
import type { SnapshotRecord } from '../../src/domain/snapshot.js';
import { ZERO_TIME } from '../../src/domain/time.js';
import { defineWorkSpec } from '../../src/domain/work-spec.js';
import { encode } from '../../src/cbor/index.js';
import { memoryHarness } from '../contract/memory-harness.js';
import { postgresHarness } from '../contract/postgres-harness.js';
import { sized } from '../support/full-size.js';

const NOW = 1_700_000_000_000_000;
/** More than two pages of whatever is read or written at a time; more than one in the usual size. */
const PAGES = sized(2_500, 1_200);

/** Many units, one with many attempts, some with large data, and many workers. */
function* records(): Generator<SnapshotRecord> {
  let number = 0;
  const attempt = (worker: string, status: 'failed' | 'finished'): SnapshotRecord => ({
    kind: 'attempt',
    number: ++number,
    worker,
    status,
    start: NOW - 2,
    end: NOW - 1,
    expiration: NOW + 1e9,
    late: false,
    data: encode({ number }),
    startData: undefined,
  });
  const name = (prefix: string, i: number): string => `${prefix}${String(i).padStart(6, '0')}`;
  yield { kind: 'head', takenAt: NOW, lastAttemptNumber: 2 * PAGES, units: PAGES + 4 };
  yield { kind: 'namespace', name: 'n' };
  yield { kind: 'work spec', definition: defineWorkSpec(encode({ name: 's' })) };
  for (let i = 0; i < PAGES + 4; i++) {
    const tries = i === 7 ? PAGES : i % 2;
    const data = encode(i < 4 ? { large: 'x'.repeat(3_000_000) } : { i });
    const done = tries > 0;
    yield {
      kind: 'work unit',
      name: name('u', i),
      data,
      priority: i % 5,
      notBefore: ZERO_TIME,
      status: done ? 'finished' : 'available',
      moment: NOW - 1 - i,
      tries,
    };
    for (let j = 1; j <= tries; j++) yield attempt(name('w', j % PAGES), j === tries ? 'finished' : 'failed');
  }
  for (let i = 0; i < PAGES; i++) {
    yield {
      kind: 'worker',
      name: name('w', i),
      parent: i === 0 ? undefined : name('w', 0),
      mode: 'run',
      data: encode({}),
      lastUpdate: NOW,
      expiration: NOW + 1 + i,
      deactivated: false,
      inactiveSince: undefined,
      reported: true,
      lastClaim: undefined,
      claim: undefined,
    };
  }
}

async function* inBatches(): AsyncGenerator<SnapshotRecord[]> {
  for (const record of records()) yield await Promise.resolve([record]);
}

it.each([memoryHarness, postgresHarness('18')])(
  '$name takes and gives more than fits into one page',
  async (harness) => {
    const backend = await harness.open();
    try {
      await backend.setClock(NOW);
      const { snapshots, specs } = backend.repositories;
      await snapshots.restore(inBatches());
      const seen = await snapshots.read(async (all) => {
        const list: SnapshotRecord[] = [];
        for await (const some of all) list.push(...some);
        return list;
      });
      let at = 0;
      for (const record of records()) {
        const other = seen[at++];
        if (record.kind === 'head') continue; // its last number depends on what a storage has given out before
        expect(withoutBuffers(other)).toEqual(withoutBuffers(record));
      }
      expect(seen).toHaveLength(at);
      const { finished, available } = await specs.counts('n', 's');
      expect(finished + available).toBe(PAGES + 4);
    } finally {
      await backend.close();
    }
  },
);

/** Data as text, the large ones as their length, which compares faster. */
function withoutBuffers(record: SnapshotRecord): unknown {
  const entries = Object.entries(record).map(([key, value]: [string, unknown]) => {
    if (!(value instanceof Uint8Array)) return [key, value];
    return [key, value.length > 1000 ? value.length : Buffer.from(value).toString('hex')];
  });
  const flat = Object.fromEntries(entries) as Record<string, unknown>;
  if (record.kind === 'work spec') flat.definition = Buffer.from(record.definition.data).toString('hex');
  return flat;
}
