import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinkedList } from '../../../../src/storage/memory/structures/linked-list.js';
import { RecordTable } from '../../../../src/storage/memory/structures/record-table.js';

const PREVIOUS = 0;
const NEXT = 1;

function newList() {
  const records = new RecordTable({ floats: 0, ints: 2 });
  for (let id = 1; id <= 12; id++) records.allocate();
  const list = new LinkedList(records, PREVIOUS, NEXT);
  const walk = (from: number, field: number) => {
    const ids: number[] = [];
    for (let id = from; id !== 0; id = records.getInt(id, field)) ids.push(id);
    return ids;
  };
  return { list, forward: () => walk(list.head, NEXT), backward: () => walk(list.tail, PREVIOUS) };
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
