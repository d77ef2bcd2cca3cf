import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderedIndex } from '../../../../src/storage/memory/structures/ordered-index.js';
import { compareBytes, names } from './names.js';
import { sized } from '../../../support/full-size.js';

interface Member {
  id: number;
  name: string;
  category: number;
  rank: number;
  leaf: number;
}

/** An index beside the plainest thing that does the same: an array sorted by name. */
class Twin {
  readonly index: OrderedIndex;
  readonly members = new Map<number, Member>();
  private readonly byName = new Map<string, Member>();
  private readonly freeIds: number[] = [];
  compared = 0;

  constructor(
    readonly categories: number,
    readonly ranked: number,
  ) {
    const of = (id: number) => this.members.get(id)!;
    this.index = new OrderedIndex(
      {
        compareName: (id, name) => {
          this.compared++;
          return compareBytes(of(id).name, name);
        },
        leafOf: (id) => of(id).leaf,
        setLeafOf: (id, leaf) => (of(id).leaf = leaf),
        categoryOf: (id) => of(id).category,
        rankOf: (id) => of(id).rank,
      },
      { categories, ranked },
    );
  }

  insert(name: string, category: number, rank: number): void {
    if (this.byName.has(name)) return;
    const id = this.freeIds.pop() ?? this.members.size + 1;
    const member = { id, name, category, rank, leaf: 0 };
    this.members.set(id, member);
    this.byName.set(name, member);
    this.index.insert(id, name);
  }

  remove(member: Member): void {
    this.index.remove(member.id);
    this.members.delete(member.id);
    this.byName.delete(member.name);
    this.freeIds.push(member.id);
  }

  move(member: Member, category: number): void {
    const from = member.category;
    member.category = category;
    this.index.moved(member.id, from, category);
  }

  rerank(member: Member, rank: number): void {
    const before = member.rank;
    member.rank = rank;
    this.index.reranked(member.id, before);
  }

  sorted(): Member[] {
    return [...this.members.values()].sort((a, b) => compareBytes(a.name, b.name));
  }

  pick(number: number): Member | undefined {
    const all = [...this.members.values()];
    return all[number % Math.max(all.length, 1)];
  }

  best(): Member | undefined {
    let best: Member | undefined;
    for (const member of this.sorted()) {
      if (member.category === this.ranked && (!best || member.rank > best.rank)) best = member;
    }
    return best;
  }

  checkCounts(): void {
    expect(this.index.size).toBe(this.members.size);
    const counts = Array<number>(this.categories).fill(0);
    for (const { category } of this.members.values()) counts[category]++;
    expect(counts.map((_, category) => this.index.count(category))).toEqual(counts);
    expect(this.index.best()).toBe(this.best()?.id ?? 0);
  }

  /** Walks through the members of each set of categories, and those after and from some names. */
  checkWalks(masks: number[], probes: string[]): void {
    const sorted = this.sorted();
    for (const mask of masks) {
      const wanted = sorted.filter(({ category }) => (mask >>> category) & 1);
      const walked: number[] = [];
      for (let id = this.index.after(null, mask); id !== 0; id = this.index.next(id, mask)) walked.push(id);
      expect(walked).toEqual(wanted.map(({ id }) => id));
      for (const probe of probes) {
        const after = wanted.find(({ name }) => compareBytes(name, probe) > 0);
        const atLeast = wanted.find(({ name }) => compareBytes(name, probe) >= 0);
        expect(this.index.after(probe, mask)).toBe(after?.id ?? 0);
        expect(this.index.atLeast(probe, mask)).toBe(atLeast?.id ?? 0);
      }
    }
  }
}

const ranks = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.constantFrom(Infinity, -Infinity, 0, -0, 0.5));

interface Phase {
  kind: 'insert' | 'remove' | 'move' | 'rerank' | 'scatter';
  start: number;
  count: number;
  /** In which steps to go through the numbers from `start` on: 1 = ascending, a large prime = all over. */
  stride: number;
  category: number;
  rank: number;
}

const phase: fc.Arbitrary<Phase> = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'insert', 'remove', 'remove', 'move', 'rerank', 'scatter'),
  start: fc.nat(19_999),
  count: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 4000, max: 20_000 })),
  stride: fc.constantFrom(1, 1, 2, 3, 7919, 19_999),
  category: fc.nat(2),
  rank: ranks,
});

/** An index of numbers by their digits, beside arrays that have a place for each; three categories, 0 is ranked. */
class Field {
  private readonly category: Int8Array;
  private readonly rank: Float64Array;
  private readonly leaf: Int32Array;
  readonly index: OrderedIndex;

