import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BYTES = 32;
const CHECKSUM_CHARS = 6;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * A token that nobody can guess: `coord_`, base64url of random bytes, and a checksum, so that scanners that look for leaked
 * tokens know one when they see it.
 */
export function makeToken(): string {
  const text = `coord_${randomBytes(BYTES).toString('base64url')}`;
  return text + checksum(text);
}

/** CRC-32 of what goes before, in base 62. */
function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < CHECKSUM_CHARS; i++) {
    digits = DIGITS[rest % DIGITS.length] + digits;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
}

/** By what a token is known without being kept: its SHA-256, in hexadecimal. */
export function hashOfToken(token: string): string {
  return hash('sha256', token, 'hex');
}
