import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MemoryFullError } from '../../src/domain/errors.js';
import { MemoryStore } from '../../src/storage/memory/memory-store.js';
import { givenUp, noteHeap, offHeap, offHeapUse } from '../../src/storage/memory/structures/off-heap.js';
import { ProcessMemory } from '../../src/storage/process-memory.js';
import { ManualClock } from '../contract/memory-harness.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const MIB = 1024 * 1024;

/** Takes a table that nothing but the answer holds. @returns what gives it up */
function holdTable(bytes: number): () => void {
  const held = [offHeap(bytes)];
  return () => {
    for (const table of held.splice(0)) givenUp(bytes, table);
  };
}

describe('the memory of the process', () => {
  it('is counted as it is taken, between two questions to V8 too', () => {
    const memory = new ProcessMemory();
    const before = memory.bytes;
    const table = offHeap(20 * MIB);
    noteHeap(MIB);
    expect(memory.bytes - before).toBe(21 * MIB);
    expect(table.byteLength).toBe(20 * MIB);
    memory.limit = memory.bytes + MIB;
    expect(() => memory.admit(MIB / 2)).not.toThrow();
    expect(() => memory.admit(3 * MIB)).toThrow(MemoryFullError);
    expect(memory.refused).toBe(1);
    givenUp(20 * MIB, table);
  });

  it('has room again when what was given up has been collected, which it sees to itself', async () => {
    const giveUp = holdTable(64 * MIB);
    const memory = new ProcessMemory();
    memory.limit = memory.bytes;
    const held = offHeapUse.held;
    giveUp();
    expect(offHeapUse.held).toBe(held);
    memory.sample();
    await expect.poll(() => offHeapUse.held).toBeLessThanOrEqual(held - 64 * MIB);
  });

  it('holds less than 1 kB for each namespace without anything', async () => {
    const store = new MemoryStore(new ManualClock());
    const measured = 20_000;
    const names = Array.from({ length: measured }, (_, i) => `namespace ${i}`);
    const settled = async (): Promise<number> => {
      for (let i = 0; i < 3; i++) {
        collect();
        await sleep(1);
      }
      return process.memoryUsage().heapUsed + offHeapUse.held;
    };
    const before = await settled();
    for (const name of names) store.ensure(name);
    // Nobody makes anything of them by looking.
    for (const { knownWorkers, knownLocks } of store.unsorted())
      expect([knownWorkers, knownLocks]).toEqual([undefined, undefined]);
    expect(((await settled()) - before) / measured).toBeLessThan(1000);
  });
});