  constructor(private readonly size: number) {
    this.category = new Int8Array(size).fill(-1);
    this.rank = new Float64Array(size);
    this.leaf = new Int32Array(size);
    this.index = new OrderedIndex(
      {
        compareName: (id, name) => this.at(id) - Number(name),
        leafOf: (id) => this.leaf[this.at(id)],
        setLeafOf: (id, leaf) => (this.leaf[this.at(id)] = leaf),
        categoryOf: (id) => this.category[this.at(id)],
        rankOf: (id) => this.rank[this.at(id)],
      },
      { categories: 3, ranked: 0 },
    );
  }

  /** The number of a member, which must be there: an index must not look at members that have gone. */
  private at(id: number): number {
    if (this.category[id - 1] < 0) throw new Error(`looked at member ${id}, which has gone`);
    return id - 1;
  }

  run({ kind, start, count, stride, category, rank }: Phase): void {
    // Half of the phases of changes alike are told in runs, as when many leases run out at once.
    const inRun = (kind === 'move' || kind === 'scatter') && start % 2 === 0;
    if (inRun) this.index.beginRun();
    for (let step = 0; step < count; step++) {
      const number = (start + step * stride) % this.size;
      const id = number + 1;
      const from = this.category[number];
      if (kind === 'insert') {
        if (from >= 0) continue;
        this.category[number] = category;
        this.rank[number] = rank;
        this.index.insert(id, String(number));
      } else if (from < 0) {
        continue;
      } else if (kind === 'remove') {
        this.index.remove(id);
        this.category[number] = -1;
      } else if (kind === 'rerank') {
        const before = this.rank[number];
        this.rank[number] = step % 3 === 0 ? rank : step % 17;
        this.index.reranked(id, before);
      } else {
        const to = kind === 'move' ? category : (number + category) % 3;
        this.category[number] = to;
        this.index.moved(id, from, to);
      }
    }
    if (inRun) this.index.endRun();
  }

  private after(number: number, mask: number): number {
    for (let next = number + 1; next < this.size; next++) {
      if (this.category[next] >= 0 && (mask >>> this.category[next]) & 1) return next + 1;
    }
    return 0;
  }

  private best(): number {
    let best = 0;
    for (let number = 0; number < this.size; number++) {
      if (this.category[number] === 0 && (best === 0 || this.rank[number] > this.rank[best - 1])) best = number + 1;
    }
    return best;
  }

  check(probes: number[]): void {
    const counts = [0, 0, 0];
    for (const category of this.category) if (category >= 0) counts[category]++;
    expect([0, 1, 2].map((category) => this.index.count(category))).toEqual(counts);
    expect(this.index.size).toBe(counts[0] + counts[1] + counts[2]);
    expect(this.index.best()).toBe(this.best());
    for (const probe of probes) {
      for (const mask of [0b001, 0b010, 0b110, 0b111]) {
        expect(this.index.after(String(probe), mask)).toBe(this.after(probe, mask));
        expect(this.index.atLeast(String(probe), mask)).toBe(this.after(probe - 1, mask));
      }
    }
  }

  checkWalk(mask: number): void {
    const walked: number[] = [];
    const expected: number[] = [];
    for (let id = this.index.after(null, mask); id !== 0; id = this.index.next(id, mask)) walked.push(id);
    for (let id = this.after(-1, mask); id !== 0; id = this.after(id - 1, mask)) expected.push(id);
    expect(walked).toEqual(expected);
  }

  /** Moves the best out of the ranked category until there is none, which must go by rank, then name. */
  checkDrain(): void {
    const expected = [...this.category.keys()].filter((number) => this.category[number] === 0);
    expected.sort((a, b) => (this.rank[a] === this.rank[b] ? a - b : this.rank[b] - this.rank[a]));
    const drained: number[] = [];
    for (let id = this.index.best(); id !== 0; id = this.index.best()) {
      drained.push(id - 1);
      this.category[id - 1] = 1;
      this.index.moved(id, 0, 1);
    }
    expect(drained).toEqual(expected);
  }

  /** Members per leaf. */
  fill(): number {
    const leaves = new Set(this.leaf.filter((_, number) => this.category[number] >= 0));
    return this.index.size / leaves.size;
  }
}

const step = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'insert', 'remove', 'move', 'move', 'rerank'),
  name: names,
  category: fc.nat(),
  rank: ranks,
  pick: fc.nat(),
});

