import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteString, CborMap, type CborValue, encode, Float, Tuple } from '../../src/cbor/index.js';
import { dataJson } from '../../src/rest/json/data.js';
import { dataPieces } from '../../src/rest/json/large-data.js';
import { cborValue } from '../cbor/arbitraries.js';
import { sized } from '../support/full-size.js';

const map = (...entries: [CborValue, CborValue][]): Buffer => encode(new CborMap(entries));

describe('the JSON of large data in pieces', () => {
  it('is the same as in one', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cborValue, cborValue), { maxLength: 5 }), (entries) => {
        const data = map(...entries);
        expect([...dataPieces(data)].join('')).toBe(dataJson(data));
      }),
      { numRuns: sized(300, 60) },
    );
  });

  const many = Array.from({ length: 20_000 }, (_, i): [string, CborValue] => [`key ${i}`, [i, new Float(i / 3), null]]);
  const text = 'ä€𝄞 "\\\n'.repeat(20_000);

  it.each<[string, Buffer]>([
    ['very many entries', map(...many)],
    ['one key twice among very many', map(...many, ['key 7', 1])],
    ['one key twice, as text and as bytes', map(...many, [new ByteString('key 7'), 1])],
    ['a tuple at the end', map(...many, ['last', new Tuple([1])])],
    ['a long text', map(['text', text], ['after', true])],
    ['long bytes that are UTF-8', map(['bytes', ByteString.ofText(text)])],
    ['long bytes that are not', map(['bytes', new ByteString('\xff'.repeat(200_000))])],
    ['deep nesting', map(['deep', nested(400)])],
    [
      'a long text of unknown length',
      Buffer.from(`a16161 7f 7a00010000${'61'.repeat(65_536)} 6162 ff`.replaceAll(' ', ''), 'hex'),
    ],
    ['containers of unknown length', Buffer.from('bf61619f01820203ff6162bf616301ffff', 'hex')],
  ])('is the same of %s, and no piece is large', (_, data) => {
    const pieces = [...dataPieces(data)];
    expect(pieces.join('')).toBe(dataJson(data));
    // Escapes take six chars for one, and 256 items come before the first look.
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(6 * 32 * 1024);
  });

  function nested(levels: number): CborValue {
    let value: CborValue = 1;
    for (let i = 0; i < levels; i++) value = i % 2 ? [value] : new CborMap([['k', value]]);
    return value;
  }
});
