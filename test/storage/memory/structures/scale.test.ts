import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ByteStore } from '../../../../src/storage/memory/structures/byte-store.js';
import { DueHeap } from '../../../../src/storage/memory/structures/due-heap.js';
import { hashName, NameIndex } from '../../../../src/storage/memory/structures/name-index.js';
import { OrderedIndex } from '../../../../src/storage/memory/structures/ordered-index.js';
import { RecordTable } from '../../../../src/storage/memory/structures/record-table.js';
import { sized } from '../../../support/full-size.js';

const MANY = sized(1_000_000, 150_000);
const FEW = 10_000;
const WAITING = 0;
const TAKEN = 1;
const RARE = 2;

const NAME = 0;
const LEAF = 1;
const CATEGORY = 2;
const POSITION = 3;
const HASH = 4;

const nameOf = (number: number) => `unit-${String(number).padStart(8, '0')}`;

/** All structures together, as the backend has them: members of ascending names, all waiting, in a heap by number. */
class World {
  readonly table = new RecordTable({ floats: 1, ints: 5 });
  readonly bytes = new ByteStore();
  readonly index = new NameIndex({
    hashOf: (id) => this.table.getInt(id, HASH),
    hasName: (id, name) => this.bytes.equalsName(this.table.getInt(id, NAME) >>> 0, name),
  });
  readonly order = new OrderedIndex(
    {
      compareName: (id, name) => this.bytes.compareName(this.table.getInt(id, NAME) >>> 0, name),
      leafOf: (id) => this.table.getInt(id, LEAF),
      setLeafOf: (id, leaf) => this.table.setInt(id, LEAF, leaf),
      categoryOf: (id) => this.table.getInt(id, CATEGORY),
      rankOf: () => 0,
    },
    { categories: 3, ranked: WAITING },
  );
  readonly heap = new DueHeap(this.table, POSITION, (id) => this.table.getFloat(id, 0));

  /** Returns the CPU time of each thousand members, in µs. */
  fill(count: number): number[] {
    const times: number[] = [];
    for (let number = 1; number <= count; number += 1000) {
      times.push(
        cpuTime(() => {
          for (let step = 0; step < 1000; step++) this.add(nameOf(number + step), number + step);
        }),
      );
    }
    return times;
  }

  private add(name: string, due: number): void {
    const id = this.table.allocate();
    this.table.setInt(id, NAME, this.bytes.putName(name));
    this.table.setInt(id, HASH, hashName(name));
    this.table.setFloat(id, 0, due);
    this.index.insert(id);
    this.order.insert(id, name);
    this.heap.add(id);
  }

  move(id: number, category: number): void {
    const from = this.table.getInt(id, CATEGORY);
    this.table.setInt(id, CATEGORY, category);
    this.order.moved(id, from, category);
  }

  /** Takes the best and gives it back as many times as said, holding 50 at a time. */
  recycle(times: number): void {
    const held: number[] = [];
    for (let time = 0; time < times; time++) {
      const id = this.order.best();
      this.move(id, TAKEN);
      if (held.push(id) === 50) for (const other of held.splice(0)) this.move(other, WAITING);
    }
    for (const other of held) this.move(other, WAITING);
  }

  find(times: number, count: number): void {
    for (let time = 0; time < times; time++) {
      const name = nameOf(1 + ((time * 7919) % count));
      if (this.index.find(name, hashName(name)) === 0) throw new Error(`${name} is lost`);
    }
  }

  /** Looks for windows of ten rare members, returns how many members were seen. */
  windows(times: number, count: number): number {
    let seen = 0;
    for (let time = 0; time < times; time++) {
      let id = this.order.after(nameOf((time * 7919) % count), 1 << RARE);
      for (let row = 0; row < 10 && id !== 0; row++, seen++) id = this.order.next(id, 1 << RARE);
    }
    return seen;
  }
}

/** CPU time in µs. */
function cpuTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const best = (times: number, work: () => void) => Math.min(...Array.from({ length: times }, () => cpuTime(work)));

/** Bytes outside the heap, after all garbage has gone. */
async function bytesOutside(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().arrayBuffers;
}

describe(`with ${MANY} members`, () => {
  it('costs about as much per operation as with ten thousand, in little memory', async () => {
    const small = new World();
    small.fill(FEW);
    for (let id = 1; id <= FEW; id += FEW / 100) small.move(id, RARE);
    const before = await bytesOutside();
    const large = new World();
    const fill = large.fill(MANY);
    const perMember = ((await bytesOutside()) - before) / MANY;

    // 32 bytes of record, 24 of name, 16 in the heap, and at most 12 each in the two indexes.
    expect(perMember).toBeLessThan(32 + 24 + 16 + 12 + 12);

    const sum = (times: number[]) => times.reduce((total, time) => total + time, 0);
    expect(sum(fill.slice(fill.length / 2)) / sum(fill.slice(0, fill.length / 2))).toBeLessThan(3);

    for (let id = 1; id <= MANY; id += MANY / 100) large.move(id, RARE);
    const ratio = (work: (world: World, count: number) => void) =>
      best(3, () => work(large, MANY)) / best(3, () => work(small, FEW));
    expect(ratio((world) => world.recycle(50_000))).toBeLessThan(4);
    expect(ratio((world, count) => world.find(50_000, count))).toBeLessThan(12);
    expect(ratio((world, count) => expect(world.windows(2_000, count)).toBeGreaterThan(15_000))).toBeLessThan(12);

    // What a window of rare members costs must have nothing to do with the members between them.
    const window = best(3, () => large.windows(1, MANY));
    const walk = cpuTime(() => {
      for (let id = large.order.after(null, 0b111); id !== 0; id = large.order.next(id, 0b111));
    });
    expect(window).toBeLessThan(walk / 100);
  });

  it('takes a tenth of them when they are due in about the time it takes to put them back', () => {
    const world = new World();
    world.fill(MANY);
    const due = MANY / 10;
    let before = 0;
    let inOrder = true;
    const visit = (id: number) => {
      inOrder &&= id > before;
      before = id;
    };
    const ratios = Array.from({ length: 6 }, () => {
      before = 0;
      const take = cpuTime(() => expect(world.heap.takeDue(due, visit)).toBe(due));
      expect(world.heap.earliest()).toBe(due + 1);
      const putBack = cpuTime(() => {
        for (let id = due; id > 0; id--) world.heap.add(id);
      });
      return take / putBack;
    });
    expect(inOrder).toBe(true);
    expect(Math.min(...ratios)).toBeLessThan(3);
  });
});
