import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashName, NameIndex } from '../../../../src/storage/memory/structures/name-index.js';
import { names } from './names.js';

function newIndex(hash: (name: string) => number) {
  const nameOf = new Map<number, string>();
  const index = new NameIndex({
    hashOf: (id) => hash(nameOf.get(id)!),
    hasName: (id, name) => nameOf.get(id) === name,
  });
  return { index, nameOf, find: (name: string) => index.find(name, hash(name)) };
}

describe('hashName', () => {
  it('gives a signed 32-bit number that depends on every byte and on the length', () => {
    fc.assert(
      fc.property(names, (name) => {
        const hash = hashName(name);
        expect(hash).toBe(hash | 0);
        expect(hashName(`${name.slice(0, 3)}${name.slice(3)}`)).toBe(hash);
      }),
    );
    const alike = [
      '',
      '\0',
      '\0\0',
      '\0\0\0',
      '\0\0\0\0',
      '\0\0\0\0\0',
      'abcd',
      'abcde',
      'abcd\0',
      'bacd',
      'x'.repeat(255),
      'x'.repeat(256 + 255),
    ];
    expect(new Set(alike.map(hashName)).size).toBe(alike.length);
  });

  it('flips each bit of the hash with nearly every second flip of a bit of the name', () => {
    const flips = new Array<number>(32).fill(0);
    let trials = 0;
    for (let number = 0; number < 500; number++) {
      const name = `unit-${number}`;
      for (let bit = 0; bit < name.length * 8; bit++) {
        const at = bit >>> 3;
        const flipped =
          name.slice(0, at) + String.fromCharCode(name.charCodeAt(at) ^ (1 << (bit & 7))) + name.slice(at + 1);
        const difference = hashName(name) ^ hashName(flipped);
        for (let out = 0; out < 32; out++) flips[out] += (difference >>> out) & 1;
        trials++;
      }
    }
    for (const count of flips) expect(Math.abs(count / trials - 0.5)).toBeLessThan(0.03);
  });
});

describe('NameIndex', () => {
  const hashes: [string, (name: string) => number][] = [
    ['the hash of names', hashName],
    ['a hash with eight values', (name) => hashName(name) & 0xe0000000],
    ['one hash for all', () => 0x12345678],
  ];

  it.each(hashes)('does what a map does, by %s', (_, hash) => {
    fc.assert(
      fc.property(fc.array(names, { maxLength: 300 }), (sequence) => {
        const { index, nameOf, find } = newIndex(hash);
        const model = new Map<string, number>();
        let nextId = 1;
        for (const name of sequence) {
          const id = model.get(name);
          expect(find(name)).toBe(id ?? 0);
          if (id === undefined) {
            nameOf.set(nextId, name);
            index.insert(nextId);
            model.set(name, nextId++);
          } else {
            index.remove(id);
            nameOf.delete(id);
            model.delete(name);
          }
          expect(index.size).toBe(model.size);
        }
        for (const [name, id] of model) expect(find(name)).toBe(id);
      }),
    );
  });

  it.each(hashes)('grows, splits, shrinks and joins by %s', (_, hash) => {
    const { index, nameOf, find } = newIndex(hash);
    const count = hash === hashName ? 60_000 : 2_000;
    for (let id = 1; id <= count; id++) {
      nameOf.set(id, `unit-${id}`);
      index.insert(id);
    }
    const wrong = (from: number) => {
      let found = 0;
      for (let id = 1; id <= count; id++) if (find(`unit-${id}`) !== (id >= from ? id : 0)) found++;
      return found;
    };
    expect(wrong(1)).toBe(0);
    for (let id = 1; id <= count; id++) {
      index.remove(id);
      if (id % (count / 4) === 0) expect(wrong(id + 1)).toBe(0);
    }
    expect(index.size).toBe(0);
    for (let id = 1; id <= count; id++) index.insert(id);
    expect(wrong(1)).toBe(0);
  });

  it('empties one part after another', () => {
    const { index, nameOf, find } = newIndex(hashName);
    const count = 60_000;
    for (let id = 1; id <= count; id++) {
      nameOf.set(id, `unit-${id}`);
      index.insert(id);
    }
    // There are 64 segments, of 940 members. Of each four the first two are emptied but for some, then the third, then the
    // first two for good: that is when those two, joined, meet a sparse segment that is not the whole of their other half.
    const step = (id: number) => {
      const segment = hashName(nameOf.get(id)!) >>> 26;
      return (segment >>> 2) * 4 + ([id % 50 === 0 ? 2 : 0, id % 50 === 0 ? 2 : 0, 1, 3][segment & 3] ?? 0);
    };
    const ids = [...nameOf.keys()].sort((a, b) => step(a) - step(b));
    for (let gone = 0; gone < count; gone++) {
      index.remove(ids[gone]);
      if (gone % 6000 !== 0) continue;
      expect(ids.filter((id, at) => find(nameOf.get(id)!) !== (at > gone ? id : 0))).toEqual([]);
    }
    expect(index.size).toBe(0);
  });

  it('refuses to remove what is not there', () => {
    const { index, nameOf } = newIndex(hashName);
    nameOf.set(1, 'one');
    nameOf.set(2, 'two');
    index.insert(1);
    expect(() => index.remove(2)).toThrow('no member 2');
  });
});
