import { Decoder, Tag } from 'cbor-x';
import { TAG_TUPLE, TAG_UUID } from './encode.js';
import { Tagged, Tuple, Uuid } from './values.js';

// Maps stay maps: their keys may be byte strings, which no JavaScript object can have.
const decoder = new Decoder({ mapsAsObjects: false, useRecords: false });

/** Bytes that are no CBOR, or are nested more deeply than this process can follow. */
export class DecodeError extends Error {}

/**
 * Decodes one CBOR item. Byte strings become `Uint8Array`, integers beyond 2^53 − 1 bigint, tags 128 and 37 `Tuple` and
 * `Uuid`, other tags that JavaScript has nothing for `Tagged`. A map whose keys are all text becomes a plain object without
 * a prototype, so that `__proto__` is a key like any other; any other stays a `Map`.
 *
 * @throws DecodeError
 */
export function decode(bytes: Uint8Array): unknown {
  try {
    return settle(decoder.decode(bytes));
  } catch (error) {
    throw new DecodeError(`cannot decode CBOR: ${(error as Error).message}`, { cause: error });
  }
}

/** Gives what cbor-x decodes the types of this package. */
function settle(value: unknown): unknown {
  if (typeof value === 'bigint') return isSafe(value) ? Number(value) : value;
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.length);
  if (Array.isArray(value)) return value.map(settle);
  if (value instanceof Map) return settleMap(value);
  if (value instanceof Tag) return settleTag(value);
  return value;
}

function settleMap(entries: ReadonlyMap<unknown, unknown>): unknown {
  for (const key of entries.keys()) {
    if (typeof key !== 'string') return new Map([...entries].map(([k, v]) => [settle(k), settle(v)]));
  }
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of entries) object[key as string] = settle(value);
  return object;
}

function settleTag({ tag, value }: Tag): unknown {
  if (tag === TAG_TUPLE && Array.isArray(value)) return new Tuple(value.map(settle));
  if (tag === TAG_UUID && value instanceof Uint8Array && value.length === 16) return new Uuid(Uint8Array.from(value));
  return new Tagged(tag, settle(value));
}

function isSafe(value: bigint): boolean {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
}
