import { isUtf8 } from 'node:buffer';
import { CborError } from './errors.js';

/** The text whose UTF-8 form is bytes[from, to). @throws CborError where it is not UTF-8 */
export function decodeUtf8(bytes: Buffer, from: number, to: number): string {
  for (let i = from; i < to; i++) {
    if (bytes[i] > 0x7f) return decodeNonAscii(bytes, from, to);
  }
  return bytes.latin1Slice(from, to);
}

function decodeNonAscii(bytes: Buffer, from: number, to: number): string {
  if (!isUtf8(bytes.subarray(from, to))) throw new CborError('malformed', 'text is not UTF-8', from);
  return bytes.utf8Slice(from, to);
}

/** Whether a byte of UTF-8 is not the first one of its character. */
export function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** A text's UTF-8 form as a binary string, one char per byte. */
export function utf8Binary(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').latin1Slice();
}

/** From so many chars on it is faster to let the runtime count the bytes than to look at each char. */
const LONG = 1024;

/** Whether every char is one byte of UTF-8. */
export function isAscii(text: string): boolean {
  if (text.length >= LONG) return Buffer.byteLength(text, 'utf8') === text.length;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return false;
  }
  return true;
}
