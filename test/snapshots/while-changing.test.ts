import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/cbor/index.js';
import type { SnapshotRecord, SnapshotRecords } from '../../src/domain/snapshot.js';
import { defineWorkSpec } from '../../src/domain/work-spec.js';
import { Scheduler } from '../../src/domain/scheduler/scheduler.js';
import { MemoryAttemptRepository } from '../../src/storage/memory/memory-attempt.repository.js';
import { MemorySnapshotRepository } from '../../src/storage/memory/memory-snapshot.repository.js';
import { MemoryStore } from '../../src/storage/memory/memory-store.js';
import { MemoryWorkSpecRepository } from '../../src/storage/memory/memory-work-spec.repository.js';
import { MemoryWorkUnitRepository } from '../../src/storage/memory/memory-work-unit.repository.js';
import { EVERY_STEP, ManualClock, slicedMemoryHarness } from '../contract/memory-harness.js';
import { Driver, START } from '../model/driver.js';
import { histories } from '../model/operations.js';
import { sized } from '../support/full-size.js';

async function all(records: SnapshotRecords): Promise<SnapshotRecord[]> {
  const list: SnapshotRecord[] = [];
  for await (const some of records) list.push(...some);
  return list;
}

describe('a snapshot of memory that is read while everything changes', () => {
  it('is of one moment, whatever is done between any two of its records', async () => {
    const backend = await slicedMemoryHarness.open();
    const property = fc.asyncProperty(
      histories(START, 40),
      histories(START, 40),
      fc.integer({ min: 1, max: 4 }),
      async (before, meanwhile, steps) => {
        const driver = new Driver(backend);
        await driver.begin();
        for (const step of before) await driver.step(step);
        const { snapshots } = backend.repositories;
        const still = await snapshots.read(all);
        const left = [...meanwhile];
        const moving = await snapshots.read(async (records) => {
          const list: SnapshotRecord[] = [];
          for await (const some of records) {
            list.push(...some);
            for (const step of left.splice(0, steps)) await driver.step(step);
          }
          return list;
        });
        expect(withoutEmpty(moving)).toEqual(withoutEmpty(still));
        for (const step of left) await driver.step(step);
        await driver.look();
      },
    );
    await fc.assert(property, { numRuns: sized(200, 25), endOnFailure: false });
  });

  describe('of a spec', () => {
    const clock = new ManualClock();
    const store = new MemoryStore(clock, undefined, EVERY_STEP);
    const units = new MemoryWorkUnitRepository(store);
    const attempts = new MemoryAttemptRepository(store, new Scheduler(() => 0));
    const snapshots = new MemorySnapshotRepository(store);
    const names = Array.from({ length: 40 }, (_, index) => `u${index + 10}`);
    const bytesInUse = (): number => store.spec('n', 's').work.bytes.bytesInUse;

    async function begin(): Promise<void> {
      clock.time = 1_700_000_000_000_000;
      store.destroy('n');
      new MemoryWorkSpecRepository(store).set('n', defineWorkSpec(encode({ name: 's' })));
      await units.add(
        'n',
        's',
        names.map((name) => ({ name, data: encode({ name, text: 'x'.repeat(300_000) }), priority: 0 })),
      );
    }
    const change = async (): Promise<void> => {
      await attempts.claim('n', { worker: 'w', units: 10, lifetime: 1e6 });
      await units.delete('n', 's', { names: names.slice(20, 30) });
      await units.add('n', 's', [{ name: names[25], data: encode({ again: 1 }), priority: 0 }]);
    };

    it('lets go of all that it kept when it has been read', async () => {
      await begin();
      const list = await snapshots.read(async (records) => {
        await change();
        expect(bytesInUse()).toBeGreaterThan(40 * 300_000);
        return all(records);
      });
      expect(list.filter(({ kind }) => kind === 'work unit')).toHaveLength(40);
      expect(list.filter(({ kind }) => kind === 'attempt')).toHaveLength(0);
      expect(bytesInUse()).toBeLessThan(31 * 301_000);
    });

    it('lets go of all that it kept when the reader goes away', async () => {
      await begin();
      const reading = snapshots.read(async (records) => {
        let seen = 0;
        for await (const some of records) {
          seen += some.length;
          if (seen === 8) await change();
          if (seen > 30) throw new Error('gone away');
        }
      });
      await expect(reading).rejects.toThrow('gone away');
      expect(bytesInUse()).toBeLessThan(31 * 301_000);
      await units.delete('n', 's', { names });
      expect(bytesInUse()).toBe(0);
    });

    it('is read in as many turns as it has slices, one unit with a long history too', async () => {
      await begin();
      for (let tries = 0; tries < 50; tries++) {
        await attempts.make('n', { worker: 'w', workSpec: 's', workUnit: names[3], lifetime: 1e6 });
      }
      let turns = 0;
      let isOver = false;
      const count = (): void => {
        turns++;
        if (!isOver) setImmediate(count);
      };
      setImmediate(count);
      const list = await snapshots.read(all);
      isOver = true;
      expect(list.filter(({ kind }) => kind === 'attempt')).toHaveLength(50);
      expect(turns).toBeGreaterThan(list.length);
    });
  });
});

/** Without the namespaces that hold nothing, of which a snapshot has those of later. */
function withoutEmpty(records: readonly SnapshotRecord[]): SnapshotRecord[] {
  return records.filter(({ kind }, at) => {
    const next = records[at + 1]?.kind;
    return kind !== 'namespace' || (next !== undefined && next !== 'namespace');
  });
}
