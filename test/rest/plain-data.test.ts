import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ByteString,
  CborMap,
  type CborValue,
  encode,
  Float,
  isMap,
  Simple,
  Tagged,
  Tuple,
  Uuid,
} from '../../src/cbor/index.js';
import { dataJson, readData } from '../../src/rest/json/data.js';
import { dataPieces } from '../../src/rest/json/large-data.js';
import { plainPieces } from '../../src/rest/json/large-plain-data.js';
import { JsonReader } from '../../src/rest/json/json-reader.js';
import { cborValue, wellFormed } from '../cbor/arbitraries.js';
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
const plain = (data: Uint8Array): string => dataJson(data, 'json');
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

/** Values of keys that are like those that spell something out. */
const spelling = fc.constantFrom('$bytes', '$map', '$tuple', '$cbor', '$int', '$', '$$', '$oid', 'a', '__proto__');
const likeSpellings = fc
  .array(fc.tuple(spelling, fc.oneof(cborValue, fc.constantFrom<CborValue>('AA==', [], true, '1'))), { maxLength: 2 })
  .map((entries) => new CborMap(entries));

describe('data as plain JSON', () => {
  it('come back the same to the byte, however they were encoded', () => {
    fc.assert(
      fc.property(wellFormed, (item) => {
        const data = isMap(item) ? item : Buffer.concat([Buffer.from('a16178', 'hex'), item]);
        const json = plain(data);
        expect(json[0]).toBe('{');
        expect(hex(read(json))).toBe(hex(data));
      }),
    );
    fc.assert(
      fc.property(likeSpellings, (value) => {
        const data = encode(value);
        expect(hex(read(plain(data)))).toBe(hex(data));
      }),
    );
  });

  it('are the same in pieces as in one', () => {
    const property = fc.property(
      fc.oneof(
        wellFormed,
        likeSpellings.map((value) => encode(value)),
      ),
      (item) => {
        const data = isMap(item) ? item : Buffer.concat([Buffer.from('a16178', 'hex'), item]);
        expect([...plainPieces(data)].join('')).toBe(plain(data));
      },
    );
    fc.assert(property, { numRuns: sized(500, 80) });
  });

  const many = Array.from({ length: 20_000 }, (_, i): [CborValue, CborValue] => [`key ${i}`, [i, new Tuple([null])]]);
  const text = 'ä€𝄞 "\\\n'.repeat(20_000);
  let deep: CborValue = 1;
  for (let level = 0; level < 400; level++) deep = level % 3 === 0 ? new CborMap([[level, deep]]) : [deep];
  it.each<[string, Buffer]>([
    ['very many entries', map(...many)],
    ['one key twice among very many', map(...many, ['key 7', 1])],
    ['a key that is no text', map(...many, [new ByteString('key 7'), 1])],
    ['a key that is a map', map([new CborMap([[1, 2]]), 1], ['a', new CborMap([['$int', 1]])])],
    ['a long text', map(['text', text], ['after', true])],
    ['long bytes that are UTF-8', map(['bytes', ByteString.ofText(text)])],
    ['long bytes that are not', map(['bytes', new ByteString('\xff'.repeat(200_000))])],
    ['deep nesting', map(['deep', deep])],
    ['very many items of unknown length', Buffer.from(`a161619f${'01'.repeat(200_000)}ff`, 'hex')],
    ['a long text that is none', Buffer.from(`a161617a00010000${'ff'.repeat(65_536)}`, 'hex')],
  ])('are the same of %s, and no piece is large', (_, data) => {
    const pieces = [...plainPieces(data)];
    expect(pieces.join('')).toBe(plain(data));
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(100_000);
    expect(hex(read(pieces.join('')))).toBe(hex(data));
  });

  it.each<[string, CborValue, string]>([
    ['bytes', new ByteString('\u0000\u00ff'), '{"$bytes":"AP8="}'],
    ['bytes that are text', ByteString.ofText('é'), '{"$utf8":"é"}'],
    ['a tuple', new Tuple([1, new Tuple(['a'])]), '{"$tuple":[1,{"$tuple":["a"]}]}'],
    ['a UUID', new Uuid('\u0001'.repeat(16)), '{"$uuid":"01010101-0101-0101-0101-010101010101"}'],
    ['a large integer', 2n ** 64n - 1n, '{"$int":"18446744073709551615"}'],
    ['a small integer', -(2n ** 53n), '{"$int":"-9007199254740992"}'],
    ['the largest that JSON says', 2 ** 53 - 1, '9007199254740991'],
    ['a whole float', new Float(10), '10.0'],
    ['not a number', new Float(NaN), '{"$float":"NaN"}'],
    ['infinity', new Float(-Infinity), '{"$float":"-Infinity"}'],
    ['minus zero', new Float(-0), '{"$float":"-0.0"}'],
    ['a short float', new Float(1.5, 4), '{"$float32":1.5}'],
    ['a shorter float', new Float(NaN, 2), '{"$float16":"NaN"}'],
    ['a tag', new Tagged(1, 1700000000), '{"$tag":[1,1700000000]}'],
    ['undefined', undefined, '{"$undefined":true}'],
    ['a simple value', new Simple(99), '{"$simple":99}'],
    [
      'keys that are no text',
      new CborMap([
        [1, 2],
        [ByteString.ofText('k'), 3],
      ]),
      '{"$map":[[1,2],[{"$utf8":"k"},3]]}',
    ],
    [
      'the same key twice',
      new CborMap([
        ['a', 2],
        ['a', 3],
      ]),
      '{"$map":[["a",2],["a",3]]}',
    ],
    ['a key that would spell something', new CborMap([['$bytes', 1]]), '{"$map":[["$bytes",1]]}'],
    ['a key that would not', new CborMap([['$oid', '5f']]), '{"$oid":"5f"}'],
    [
      'two keys of which one would',
      new CborMap([
        ['$bytes', 1],
        ['a', 2],
      ]),
      '{"$bytes":1,"a":2}',
    ],
  ])('spell out %s', (_, value, json) => {
    expect(plain(map(['x', value]))).toBe(`{"x":${json}}`);
    expect(hex(read(`{"x":${json}}`))).toBe(hex(map(['x', value])));
  });

  it('have what is encoded otherwise than it would be here as it is', () => {
    expect(plain(Buffer.from('a1617818ff', 'hex'))).toBe('{"x":255}');
    expect(plain(Buffer.from('a161781801', 'hex'))).toBe('{"x":{"$cbor":"GAE="}}');
    expect(plain(Buffer.from('a161789f01ff', 'hex'))).toBe('{"x":{"$cbor":"nwH/"}}');
    expect(plain(Buffer.from('bf617801ff', 'hex'))).toBe('{"$cbor":"v2F4Af8="}');
  });

  it('may be nested as deep as any', () => {
    let value: CborValue = 1;
    for (let depth = 0; depth < 500; depth++) value = depth % 2 ? new Tuple([value]) : new CborMap([[depth, value]]);
    const data = map(['x', value]);
    expect(hex(read(plain(data)))).toBe(hex(data));
  });

  it.each([
    ['{"x":{"$bytes":"A"}}', 'has a $bytes that is not base64'],
    ['{"x":{"$bytes":5}}', 'has a $bytes that is not a string'],
    ['{"x":{"$uuid":"x"}}', 'has a $uuid that is not a UUID'],
    ['{"x":{"$tuple":{}}}', 'has a $tuple that is not a list'],
    ['{"x":{"$int":"1.5"}}', 'has a $int that is not an integer in digits'],
    ['{"x":{"$int":"18446744073709551616"}}', 'has a $int that is not of 64 bits'],
    ['{"x":{"$float":"x"}}', 'has a $float that is not a number, NaN, Infinity, -Infinity or -0.0'],
    ['{"x":{"$tag":[-1,2]}}', 'has a $tag that is not a list of a number and a value'],
    ['{"x":{"$map":[[1]]}}', 'has a $map that is not a list of pairs of key and value'],
    ['{"x":{"$simple":20}}', 'has a $simple that is not a code below 20 or from 32 to 255'],
    ['{"x":{"$cbor":"AAA="}}', 'has a $cbor that is not base64 of one item of CBOR'],
    ['{"$tuple":[]}', 'must be a dictionary'],
  ])('are refused when a spelling makes no sense: %s', (json, reason) => {
    expect(() => read(json)).toThrow(reason);
  });

  it('that look like a spelling are base64 where nobody asked for plain JSON', () => {
    const data = map(['x', new CborMap([['$bytes', 'AA==']])]);
    expect(dataJson(data)).toBe(`"${data.toString('base64')}"`);
    expect([...dataPieces(data)].join('')).toBe(dataJson(data));
  });
});
