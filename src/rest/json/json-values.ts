import type { Encodable } from '../../cbor/index.js';
import { ByteString, Float, Tagged } from '../../cbor/index.js';

const TWO_TO_64 = 2n ** 64n;

/** JSON that CBOR data cannot say. */
export class InvalidJsonValue extends Error {
  override readonly name = 'InvalidJsonValue';
}

/** @throws InvalidJsonValue */
export function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw new InvalidJsonValue('has a string that is not valid Unicode');
  return text;
}

/** A number as it is to be encoded. @throws InvalidJsonValue */
export function encodable(number: number | bigint | Float): Encodable {
  if (number instanceof Float) {
    if (!Number.isFinite(number.value)) throw new InvalidJsonValue('has a number beyond the range of a double');
    return number;
  }
  if (typeof number === 'number') return number;
  if (number >= 0n) return number < TWO_TO_64 ? number : bignum(2, number);
  return number >= -TWO_TO_64 ? number : bignum(3, -1n - number);
}

/** An integer of more than 64 bits: tag 2 or, below zero, 3 on its bytes. */
function bignum(tag: number, magnitude: bigint): Tagged<Encodable> {
  const hex = magnitude.toString(16);
  return new Tagged(
    tag,
    new ByteString(Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').latin1Slice()),
  );
}
