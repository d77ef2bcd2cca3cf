import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordTable } from '../../../../src/storage/memory/structures/record-table.js';

interface Row {
  floats: number[];
  ints: number[];
}

const layouts = fc.record({ floats: fc.nat(4), ints: fc.nat(7) });
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('allocate', 'allocate', 'set', 'free'),
    pick: fc.nat(),
    float: fc.double(),
    int: fc.maxSafeInteger(),
  }),
  { maxLength: 400 },
);

function readAll(table: RecordTable, row: Row, id: number): Row {
  return {
    floats: row.floats.map((_, field) => table.getFloat(id, field)),
    ints: row.ints.map((_, field) => table.getInt(id, field)),
  };
}

describe('RecordTable', () => {
  it('does what a map of rows does', () => {
    fc.assert(
      fc.property(layouts, steps, ({ floats, ints }, sequence) => {
        const table = new RecordTable({ floats, ints, initial: 2 });
        const rows = new Map<number, Row>();
        for (const { kind, pick, float, int } of sequence) {
          const ids = [...rows.keys()];
          const id = ids[pick % Math.max(ids.length, 1)];
          if (kind === 'allocate') {
            const fresh = table.allocate();
            const row = { floats: Array<number>(floats).fill(0), ints: Array<number>(ints).fill(0) };
            expect(fresh).toBeGreaterThanOrEqual(1);
            expect(rows.has(fresh)).toBe(false);
            expect(readAll(table, row, fresh)).toEqual(row);
            rows.set(fresh, row);
          } else if (id !== undefined && kind === 'free') {
            table.free(id);
            rows.delete(id);
          } else if (id !== undefined) {
            for (let field = 0; field < floats; field++) {
              table.setFloat(id, field, float + field);
              rows.get(id)!.floats[field] = float + field;
            }
            for (let field = 0; field < ints; field++) {
              table.setInt(id, field, (int + field) | 0);
              rows.get(id)!.ints[field] = (int + field) | 0;
            }
          }
          expect(table.size).toBe(rows.size);
        }
        for (const [id, row] of rows) expect(readAll(table, row, id)).toEqual(row);
      }),
    );
  });

  it('keeps records apart across the growth of the first chunk and in further chunks', () => {
    const table = new RecordTable({ floats: 1, ints: 2 });
    const ids = Array.from({ length: 20_000 }, () => table.allocate());
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      table.setFloat(id, 0, id + 0.5);
      table.setInt(id, 0, id);
      table.setInt(id, 1, -id);
    }
    const wrong = ids.filter(
      (id) => table.getFloat(id, 0) !== id + 0.5 || table.getInt(id, 0) !== id || table.getInt(id, 1) !== -id,
    );
    expect(wrong).toEqual([]);
  });

  it('uses the ids of freed records again', () => {
    const table = new RecordTable({ floats: 0, ints: 1 });
    const ids = Array.from({ length: 1000 }, () => table.allocate());
    for (const id of ids) table.free(id);
    expect(table.size).toBe(0);
    expect(new Set(Array.from({ length: 1000 }, () => table.allocate()))).toEqual(new Set(ids));
  });

  it('wraps ints to 32 bits, signed', () => {
    const table = new RecordTable({ floats: 0, ints: 1 });
    const id = table.allocate();
    table.setInt(id, 0, 0xfffffff0);
    expect(table.getInt(id, 0)).toBe(-16);
    expect(table.getInt(id, 0) >>> 0).toBe(0xfffffff0);
  });
});
