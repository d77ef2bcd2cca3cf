import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueHeap } from '../../../../src/storage/memory/structures/due-heap.js';
import { RecordTable } from '../../../../src/storage/memory/structures/record-table.js';
import { sortingByKeys } from '../../../../src/storage/memory/structures/sort-by-keys.js';
import { sized } from '../../../support/full-size.js';

function newHeap() {
  const dues = new Map<number, number>();
  const records = new RecordTable({ floats: 0, ints: 1 });
  const heap = new DueHeap(records, 0, (id) => dues.get(id)!);
  const positions = { get: (id: number) => records.getInt(id, 0) };
  const add = (id: number, due: number) => {
    while (records.size < id) records.allocate();
    dues.set(id, due);
    heap.add(id);
  };
  return { heap, dues, positions, add };
}

const moments = fc.oneof(
  fc.nat(20),
  fc.double({ noNaN: true }),
  fc.constantFrom(Infinity, -Infinity, 0, -0, -62135596800000000),
);

describe('sortingByKeys', () => {
  it('sorts as an array does, whatever the keys', () => {
    fc.assert(
      fc.property(fc.array(moments, { maxLength: 300 }), (keys) => {
        const sorting = sortingByKeys(Int32Array.from(keys.keys()), Float64Array.from(keys));
        let step = sorting.next();
        while (!step.done) step = sorting.next();
        const sorted = step.value;
        expect([...sorted].sort((a, b) => a - b)).toEqual([...keys.keys()]);
        for (let at = 1; at < sorted.length; at++) expect(keys[sorted[at - 1]] <= keys[sorted[at]]).toBe(true);
      }),
      { numRuns: sized(500, 80) },
    );
  });
});

describe('DueHeap', () => {
  const steps = fc.array(
    fc.record({ kind: fc.constantFrom('add', 'add', 'add', 'remove', 'change', 'take'), pick: fc.nat(), due: moments }),
    { maxLength: 300 },
  );

  it('does what a sorted map does', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const { heap, dues, positions, add } = newHeap();
        const model = new Map<number, number>();
        let nextId = 1;
        for (const { kind, pick, due } of sequence) {
          const ids = [...model.keys()];
          const id = ids[pick % Math.max(ids.length, 1)];
          if (kind === 'add') {
            add(nextId, due);
            model.set(nextId++, due);
          } else if (kind === 'take') {
            const taken: number[] = [];
            const count = heap.takeDue(due, (member) => taken.push(member));
            const expected = [...model].filter(([, moment]) => moment <= due);
            expect(count).toBe(expected.length);
            expect(new Set(taken)).toEqual(new Set(expected.map(([member]) => member)));
            for (let at = 1; at < taken.length; at++)
              expect(dues.get(taken[at - 1])! <= dues.get(taken[at])!).toBe(true);
            for (const member of taken) {
              expect(positions.get(member)).toBe(0);
              model.delete(member);
            }
          } else if (id !== undefined && kind === 'remove') {
            heap.remove(id);
            expect(positions.get(id)).toBe(0);
            model.delete(id);
          } else if (id !== undefined) {
            dues.set(id, due);
            heap.changed(id);
            model.set(id, due);
          }
          expect(heap.size).toBe(model.size);
          expect(heap.earliest() === Math.min(...model.values())).toBe(true);
          const places = [...model.keys()].map((member) => positions.get(member));
          expect(new Set(places).size).toBe(model.size);
          expect(places.every((place) => place > 0)).toBe(true);
        }
        const rest: number[] = [];
        heap.takeDue(Infinity, (member) => rest.push(member));
        expect(rest.length).toBe(model.size);
        expect(heap.earliest()).toBe(Infinity);
      }),
      { numRuns: sized(500, 80) },
    );
  });

  it('takes a great many at once and leaves the rest in order', () => {
    const { heap, dues, add } = newHeap();
    const dueAt = (id: number) => (id * 7919) % 30_011;
    for (let id = 1; id <= 30_000; id++) add(id, dueAt(id));
    for (const now of [9_999, 10_000, 25_000, 30_011]) {
      const taken: number[] = [];
      heap.takeDue(now, (id) => taken.push(dues.get(id)!));
      expect(taken).toEqual(taken.toSorted((a, b) => a - b));
      expect(taken.every((due) => due <= now)).toBe(true);
      expect(heap.earliest()).toBeGreaterThan(now);
    }
    expect(heap.size).toBe(0);
  });

  it('lets a visit add members, and take away and put back those that wait for theirs', () => {
    const { heap, dues, add } = newHeap();
    for (let id = 1; id <= 5; id++) add(id, id);
    const visited: number[] = [];
    const count = heap.takeDue(10, (id) => {
      visited.push(id);
      if (id === 1) {
        add(6, 3);
        heap.remove(2);
        dues.set(3, 20);
        heap.changed(3);
        heap.remove(4);
        add(4, 4);
      }
    });
    expect(count).toBe(5);
    expect(visited).toEqual([1, 5]);
    expect(heap.size).toBe(3);
    const later: number[] = [];
    heap.takeDue(Infinity, (id) => later.push(id));
    expect(later).toEqual([6, 4, 3]);
  });

  it('keeps those not visited when a visit throws', () => {
    const { heap, add } = newHeap();
    for (let id = 1; id <= 100; id++) add(id, id);
    const visit = (id: number) => {
      if (id === 40) throw new Error('no more');
    };
    expect(() => heap.takeDue(90, visit)).toThrow('no more');
    expect(heap.size).toBe(60);
    expect(heap.earliest()).toBe(41);
  });

  it('is not touched by the removal of one that is not there', () => {
    const { heap, add } = newHeap();
    add(1, 1);
    heap.remove(2);
    expect(heap.size).toBe(1);
  });
});
