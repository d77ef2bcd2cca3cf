import { CborError } from './errors.js';
import { Byte, Info, Major, MAX_DEPTH, Tag, tooDeep } from './heads.js';
import { CborReader } from './reader.js';
import { ByteString, CborMap, type CborValue, Float, Simple, Tagged, Tuple, Uuid } from './values.js';

export interface DecodeOptions {
  /** Deepest nesting, as MAX_DEPTH counts it; absent: MAX_DEPTH. */
  maxDepth?: number;
}

/**
 * Decodes an item that fills the buffer.
 *
 * @throws CborError when it is malformed, too deep, or something follows it
 */
export function decodeValue(bytes: Uint8Array, options: DecodeOptions = {}): CborValue {
  const reader = new CborReader(bytes);
  const value = readValue(reader, options.maxDepth);
  if (!reader.atEnd) throw new CborError('malformed', 'something follows the item', reader.offset);
  return value;
}

/** Decodes the item at the cursor. `maxDepth` bounds the recursion, which is one call for each array or map. */
export function readValue(reader: CborReader, maxDepth = MAX_DEPTH): CborValue {
  switch (reader.peekMajor()) {
    case Major.Unsigned:
    case Major.Negative:
      return reader.readInteger();
    case Major.Bytes:
      return new ByteString(reader.readBytes());
    case Major.Text:
      return reader.readText();
    case Major.Array:
      return readArray(reader, maxDepth);
    case Major.Map:
      return readMap(reader, maxDepth);
    case Major.Tag:
      return readTagged(reader, maxDepth);
    default:
      return readSimple(reader);
  }
}

function readArray(reader: CborReader, maxDepth: number): CborValue[] {
  if (maxDepth === 0) throw tooDeep(MAX_DEPTH, reader.offset);
  const items: CborValue[] = [];
  for (let left = reader.enterArray(); reader.hasMore(left); left--) items.push(readValue(reader, maxDepth - 1));
  return items;
}

function readMap(reader: CborReader, maxDepth: number): CborMap {
  if (maxDepth === 0) throw tooDeep(MAX_DEPTH, reader.offset);
  const entries: [CborValue, CborValue][] = [];
  for (let left = reader.enterMap(); reader.hasMore(left); left--) {
    entries.push([readValue(reader, maxDepth - 1), readValue(reader, maxDepth - 1)]);
  }
  return new CborMap(entries);
}

/** Tags on tags are collected in a loop: a run of them must not deepen the recursion. */
function readTagged(reader: CborReader, maxDepth: number): CborValue {
  const tags: (number | bigint)[] = [];
  while (reader.peekMajor() === Major.Tag) {
    if (tags.length === MAX_DEPTH) throw tooDeep(MAX_DEPTH, reader.offset);
    tags.push(reader.readTag());
  }
  return tags.reduceRight<CborValue>(withTag, readValue(reader, maxDepth));
}

function withTag(value: CborValue, tag: number | bigint): CborValue {
  if (tag === Tag.Tuple && Array.isArray(value)) return new Tuple(value);
  if (tag === Tag.Uuid && value instanceof ByteString && value.binary.length === 16) return new Uuid(value.binary);
  return new Tagged(tag, value);
}

const FLOAT_SIZES: Record<number, 2 | 4 | 8> = { [Info.TwoBytes]: 2, [Info.FourBytes]: 4, [Info.EightBytes]: 8 };

function readSimple(reader: CborReader): CborValue {
  const first = reader.peek();
  const floatSize = FLOAT_SIZES[first & 31];
  if (floatSize !== undefined) return new Float(reader.readFloat(), floatSize);
  if (first === Byte.True || first === Byte.False) return reader.readBoolean();
  if (reader.takeNull()) return first === Byte.Null ? null : undefined;
  return new Simple(reader.readSimple());
}
