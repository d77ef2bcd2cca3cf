import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SnapshotRecord } from '../../src/domain/snapshot.js';
import { readDump } from '../../src/snapshots/dump-reader.js';
import { dumpOf } from '../../src/snapshots/dump-writer.js';
import type { SnapshotRepository } from '../../src/snapshots/snapshot.repository.js';
import type { BackendHarness, OpenBackend } from '../contract/harness.js';
import { memoryHarness } from '../contract/memory-harness.js';
import { postgresHarness } from '../contract/postgres-harness.js';
import { Driver, START } from '../model/driver.js';
import { observe } from '../model/observation.js';
import { histories, NAMESPACES } from '../model/operations.js';
import { sized } from '../support/full-size.js';

const LATER = 100 * 365 * 24 * 3600 * 1e6;

/** The bytes of a dump. */
async function dump(snapshots: SnapshotRepository): Promise<Buffer> {
  return snapshots.read(async (records) => {
    const chunks: Buffer[] = [];
    for await (const chunk of dumpOf(records)) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function recordsOf(bytes: Buffer): Promise<SnapshotRecord[]> {
  const all: SnapshotRecord[] = [];
  for await (const some of readDump(inPieces(bytes, 1000))) all.push(...some);
  return all;
}

/** With the attempts that a worker's claim means: of those that have been deleted since, a storage may know or not. */
function withClaims(records: readonly SnapshotRecord[]): unknown[] {
  let spec = '';
  let attempts: { spec: string; worker: string; number: number }[] = [];
  return records.map((record) => {
    if (record.kind === 'namespace') attempts = [];
    if (record.kind === 'work spec') spec = record.definition.name;
    if (record.kind === 'attempt') attempts.push({ spec, worker: record.worker, number: record.number });
    if (record.kind !== 'worker') return record;
    const { name, claim } = record;
    const claimed = attempts.filter((each) => each.worker === name && each.spec === claim?.workSpec);
    const numbers = claimed.map(({ number }) => number).filter((each) => each >= claim!.first && each <= claim!.last);
    return { ...record, claim: numbers };
  });
}

function describeRoundTrip(from: BackendHarness, to: BackendHarness, numRuns: number): void {
  describe(`a dump of ${from.name} restored into ${to.name}`, () => {
    let source: OpenBackend;
    let target: OpenBackend;
    beforeAll(async () => {
      source = await from.open();
      target = await to.open();
    });
    afterAll(async () => {
      await source?.close();
      await target?.close();
    });

    const property = fc.asyncProperty(histories(START, 30), fc.integer({ min: 1, max: 500 }), async (steps, piece) => {
      const driver = new Driver(source);
      await driver.begin();
      for (const step of steps) await driver.step(step);
      const bytes = await dump(source.repositories.snapshots);
      const [head, ...records] = await recordsOf(bytes);

      await target.reset();
      await target.setClock(driver.now);
      await target.repositories.snapshots.restore(readDump(inPieces(bytes, piece)));
      const [newHead, ...newRecords] = await recordsOf(await dump(target.repositories.snapshots));
      expect(withClaims(newRecords)).toEqual(withClaims(records));
      expect(newHead).toMatchObject({
        takenAt: driver.now,
        units: records.filter(({ kind }) => kind === 'work unit').length,
      });
      const last = (record: SnapshotRecord): number => (record.kind === 'head' ? record.lastAttemptNumber : NaN);
      expect(last(newHead)).toBeGreaterThanOrEqual(last(head));

      // All that can be asked is answered the same, now and when every lease and delay is over.
      for (const time of [driver.now, driver.now + LATER]) {
        await source.setClock(time);
        await target.setClock(time);
        expect(await observe(target.repositories, NAMESPACES, false)).toEqual(
          await observe(source.repositories, NAMESPACES, false),
        );
      }
    });

    it('is the same storage', async () => {
      await fc.assert(property, { numRuns, endOnFailure: false });
    });
  });
}

const postgres = postgresHarness('18');
describeRoundTrip(memoryHarness, memoryHarness, sized(60, 6));
describeRoundTrip(memoryHarness, postgres, sized(12, 2));
describeRoundTrip(postgres, memoryHarness, sized(8, 2));
describeRoundTrip(postgres, postgres, sized(8, 2));
