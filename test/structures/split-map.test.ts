import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SplitMap } from '../../src/structures/split-map.js';

describe('a map that is split', () => {
  it('holds what a Map holds, whatever comes and goes before and after it is split', () => {
    const split = new SplitMap<number>();
    const map = new Map<string, number>();
    for (let i = 0; i < 70_000; i++) {
      split.set(`key ${i}`, i);
      map.set(`key ${i}`, i);
    }
    fc.assert(
      fc.property(fc.nat(80_000), fc.nat(80_000), (set, deleted) => {
        expect(split.set(`key ${set}`, deleted)).toBe(!map.has(`key ${set}`));
        map.set(`key ${set}`, deleted);
        expect(split.delete(`key ${deleted}`)).toBe(map.delete(`key ${deleted}`));
        expect(split.get(`key ${set}`)).toBe(map.get(`key ${set}`));
        expect(split.size).toBe(map.size);
      }),
    );
    const entries = [...split.entries()];
    expect(entries.length).toBe(map.size);
    expect(entries.every(([key, value]) => map.get(key) === value)).toBe(true);
    expect([...split.values()].reduce((sum, value) => sum + value, 0)).toBe(
      [...map.values()].reduce((sum, value) => sum + value, 0),
    );
    expect([...map.keys()].filter((key) => !split.delete(key))).toEqual([]);
    expect([split.size, [...split.entries()]]).toEqual([0, []]);
  });
});
