import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ByteString,
  CborMap,
  type CborValue,
  decodeValue,
  encode,
  Float,
  Tagged,
  Tuple,
  Uuid,
} from '../../src/cbor/index.js';
import { dataJson, readData } from '../../src/rest/json/data.js';
import { JsonReader } from '../../src/rest/json/json-reader.js';
import { InvalidJsonValue } from '../../src/rest/json/json-values.js';
import { cborValue } from '../cbor/arbitraries.js';
import { sized } from '../support/full-size.js';

/** Reads a dictionary from JSON; what is wrong with it is thrown. */
function read(json: string): Uint8Array {
  const reader = JsonReader.of(Buffer.from(json));
  const data = readData(reader, 'data');
  reader.end();
  if (!data) throw new Error(reader.problems[0].reason);
  return data;
}

const map = (...entries: [CborValue, CborValue][]): Buffer => encode(new CborMap(entries));

/** What two dictionaries must agree in: JSON has one kind of string, and one size of float. */
function comparable(value: CborValue): CborValue {
  if (value instanceof ByteString) return value.toText() ?? value;
  if (value instanceof Float) return new Float(value.value);
  if (Array.isArray(value)) return value.map(comparable);
  if (!(value instanceof CborMap)) return value;
  return new CborMap(value.entries.map(([key, member]) => [comparable(key), comparable(member)]));
}

describe('data from CBOR', () => {
  it('survive JSON, as an object or as base64', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cborValue, cborValue), { maxLength: 5 }), (entries) => {
        const data = map(...entries);
        const json = dataJson(data);
        const back = read(json);
        if (json.startsWith('"')) expect(Buffer.compare(back, data)).toBe(0);
        else expect(decodeValue(back)).toEqual(comparable(decodeValue(data)));
      }),
      { numRuns: sized(800, 100) },
    );
  });

  it.each<[string, CborValue]>([
    ['a tuple', new Tuple([1])],
    ['a UUID', new Uuid('0123456789abcdef')],
    ['bytes that are not UTF-8', new ByteString('\xff')],
    ['NaN', new Float(NaN)],
    ['infinity', new Float(-Infinity)],
    ['negative zero', new Float(-0)],
    ['an integer past 2^53', 2n ** 53n + 1n],
    ['an integer past -2^53', -(2n ** 53n) - 1n],
    ['an unknown tag', new Tagged(1, 0)],
    ['undefined', undefined],
    ['a key that is no string', new CborMap([[1, 2]])],
    [
      'a key as text and as bytes',
      new CborMap([
        ['a', 1],
        [new ByteString('a'), 2],
      ]),
    ],
  ])('are base64 where they have %s', (_, value) => {
    const data = map(['x', [value]]);
    expect(dataJson(data)).toBe(`"${data.toString('base64')}"`);
  });

  it.each<[CborValue, string]>([
    [new ByteString('caf\xc3\xa9'), '"café"'],
    [2n ** 53n, '9007199254740992'],
    [new Float(10), '10.0'],
    [new Float(1e21), '1e+21'],
    [new Float(0.1), '0.1'],
    [new Float(1e20), '100000000000000000000.0'],
    [new Float(0.5, 2), '0.5'],
    [null, 'null'],
    ['\u2028"\\\n', JSON.stringify('\u2028"\\\n')],
    [[], '[]'],
    [new CborMap([['__proto__', new CborMap([['__proto__', 1]])]]), '{"__proto__":{"__proto__":1}}'],
  ])('show %o as %s', (value, json) => {
    expect(dataJson(map([new ByteString('k'), value]))).toBe(`{"k":${json}}`);
  });
});

describe('data from JSON', () => {
  const member = (json: string): CborValue => (decodeValue(read(`{"k":${json}}`)) as CborMap).get('k');

  it.each<[string, CborValue]>([
    ['10', 10],
    ['10.0', new Float(10)],
    ['1e1', new Float(10)],
    ['-0', 0],
    ['-0.0', new Float(-0)],
    ['9007199254740993', 9007199254740993n],
    ['18446744073709551615', 2n ** 64n - 1n],
    ['-18446744073709551616', -(2n ** 64n)],
    ['18446744073709551616', new Tagged(2, new ByteString('\x01\0\0\0\0\0\0\0\0'))],
    ['-18446744073709551617', new Tagged(3, new ByteString('\x01\0\0\0\0\0\0\0\0'))],
    ['"\\u00e9\\ud83d\\ude00\\/"', 'é😀/'],
    ['[ ]', []],
    ['{ }', new CborMap()],
  ])('take %s for what it says', (json, value) => {
    expect(member(json)).toEqual(value);
  });

  it('keep what JSON.parse would read, key by key', () => {
    const ordinary = fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text) as unknown);
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), ordinary), (object) => {
        const text = JSON.stringify(object);
        // What CBOR says in another way: lone surrogates not at all, integers past 2^53 in base64.
        fc.pre(!/\\ud[89a-f]/i.test(text) && !/\d{16}/.test(text));
        expect(JSON.parse(dataJson(read(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('let the last of equal keys count', () => {
    expect(dataJson(read('{"a":1,"b":2,"a":3}'))).toBe('{"a":3,"b":2}');
  });

  it.each([
    ['[]', 'must be an object or base64 of CBOR, not a list'],
    ['3', 'must be an object or base64 of CBOR, not a number'],
    ['"%%"', 'is not base64'],
    ['"oA"', 'is not base64'],
    ['""', 'is not CBOR'],
    ['"AA=="', 'must be a dictionary'],
    ['"oKA="', 'has something after the CBOR'],
  ])('refuse %s', (json, reason) => {
    expect(() => read(json)).toThrow(reason);
  });

  it.each(['{"k":1e999}', '{"k":"\\ud800"}', '{"\\udc00":1}'])('refuse %s, which CBOR cannot say', (json) => {
    expect(() => read(json)).toThrow(InvalidJsonValue);
  });

  it.each([
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":"\n"}',
    '{"a":"\\x"}',
    '{} {}',
    '{"a":tru}',
  ])('refuse %j, which is not JSON', (json) => {
    expect(() => read(json)).toThrow('not JSON');
    expect(() => JSON.parse(json) as unknown).toThrow();
  });

  it('refuse nesting without end', () => {
    expect(() => read(`{"a":${'['.repeat(100_000)}`)).toThrow('nested deeper');
  });

  it('take base64 whose slashes are escaped', () => {
    const data = encode(new CborMap([[new ByteString('\xff\xff\xff'), new ByteString('\xff'.repeat(9))]]));
    expect(Buffer.compare(read(`"${data.toString('base64').replaceAll('/', '\\/')}"`), data)).toBe(0);
  });
});
