import { ByteString, CborError, type CborValue, decodeValue } from '../cbor/index.js';

/** Most characters of what a client sent that a message to it repeats. */
const SHOWN_LENGTH = 200;

/** A text that a client sent, as far as messages show it. */
export function shown(text: string): string {
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH - 1)}…`;
}

/** Longest id and name of a method, in bytes, that the log shows. */
const SHOWN_BYTES = 100;

/** An encoded item that a client made up, as far as it is worth a look. */
export function shownItem(bytes: Buffer, start: number, end: number): number | string | null {
  if (start < 0) return null;
  const hex = `0x${bytes.toString('hex', start, Math.min(end, start + SHOWN_BYTES))}`;
  if (end - start > SHOWN_BYTES) return `${hex}…`;
  let value: CborValue;
  try {
    value = decodeValue(bytes.subarray(start, end));
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    return hex;
  }
  if (value === null || typeof value === 'number' || typeof value === 'string') return value;
  if (value instanceof ByteString) return value.toText() ?? hex;
  return typeof value === 'bigint' ? value.toString() : hex;
}
