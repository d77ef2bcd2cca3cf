import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Data } from 'coordinate-client';
import { decode, encode as encodeInClient, RawCbor } from 'coordinate-client';
import { dataInBody, DataReader } from '../../packages/client/src/data/forms.js';
import { nameInQuery, nameOfLink, pathPart } from '../../packages/client/src/names.js';
import { isMap } from '../../src/cbor/index.js';
import { dataJson, readData } from '../../src/rest/json/data.js';
import { JsonReader } from '../../src/rest/json/json-reader.js';
import { decodePathPart, encodeByteName } from '../../src/rest/names.js';
import { wellFormed } from '../cbor/arbitraries.js';

/** What the daemon keeps of data that a client sends. */
function received(data: Data | RawCbor): Buffer {
  const reader = JsonReader.of(Buffer.from(JSON.stringify(dataInBody(data))));
  const kept = readData(reader, 'data');
  reader.end();
  if (!kept) throw new Error(reader.problems[0].reason);
  return Buffer.from(kept);
}

/** What a client gets of data that the daemon has. */
function shown(data: Uint8Array, form: 'exact' | 'raw'): unknown {
  const json = dataJson(data, form === 'raw' ? 'cbor' : 'json');
  return new DataReader(form, json).read(JSON.parse(json));
}

const keys = fc.constantFrom('a', '$bytes', '$map', '$int', '__proto__', 'constructor', '', '1');
const sendable = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, -0, NaN, 2 ** 53, -(2 ** 60), 1e21, 1.5, 2n ** 64n - 1n, -(2n ** 64n)),
    fc.maxSafeInteger(),
    fc.double(),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 3 }),
    fc
      .array(fc.tuple(fc.uint8Array({ maxLength: 3 }), tie('value')), { minLength: 1, maxLength: 2 })
      .map((all) => new Map(all)),
  ),
})).value;

it('what a client sends is what the CBOR of it says, and comes back as it went', () => {
  fc.assert(
    fc.property(fc.dictionary(keys, sendable, { maxKeys: 3 }), (data) => {
      // JavaScript has no order of its own for keys that are numbers: what is compared is what it means.
      expect(decode(received(data))).toEqual(decode(encodeInClient(data)));
      expect(shown(received(data), 'exact')).toEqual(decode(encodeInClient(data)));
    }),
  );
});

it('whatever data a worker has stored, a client reads what its CBOR says, or has it to the byte', () => {
  fc.assert(
    fc.property(wellFormed, (item) => {
      const data = isMap(item) ? item : Buffer.concat([Buffer.from('a16178', 'hex'), item]);
      const raw = shown(data, 'raw') as RawCbor;
      expect(Buffer.from(raw.bytes)).toEqual(Buffer.from(data));
      expect(received(raw)).toEqual(Buffer.from(data));
      shown(data, 'exact');
    }),
  );
});

it('names stand in paths as the daemon spells them, and in queries as their bytes', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array(), fc.string({ unit: 'grapheme' }), fc.constantFrom('.', '..', '-', '', '-a')),
      (name) => {
        const bytes = Buffer.from(name as string);
        const spelt = pathPart(name);
        expect(spelt).toBe(encodeByteName(bytes.latin1Slice()));
        expect(decodePathPart(spelt)).toBe(bytes.latin1Slice());
        expect(Buffer.from(nameOfLink(`/a/${spelt}`) as string)).toEqual(bytes);
        const inQuery = nameInQuery(name).replace(/%([0-9a-f]{2})/gi, (_, pair: string) =>
          String.fromCharCode(parseInt(pair, 16)),
        );
        expect(inQuery).toBe(bytes.latin1Slice());
      },
    ),
  );
});
