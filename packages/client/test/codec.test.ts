import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, DecodeError, encode, EncodeError, plain, RawCbor, Tagged, Tuple, Uuid } from 'coordinate-client';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

/** Whatever can be sent and comes back as it went. */
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.bigInt().filter((n) => n > 2n ** 53n || n < -(2n ** 53n)),
    fc.string({ unit: 'binary' }),
    fc.uint8Array(),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => new Uuid(bytes)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Tuple(items)),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: false }).map(withoutPrototype),
    fc
      .array(fc.tuple(fc.oneof(fc.integer(), fc.uint8Array()), tie('value')), { minLength: 1, maxLength: 4 })
      .map((entries) => new Map(entries)),
    tie('value').map((value) => new Tagged(4711, value)),
  ),
})).value;

function withoutPrototype(object: object): object {
  return Object.assign(Object.create(null) as object, object);
}

describe('CBOR of the client', () => {
  it.each(['f94000', 'fa40000000', 'fb4000000000000000'])(
    'reads the float %s, which is whole, as a number',
    (float) => {
      expect(decode(unhex(float))).toBe(2);
      // It goes back as the integer that JavaScript has for it, but for what is passed on as it was.
      expect(hex(encode([decode(unhex(float)), new RawCbor(unhex(float))]))).toBe(`8202${float}`);
    },
  );

  it('gives back whatever can be sent', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(encode(value))).toEqual(Object.is(value, -0) ? -0 : value);
      }),
    );
  });

  it.each([
    [0, '00'],
    [-1, '20'],
    [24, '1818'],
    [256, '190100'],
    [65536, '1a00010000'],
    [2 ** 32, '1b0000000100000000'],
    [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
    [2 ** 53, 'fb4340000000000000'],
    [-0, 'fb8000000000000000'],
    [2n ** 64n - 1n, '1bffffffffffffffff'],
    [-(2n ** 64n), '3bffffffffffffffff'],
    [2n ** 64n, 'c249010000000000000000'],
    [new Tuple(['a', 1]), 'd88082616101'],
    [new RawCbor(unhex('a0')), 'a0'],
    [{ a: undefined, b: [new RawCbor(unhex('d88080'))] }, 'a1616281d88080'],
  ])('%# is written right', (value, expected) => {
    expect(hex(encode(value))).toBe(expected);
  });

  it('takes __proto__ for a key like any other', () => {
    const decoded = decode(encode(new Map([['__proto__', 1]]))) as Record<string, unknown>;
    expect(Object.keys(decoded)).toEqual(['__proto__']);
    expect(hex(encode(decoded))).toBe('a1695f5f70726f746f5f5f01');
  });

  it('says what cannot be sent', () => {
    const within: unknown[] = [];
    within.push(within);
    expect(() => encode({ at: new Date() })).toThrow(new EncodeError('a Date cannot be sent'));
    expect(() => encode([() => 1])).toThrow(new EncodeError('a function cannot be sent'));
    expect(() => encode(within)).toThrow(EncodeError);
  });

  it('refuses bytes that are no CBOR, or are nested endlessly', () => {
    expect(() => decode(unhex('a2'))).toThrow(DecodeError);
    expect(() => decode(new Uint8Array(200_000).fill(0x81))).toThrow(DecodeError);
  });

  it('shows what Python 2 sends as text and arrays where somebody wants just that', () => {
    const sent = new Map<unknown, unknown>([
      [Buffer.from('name'), new Tuple([Buffer.from('é'), Uint8Array.of(0xff)])],
      [Buffer.from('__proto__'), 1],
    ]);
    const seen = plain(decode(encode(sent))) as Record<string, unknown>;
    expect(seen.name).toEqual(['é', Uint8Array.of(0xff)]);
    expect(Object.keys(seen)).toEqual(['name', '__proto__']);
  });

  it('writes UUIDs as people do', () => {
    const text = '01234567-89ab-cdef-0123-456789abcdef';
    expect(String(Uuid.parse(text))).toBe(text);
    expect(() => Uuid.parse('no')).toThrow(RangeError);
    expect(() => new Uuid(new Uint8Array(3))).toThrow(RangeError);
  });
});
