import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ByteString,
  CborError,
  CborMap,
  decodeValue,
  encode,
  isMap,
  mapEntries,
  mapEntry,
  withEntries,
} from '../../src/cbor/index.js';
import { cborValue } from './arbitraries.js';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('mapEntry', () => {
  it('finds what decoding the whole map finds', () => {
    const key = fc.oneof(
      fc.constantFrom('a', 'ü', ''),
      fc.constantFrom('a', 'ü', '').map((name) => ByteString.ofText(name)),
      cborValue,
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(key, cborValue)), fc.constantFrom('a', 'ü', ''), (entries, name) => {
        const map = new CborMap(entries);
        const found = mapEntry(encode(map), name);
        expect(found !== undefined).toBe(map.has(name));
        if (found) expect(decodeValue(found)).toStrictEqual(map.get(name));
      }),
    );
  });

  it('looks at the top level only, and skips keys that are no strings', () => {
    expect(mapEntry(bytes('a2 a1 61 61 01 02 80 03'), 'a')).toBeUndefined();
    expect(mapEntry(bytes('bf 80 00 41 61 81 07 ff'), 'a')?.toString('hex')).toBe('8107');
  });

  it('refuses what is no map', () => {
    expect(() => mapEntry(bytes('80'), 'a')).toThrow(CborError);
    expect(() => mapEntry(bytes('a2 61 61 01'), 'b')).toThrow(CborError);
  });
});

describe('mapEntries', () => {
  it('gives the encoded parts in order', () => {
    expect(
      [...mapEntries(bytes('a2 61 62 8101 41 61 f6'))].map(([k, v]) => [k.toString('hex'), v.toString('hex')]),
    ).toEqual([
      ['6162', '8101'],
      ['4161', 'f6'],
    ]);
  });
});

describe('withEntries', () => {
  it('replaces in place under keys of either type, adds at the end, leaves the rest to the byte', () => {
    const map = bytes('a4 61 61 01 41 61 02 61 62 fb3ff0000000000000 1801 1803');
    const changed = withEntries(map, [[new ByteString('a'), 9], ['c', null]]); // prettier-ignore
    expect(changed.toString('hex')).toBe('a4' + '616109' + '6162fb3ff0000000000000' + '18011803' + '6163f6');
  });
});

describe('isMap', () => {
  it('tells by the first byte', () => {
    expect([isMap(bytes('a0')), isMap(bytes('bfff')), isMap(bytes('80')), isMap(bytes(''))]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
