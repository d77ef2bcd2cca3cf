import type { Awaitable, CborValue, Encodable, EncodedData } from 'coordinate-daemon/backend';
import {
  ByteString,
  CborMap,
  CoordinateError,
  decodeValue,
  encode,
  InvalidValueError,
  Tuple,
} from 'coordinate-daemon/backend';

/** A data dictionary. */
export function data(content: Encodable): EncodedData {
  return encode(content);
}

/** Data as plain objects, for messages that can be read; types that JSON lacks stay what `decodeValue` makes of them. */
export function show(encoded: EncodedData): unknown {
  return plain(decodeValue(encoded));
}

function plain(value: CborValue): unknown {
  if (value instanceof CborMap) {
    return Object.fromEntries(value.entries.map(([key, item]) => [keyOf(key), plain(item)]));
  }
  if (value instanceof Tuple) return new Tuple(value.items.map(plain));
  return Array.isArray(value) ? value.map(plain) : value;
}

/** The text of a key, or the bytes of one that is none. */
function keyOf(key: CborValue): string {
  if (key instanceof ByteString) return key.binary;
  return typeof key === 'string' ? key : hex(encode(key));
}

export function hex(encoded: EncodedData): string {
  return Buffer.from(encoded).toString('hex');
}

/** The code of the error that a call is refused with, the field of a value refused, or `done`. */
export async function refusal(call: () => Awaitable<unknown>): Promise<string> {
  try {
    await call();
    return 'done';
  } catch (error) {
    if (error instanceof CoordinateError) return error.code;
    if (error instanceof InvalidValueError) return `invalid ${error.field}`;
    throw error;
  }
}
