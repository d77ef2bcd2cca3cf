import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CborReader, encode, NameTable, RawCbor } from '../../src/cbor/index.js';

const find = <T>(table: NameTable<T>, name: string) => {
  const bytes = Buffer.from(`<${name}>`);
  return table.find(bytes, 1, bytes.length - 1);
};

describe('NameTable', () => {
  it('finds what a Map finds', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 4 }).filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 40 }), fc.array(name), (names, others) => {
        const entries = names.map((each, index) => [each, index] as const);
        const table = new NameTable(entries);
        const map = new Map(entries);
        for (const each of [...names, ...others]) expect(find(table, each)).toBe(map.get(each));
      }),
    );
  });

  it('tells names of one hash apart', () => {
    // 31 × 'A' + 'a' = 31 × 'B' + 'B'
    const table = new NameTable([['Aa', 1], ['BB', 2]]); // prettier-ignore
    expect([find(table, 'Aa'), find(table, 'BB'), find(table, 'AaBB')]).toEqual([1, 2, undefined]);
  });

  it('finds nothing in an empty table, nor under the names of Object', () => {
    expect(find(new NameTable([]), '')).toBeUndefined();
    for (const name of ['constructor', '__proto__']) expect(find(new NameTable([['a', 1]]), name)).toBeUndefined();
  });

  it('serves a reader, which takes whatever it looks up', () => {
    const table = new NameTable([['né', 1]]);
    const items = [
      'né',
      new RawCbor(Buffer.from('436ec3a9', 'hex')),
      new RawCbor(Buffer.from('7f616e62c3a9ff', 'hex')),
    ];
    const reader = new CborReader(encode([...items, 'ne', 5, ['né'], null]));
    reader.enterArray();
    const found = Array.from({ length: 7 }, () => reader.lookUp(table));
    expect(found).toEqual([1, 1, 1, undefined, undefined, undefined, undefined]);
    expect(reader.atEnd).toBe(true);
  });
});