describe('OrderedIndex', () => {
  it('does what a sorted array does, step by step', () => {
    const options = fc
      .integer({ min: 1, max: 31 })
      .chain((categories) => fc.tuple(fc.constant(categories), fc.nat(categories - 1)));
    fc.assert(
      fc.property(
        options,
        fc.array(step, { maxLength: 250 }),
        fc.array(names, { maxLength: 5 }),
        ([categories, ranked], steps, probes) => {
          const twin = new Twin(categories, ranked);
          for (const { kind, name, category, rank, pick } of steps) {
            const member = twin.pick(pick);
            if (kind === 'insert') twin.insert(name, category % categories, rank);
            else if (member && kind === 'remove') twin.remove(member);
            else if (member && kind === 'move') twin.move(member, category % categories);
            else if (member) twin.rerank(member, rank);
            twin.checkCounts();
          }
          twin.checkWalks([2 ** categories - 1, 1 << ranked, 0x55555555, 0], probes);
        },
      ),
    );
  });

  it('does what an array does when thousands come and go', () => {
    fc.assert(
      fc.property(fc.array(phase, { minLength: 5, maxLength: 25 }), (phases) => {
        const field = new Field(20_000);
        for (const each of phases) {
          field.run(each);
          field.check([0, each.start, each.start + each.count, 19_999]);
        }
        field.checkWalk(0b111);
        field.checkWalk(0b110);
        field.checkDrain();
        field.run({ kind: 'remove', start: 0, count: 20_000, stride: 7919, category: 0, rank: 0 });
        field.check([0]);
        field.run({ kind: 'insert', start: 0, count: 100, stride: 1, category: 0, rank: 0 });
        field.check([0, 50]);
      }),
      { numRuns: sized(60, 6) },
    );
  });

  it('finds the best again and again when all ranks differ', () => {
    const twin = new Twin(2, 0);
    for (let at = 0; at < 10_000; at++)
      twin.insert(String((at * 7919) % 10_007).padStart(5, '0'), 0, (at * 271) % 10_009);
    let before = Infinity;
    for (let left = 10_000; left > 0; left--) {
      const member = twin.members.get(twin.index.best())!;
      expect(member.rank).toBeLessThan(before);
      before = member.rank;
      twin.move(member, 1);
    }
    expect(twin.index.best()).toBe(0);
  });

  it('starts before the empty name only for null', () => {
    const twin = new Twin(1, 0);
    twin.insert('', 0, 0);
    twin.insert('\0', 0, 0);
    expect(twin.index.after(null, 1)).toBe(1);
    expect(twin.index.atLeast('', 1)).toBe(1);
    expect(twin.index.after('', 1)).toBe(2);
    expect(twin.index.after('\0', 1)).toBe(0);
  });

  it('compares one name per member when names come in order, three in the midst of others', () => {
    const twin = new Twin(1, 0);
    for (let at = 0; at < 5000; at++) twin.insert(`m${String(at).padStart(6, '0')}`, 0, 0);
    expect(twin.compared).toBeLessThan(5000);
    twin.insert('z', 0, 0);
    twin.compared = 0;
    for (let at = 0; at < 5000; at++) twin.insert(`n${String(at).padStart(6, '0')}`, 0, 0);
    expect(twin.compared).toBeLessThan(3.2 * 5000);
  });

  it('fills leaves when names come in order, whether up, down or in several runs at once', () => {
    const insert = { kind: 'insert', category: 0, rank: 0 } as const;
    const ascending = new Field(20_000);
    ascending.run({ ...insert, start: 0, count: 20_000, stride: 1 });
    expect(ascending.fill()).toBeGreaterThan(60);

    const descending = new Field(20_000);
    descending.run({ ...insert, start: 19_999, count: 20_000, stride: 19_999 });
    expect(descending.fill()).toBeGreaterThan(60);

    const runs = new Field(20_000);
    for (let start = 10_000; start >= 0; start -= 2500) runs.run({ ...insert, start, count: 2500, stride: 1 });
    expect(runs.fill()).toBeGreaterThan(55);

    const scattered = new Field(20_000);
    scattered.run({ ...insert, start: 0, count: 20_000, stride: 7919 });
    expect(scattered.fill()).toBeGreaterThan(35);
  });

  it('merges what gets sparse', () => {
    const field = new Field(20_000);
    field.run({ kind: 'insert', start: 0, count: 20_000, stride: 1, category: 0, rank: 0 });
    field.run({ kind: 'remove', start: 0, count: 18_000, stride: 7919, category: 0, rank: 0 });
    expect(field.fill()).toBeGreaterThan(20);
  });

  it('refuses names that are taken, wherever they are, and members that are not there', () => {
    const twin = new Twin(1, 0);
    for (let at = 0; at < 400; at += 2) twin.insert(`b${at + 1000}`, 0, 0);
    twin.insert('c', 0, 0);
    for (const member of twin.sorted()) {
      for (const before of ['a', `${member.name}.`]) {
        twin.insert(before, 0, 0);
        expect(() => twin.index.insert(1, member.name)).toThrow('the name is in the ordered index already');
      }
    }
    twin.index.remove(2);
    expect(() => twin.index.remove(2)).toThrow('no member 2');
  });
});
