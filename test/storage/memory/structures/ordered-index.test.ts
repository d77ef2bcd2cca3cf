import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderedIndex } from '../../../../src/storage/memory/structures/ordered-index.js';
import { compareBytes, names } from './names.js';

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

  /** Steps of many members each, so that the tree gets three branches high and shrinks again. */
  const bulk = fc.record({
    kind: fc.constantFrom(
      'ascending',
      'ascending',
      'descending',
      'scattered',
      'removeRun',
      'removeMany',
      'moveMany',
      'rerankMany',
    ),
    start: fc.nat(9999),
    count: fc.integer({ min: 1, max: 5000 }),
    rank: ranks,
    category: fc.nat(4),
  });

  it('does what a sorted array does when thousands come and go', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(bulk, { minLength: 1, maxLength: 9 }), (steps) => {
        const twin = new Twin(5, 0);
        const nameOf = (number: number) => String(number).padStart(5, '0');
        for (const { kind, start, count, rank, category } of steps) {
          const all = twin.sorted();
          const run = all.slice(start % Math.max(all.length, 1)).slice(0, count);
          const many = all.filter((_, at) => (at * 31 + start) % 7 < 5).slice(0, count);
          for (let at = 0; at < count; at++) {
            const spread = (at * 7919) % count;
            if (kind === 'ascending') twin.insert(nameOf(start + at), category, rank);
            else if (kind === 'descending') twin.insert(nameOf(start + count - at), category, rank);
            else if (kind === 'scattered') twin.insert(nameOf(start + spread), (at + category) % 5, at % 4);
            else if (kind === 'removeRun' && at < run.length) twin.remove(run[at]);
            else if (kind === 'removeMany' && at < many.length) twin.remove(many[at]);
            else if (kind === 'moveMany' && at < many.length) twin.move(many[at], at % 3 === 0 ? 0 : category);
            else if (kind === 'rerankMany' && at < many.length) twin.rerank(many[at], at % 3 === 0 ? rank : at % 17);
          }
          twin.checkCounts();
        }
        twin.checkWalks([0b11111, 0b00001, 0b10110], ['', nameOf(5000), '\xff']);
        const left: Member[] = [];
        for (let id = twin.index.best(); id !== 0; id = twin.index.best()) {
          left.push(twin.members.get(id)!);
          twin.move(twin.members.get(id)!, 1);
        }
        const ordered = left.toSorted((a, b) => b.rank - a.rank || compareBytes(a.name, b.name));
        expect(left.map(({ id }) => id)).toEqual(ordered.map(({ id }) => id));
        for (const member of twin.sorted()) twin.remove(member);
        twin.checkCounts();
        twin.insert('again', 0, 1);
        twin.checkCounts();
      }),
      { numRuns: 40 },
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

  it('refuses names that are taken and members that are not there', () => {
    const twin = new Twin(1, 0);
    for (const name of ['a', 'b', 'c']) twin.insert(name, 0, 0);
    for (const name of ['a', 'b', 'c'])
      expect(() => twin.index.insert(1, name)).toThrow('the name is in the ordered index already');
    twin.index.remove(2);
    expect(() => twin.index.remove(2)).toThrow('no member 2');
  });
});
