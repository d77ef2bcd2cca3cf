import fc from 'fast-check';
import {
  ByteString,
  CborMap,
  type CborValue,
  encode,
  Float,
  Simple,
  Tagged,
  Tuple,
  Uuid,
} from '../../src/cbor/index.js';

const latin1 = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).latin1Slice());

const float: fc.Arbitrary<Float> = fc.oneof(
  fc.double({ noNaN: true }).map((value) => new Float(value)),
  fc.float({ noNaN: true }).map((value) => new Float(value, 4)),
  fc.integer({ min: 0, max: 0xffff }).map((bits) => {
    const bytes = Buffer.from([0xf9, bits >> 8, bits & 0xff]);
    return new Float(float16(bytes), 2);
  }),
);

/** Half precision by its definition, independent of the code under test. NaN becomes 0: its bits need not survive. */
function float16(bytes: Buffer): number {
  const bits = bytes.readUInt16BE(1);
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction ? 0 : sign * Infinity;
  return exponent === 0 ? (sign * fraction) / 2 ** 24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const leaf: fc.Arbitrary<CborValue> = fc.oneof(
  fc.constantFrom<CborValue>(null, undefined, true, false),
  fc.maxSafeInteger().map((n) => n + 0),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
  fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => text.isWellFormed()),
  fc.constantFrom('__proto__', 'constructor', 'toString', ''),
  latin1.map((binary) => new ByteString(binary)),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => new Uuid(Buffer.from(bytes).latin1Slice())),
  fc.oneof(fc.integer({ min: 0, max: 19 }), fc.integer({ min: 32, max: 255 })).map((code) => new Simple(code)),
  float,
);

/** Tags whose content the decoder gives no type of its own. */
const plainTag = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 40 }).filter((tag) => tag !== 37 && tag !== 128),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
);

/** Any value that decoding can give. */
export const cborValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.array(tie('value'), { maxLength: 6 }).map((items) => new Tuple(items)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 6 }).map((entries) => new CborMap(entries)),
    fc.tuple(plainTag, tie('value')).map(([tag, value]) => new Tagged(tag, value)),
  ),
})).value;

const width = fc.constantFrom(0, 1, 2, 4, 8);
const printable = fc.string({ maxLength: 30 }).map((text) => Buffer.from(text));

/** Any well-formed item in encoded form: lengths in any width, strings and containers of indefinite length too. */
export const wellFormed: fc.Arbitrary<Buffer> = fc.letrec<{ item: Buffer }>((tie) => {
  const string = (major: number) =>
    fc.tuple(width, printable).map(([w, text]) => Buffer.concat([head(major, text.length, w), text]));
  const items = fc.array(tie('item'), { maxLength: 5 });
  const entries = fc.array(
    fc.tuple(tie('item'), tie('item')).map((entry) => Buffer.concat(entry)),
    { maxLength: 5 },
  );
  return {
    item: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      leaf.map((value) => encode(value)),
      fc.tuple(fc.constantFrom(0, 1), fc.nat(1000), width).map(([major, n, w]) => head(major, n, w)),
      string(2),
      string(3),
      fc.array(string(2), { maxLength: 4 }).map((chunks) => indefinite(2, chunks)),
      fc.array(string(3), { maxLength: 4 }).map((chunks) => indefinite(3, chunks)),
      fc.tuple(width, items).map(([w, all]) => Buffer.concat([head(4, all.length, w), ...all])),
      items.map((all) => indefinite(4, all)),
      fc.tuple(width, entries).map(([w, all]) => Buffer.concat([head(5, all.length, w), ...all])),
      entries.map((all) => indefinite(5, all)),
      fc.tuple(fc.nat(300), width, tie('item')).map(([tag, w, item]) => Buffer.concat([head(6, tag, w), item])),
      tie('item').map((item) => frame(item)),
    ),
  };
}).item;

/** Bytes that look like CBOR and mostly are not: mutated, truncated and spliced items, and plain noise. */
export const hostile: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(wellFormed, fc.nat(), fc.nat(255)).map(([item, at, byte]) => {
    const mutated = Buffer.from(item);
    mutated[at % mutated.length] = byte;
    return mutated;
  }),
  fc.tuple(wellFormed, fc.nat()).map(([item, at]) => item.subarray(0, at % item.length)),
  fc.tuple(wellFormed, wellFormed, fc.nat()).map(([a, b, at]) => Buffer.concat([a.subarray(0, at % a.length), b])),
  fc
    .tuple(fc.constantFrom(0x81, 0x9f, 0xa1, 0xbf, 0xc1, 0xd8, 0x5f, 0x7f), fc.integer({ min: 1, max: 100_000 }))
    .map(([byte, count]) => Buffer.alloc(count, byte)),
  fc.tuple(fc.constantFrom(2, 3, 4, 5), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map(([major, length]) => {
    const bytes = Buffer.alloc(12);
    bytes[0] = (major << 5) | 27;
    bytes.writeBigUInt64BE(length, 1);
    return bytes;
  }),
);

/** Tag 24 around a byte string that holds the item. */
export function frame(item: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xd8, 0x18]), head(2, item.length, 0), item]);
}

function indefinite(major: number, parts: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([(major << 5) | 31]), ...parts, Buffer.from([0xff])]);
}

/** A head whose argument takes `bytes` bytes, or as many as it needs. */
function head(major: number, argument: number, bytes: number): Buffer {
  const needed = argument < 24 ? 0 : argument < 256 ? 1 : argument < 65536 ? 2 : 4;
  const size = Math.max(bytes, needed);
  const encoded = Buffer.alloc(1 + size);
  encoded[0] = (major << 5) | (size === 0 ? argument : 24 + Math.log2(size));
  if (size > 4) encoded.writeBigUInt64BE(BigInt(argument), 1);
  else if (size > 0) encoded.writeUIntBE(argument, 1, size);
  return encoded;
}
