import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinkedList } from '../../../../src/storage/memory/structures/linked-list.js';

function newList() {
  const previous = new Map<number, number>();
  const next = new Map<number, number>();
  const list = new LinkedList({
    previousOf: (id) => previous.get(id) ?? 0,
    setPreviousOf: (id, other) => previous.set(id, other),
    nextOf: (id) => next.get(id) ?? 0,
    setNextOf: (id, other) => next.set(id, other),
  });
  const walk = (from: number, links: Map<number, number>) => {
    const ids: number[] = [];
    for (let id = from; id !== 0; id = links.get(id) ?? 0) ids.push(id);
    return ids;
  };
  return { list, forward: () => walk(list.head, next), backward: () => walk(list.tail, previous) };
}

describe('LinkedList', () => {
  it('does what an array does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 200 }), (ids) => {
        const { list, forward, backward } = newList();
        let model: number[] = [];
        for (const id of ids) {
          if (model.includes(id)) {
            list.remove(id);
            model = model.filter((other) => other !== id);
          } else {
            list.append(id);
            model.push(id);
          }
          expect(forward()).toEqual(model);
          expect(backward()).toEqual(model.toReversed());
          expect([list.head, list.tail, list.size]).toEqual([model[0] ?? 0, model.at(-1) ?? 0, model.length]);
        }
      }),
    );
  });
});
