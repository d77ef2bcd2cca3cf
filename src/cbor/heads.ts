import { CborError } from './errors.js';

/** Major types: the upper three bits of an item's first byte. */
export const Major = {
  Unsigned: 0,
  Negative: 1,
  Bytes: 2,
  Text: 3,
  Array: 4,
  Map: 5,
  Tag: 6,
  /** Booleans, null, undefined, other simple values, floats, and the break that ends an indefinite length. */
  Simple: 7,
} as const;
export type MajorType = (typeof Major)[keyof typeof Major];

/** Lower five bits of an item's first byte; below 24 they are the argument itself. */
export const Info = { OneByte: 24, TwoBytes: 25, FourBytes: 26, EightBytes: 27, Indefinite: 31 } as const;

/** First bytes that stand alone. */
export const Byte = { False: 0xf4, True: 0xf5, Null: 0xf6, Undefined: 0xf7, Break: 0xff, EmptyMap: 0xa0 } as const;

export const Tag = {
  /** A byte string that holds an encoded item. */
  EncodedCbor: 24,
  /** Sixteen bytes. */
  Uuid: 37,
  /** A list that Python had as a tuple. */
  Tuple: 128,
} as const;

/** So many arrays and maps may be nested, and so many tags stand on one another: a tag on a list is no level of its own. */
export const MAX_DEPTH = 512;

/** Number of bytes that follow the first byte for the argument, by the lower five bits; -1: not well-formed. */
export const ARGUMENT_BYTES: readonly number[] = Array.from({ length: 32 }, (_, info) =>
  info < 24 || info === Info.Indefinite ? 0 : info <= Info.EightBytes ? 1 << (info - 24) : -1,
);

const TWO_TO_32 = 2 ** 32;

/**
 * The argument of the head at `offset`, whose bytes are all there. Exact up to 2^53, the nearest double above, which is
 * enough for a length: it is refused anyway.
 */
export function argumentAt(bytes: Uint8Array, offset: number): number {
  const info = bytes[offset] & 31;
  if (info < 24) return info;
  if (info === Info.OneByte) return bytes[offset + 1];
  if (info === Info.TwoBytes) return (bytes[offset + 1] << 8) | bytes[offset + 2];
  const high = uint32At(bytes, offset + 1);
  return info === Info.FourBytes ? high : high * TWO_TO_32 + uint32At(bytes, offset + 5);
}

export function uint32At(bytes: Uint8Array, offset: number): number {
  return bytes[offset] * 0x1000000 + ((bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3]);
}

export function badHead(byte: number, offset: number): CborError {
  if (byte === Byte.Break) return new CborError('malformed', 'break outside an indefinite-length item', offset);
  return new CborError('malformed', `0x${byte.toString(16).padStart(2, '0')} does not begin a CBOR item`, offset);
}

export function truncated(offset: number): CborError {
  return new CborError('truncated', 'CBOR item ends early', offset);
}

export function tooDeep(limit: number, offset: number): CborError {
  return new CborError('too deep', `nesting deeper than ${limit}`, offset);
}

const TYPE_NAMES = ['an integer', 'an integer', 'a byte string', 'a text', 'a list', 'a map', 'a tagged value'];
const SIMPLE_NAMES: Record<number, string> = {
  [Byte.False]: 'a boolean',
  [Byte.True]: 'a boolean',
  [Byte.Null]: 'null',
  [Byte.Undefined]: 'undefined',
  0xf9: 'a float',
  0xfa: 'a float',
  0xfb: 'a float',
};

/** What an item that begins with this byte is called in messages, with its article. */
export function typeName(firstByte: number): string {
  return TYPE_NAMES[firstByte >> 5] ?? SIMPLE_NAMES[firstByte] ?? 'a simple value';
}
