import type { CborValue } from '../cbor/index.js';
import { ByteString, CborMap, decodeValue, encode, Float, Tagged, Tuple } from '../cbor/index.js';
import type { LockPath } from '../domain/lock.js';

/** Most parts of a lock path. */
export const MAX_PATH_PARTS = 64;

/**
 * The canonical form of a lock path: a list (or tuple) of any values, of which each part becomes its CBOR encoding as a
 * binary string. What Python calls equal is equal here: a byte string and the text of the same bytes, a list and a tuple,
 * 1 and 1.0. Anything but a list is a path of one part.
 */
export function lockPath(value: CborValue): LockPath {
  const parts = value instanceof Tuple ? value.items : Array.isArray(value) ? value : [value];
  return parts.map((part) => encode(canonical(part)).latin1Slice());
}

function canonical(value: CborValue): CborValue {
  if (typeof value === 'string') return ByteString.ofText(value);
  if (value instanceof Float) return Number.isSafeInteger(value.value) ? value.value + 0 : new Float(value.value);
  if (value instanceof Tuple) return value.items.map(canonical);
  if (Array.isArray(value)) return value.map(canonical);
  if (value instanceof Tagged) return new Tagged(value.tag, canonical(value.value));
  if (value instanceof CborMap) {
    const entries = value.entries.map(([key, item]): [CborValue, CborValue] => [canonical(key), canonical(item)]);
    return new CborMap(entries.sort(([a], [b]) => Buffer.compare(encode(a), encode(b))));
  }
  return value;
}

/** A path as messages show it: `'a' / 'b'`, parts that are no text in hexadecimal. */
export function describeLockPath(path: LockPath): string {
  return path.map(describePart).join(' / ') || 'the root';
}

function describePart(part: string): string {
  const value = decodeValue(Buffer.from(part, 'latin1'));
  if (typeof value === 'number') return String(value);
  const text = value instanceof ByteString ? value.toText() : undefined;
  return text !== undefined ? `'${text}'` : `0x${Buffer.from(part, 'latin1').toString('hex')}`;
}
