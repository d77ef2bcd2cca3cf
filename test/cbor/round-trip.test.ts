import { decode as decodeByOther, Encoder } from 'cbor-x';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ByteString,
  CborMap,
  type CborValue,
  decodeValue,
  encode,
  Float,
  RawCbor,
  Tagged,
  Tuple,
  Uuid,
} from '../../src/cbor/index.js';
import { cborValue } from './arbitraries.js';
import { sized } from '../support/full-size.js';

const hex = (value: Parameters<typeof encode>[0]) => encode(value).toString('hex');
const unhex = (text: string) => decodeValue(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('decodeValue and encode', () => {
  it('are inverse for every value', () => {
    fc.assert(
      fc.property(cborValue, (value) => {
        const encoded = encode(value);
        expect(decodeValue(encoded)).toStrictEqual(value);
        expect(encode(decodeValue(encoded)).equals(encoded)).toBe(true);
      }),
      { numRuns: sized(2000, 150) },
    );
  });

  // Appendix A of RFC 8949.
  it.each([
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1000000],
    ['1b000000e8d4a51000', 1000000000000],
    ['1bffffffffffffffff', 18446744073709551615n],
    ['20', -1],
    ['3863', -100],
    ['3bffffffffffffffff', -18446744073709551616n],
    ['f90000', new Float(0, 2)],
    ['f98000', new Float(-0, 2)],
    ['f93c00', new Float(1, 2)],
    ['fb3ff199999999999a', new Float(1.1)],
    ['f97bff', new Float(65504, 2)],
    ['fa47c35000', new Float(100000, 4)],
    ['f90001', new Float(5.960464477539063e-8, 2)],
    ['f90400', new Float(0.00006103515625, 2)],
    ['f9c400', new Float(-4, 2)],
    ['f97c00', new Float(Infinity, 2)],
    ['f97e00', new Float(NaN, 2)],
    ['faff800000', new Float(-Infinity, 4)],
    ['f4', false],
    ['f6', null],
    ['f7', undefined],
    ['c11a514b67b0', new Tagged(1, 1363896240)],
    ['4401020304', new ByteString('\x01\x02\x03\x04')],
    ['6161', 'a'],
    ['62c3bc', 'ü'],
    ['64f0908591', '\u{10151}'],
    ['80', []],
    ['8301820203820405', [1, [2, 3], [4, 5]]],
    ['a201020304', new CborMap([[1, 2], [3, 4]])], // prettier-ignore
    ['d8808101', new Tuple([1])],
    ['d82550000102030405060708090a0b0c0d0e0f', Uuid.parse('00010203-0405-0607-0809-0a0b0c0d0e0f')],
  ] as [string, CborValue][])('%s', (encoded, value) => {
    expect(unhex(encoded)).toStrictEqual(value);
    expect(hex(value)).toBe(encoded);
  });

  it.each([
    ['5f 42 0102 43 030405 ff', new ByteString('\x01\x02\x03\x04\x05')],
    ['7f 65 7374726561 64 6d696e67 ff', 'streaming'],
    ['9f ff', []],
    ['9f 01 82 02 03 9f 04 05 ff ff', [1, [2, 3], [4, 5]]],
    ['bf 61 61 01 61 62 9f 02 03 ff ff', new CborMap([['a', 1], ['b', [2, 3]]])], // prettier-ignore
    ['18 01', 1],
    ['1b 0000000000000001', 1],
    ['d8 80 01', new Tagged(128, 1)],
    ['d8 25 41 00', new Tagged(37, new ByteString('\0'))],
  ] as [string, CborValue][])('reads %s, which is not how it would be written', (encoded, value) => {
    expect(unhex(encoded)).toStrictEqual(value);
  });

  it('agree with another implementation on plain values', () => {
    const other = new Encoder({ mapsAsObjects: true, useRecords: false, tagUint8Array: false });
    const plain = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.integer(),
        fc.constantFrom(true, false, null),
        fc.string(),
        fc.array(tie('value'), { maxLength: 5 }),
        fc.dictionary(fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'), tie('value'), { maxKeys: 5, noNullPrototype: true }), // prettier-ignore
      ),
    })).value;
    fc.assert(
      fc.property(plain, (value) => {
        expect(decodeByOther(encode(value as Parameters<typeof encode>[0]))).toEqual(value);
        const theirs = Buffer.from(other.encode(value));
        expect(decodeByOther(encode(decodeValue(theirs)))).toEqual(value);
      }),
    );
  });
});

describe('encode', () => {
  it('writes plain objects without their undefined properties', () => {
    expect(hex({ a: 1, b: undefined })).toBe('a1616101');
  });

  it('writes numbers that are no safe integers as floats of eight bytes', () => {
    expect(hex(1.5)).toBe('fb3ff8000000000000');
    expect(hex(2 ** 60)).toBe('fb43b0000000000000');
    expect(hex(-(2 ** 53 - 1))).toBe('3b001ffffffffffffe');
  });

  it('writes Maps and encoded items', () => {
    expect(hex(new Map([[new ByteString('k'), new RawCbor(Buffer.from('8101', 'hex'))]]))).toBe('a1416b8101');
  });

  it('refuses bytes that do not say what they are', () => {
    expect(() => encode(Buffer.from('x') as never)).toThrow(TypeError);
  });

  it('is usable after an error halfway', () => {
    expect(() => encode([1, Buffer.from('x') as never])).toThrow();
    expect(hex([2])).toBe('8102');
  });
});

describe('CborMap', () => {
  const map = decodeValue(Buffer.from('a441610163c3bc6202 6161 03 0104'.replaceAll(' ', ''), 'hex')) as CborMap;

  it('finds text and byte keys alike, the last of several', () => {
    expect(map.get('a')).toBe(3);
    expect(map.get('üb')).toBe(2);
    expect(new CborMap([[ByteString.ofText('ü'), 5]]).get('ü')).toBe(5);
    expect(map.get('b')).toBeUndefined();
    expect(map.has('b')).toBe(false);
    expect(map.size).toBe(4);
  });

  it('finds nothing that was not sent', () => {
    expect(map.get('__proto__')).toBeUndefined();
    const sent = decodeValue(encode(new CborMap([['__proto__', 1], ['constructor', 2]]))) as CborMap; // prettier-ignore
    expect([sent.get('__proto__'), sent.get('constructor')]).toEqual([1, 2]);
    expect(Object.getPrototypeOf(sent)).toBe(CborMap.prototype);
  });

  it('sets in place, a new key last', () => {
    const changed = new CborMap([[new ByteString('a'), 1]]).set('a', 2).set('b', 3);
    expect(changed.entries).toEqual([[new ByteString('a'), 2], ['b', 3]]); // prettier-ignore
  });
});

describe('ByteString', () => {
  it('knows the text it is the UTF-8 form of', () => {
    expect(ByteString.ofText('ü').binary).toBe('\xc3\xbc');
    expect(new ByteString('\xc3\xbc').toText()).toBe('ü');
    expect(new ByteString('\xff').toText()).toBeUndefined();
    expect(new ByteString('\xef\xbb\xbfa').toText()).toBe('\ufeffa');
  });
});

describe('Uuid', () => {
  it('has its usual form', () => {
    const text = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
    expect(Uuid.parse(text)?.toString()).toBe(text);
    expect(Uuid.parse('6ba7b810')).toBeUndefined();
  });
});
