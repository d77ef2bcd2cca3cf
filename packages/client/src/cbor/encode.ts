import { isPlainObject } from './objects.js';
import { RawCbor, Tagged, Tuple, Uuid } from './values.js';

const UINT = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;

const TAG_BIGNUM = 2;
const TAG_NEGATIVE_BIGNUM = 3;
export const TAG_UUID = 37;
export const TAG_TUPLE = 128;

const MAX_UINT64 = 2n ** 64n - 1n;
const utf8 = new TextEncoder();

/** A value that CBOR, or this encoder, has no form for. */
export class EncodeError extends TypeError {}

/**
 * Encodes a value: null, undefined (as null), booleans, numbers, bigints, strings, byte strings (`Uint8Array`), arrays,
 * objects, Maps with keys of any kind, and `Tuple`, `Uuid`, `Tagged`, `RawCbor`. A number that is whole goes out as an
 * integer, as far as 2^53 − 1, any other as a float.
 *
 * It is written here, since cbor-x sends integers from 2^32 on as floats, and cannot put in what is encoded already.
 *
 * @throws EncodeError naming what cannot be encoded
 */
export function encode(value: unknown): Uint8Array {
  const writer = new Writer();
  try {
    writer.value(value);
  } catch (error) {
    if (error instanceof RangeError) throw new EncodeError('the value is nested too deeply, or within itself');
    throw error;
  }
  return writer.done();
}

class Writer {
  private bytes = new Uint8Array(256);
  private view = new DataView(this.bytes.buffer);
  private at = 0;

  done(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'undefined':
        return this.byte(0xf6);
      case 'boolean':
        return this.byte(value ? 0xf5 : 0xf4);
      case 'number':
        return this.number(value);
      case 'bigint':
        return this.integer(value);
      case 'string':
        return this.text(value);
      case 'object':
        return value === null ? this.byte(0xf6) : this.object(value);
      default:
        throw new EncodeError(`a ${typeof value} cannot be sent`);
    }
  }

  private object(value: object): void {
    if (Array.isArray(value)) return this.array(value as unknown[]);
    if (value instanceof Uint8Array) return this.string(BYTES, value);
    if (value instanceof Map) return this.map(value);
    if (value instanceof Tuple) {
      this.head(TAG, TAG_TUPLE);
      return this.array(value.items as unknown[]);
    }
    if (value instanceof RawCbor) return this.raw(value.bytes);
    if (value instanceof Uuid) {
      this.head(TAG, TAG_UUID);
      return this.string(BYTES, value.bytes);
    }
    if (value instanceof Tagged) {
      this.head(TAG, value.tag);
      return this.value(value.value);
    }
    if (!isPlainObject(value)) {
      throw new EncodeError(`a ${value.constructor?.name ?? 'class instance'} cannot be sent`);
    }
    this.plain(value as Readonly<Record<string, unknown>>);
  }

  private array(items: readonly unknown[]): void {
    this.head(ARRAY, items.length);
    for (const item of items) this.value(item);
  }

  private map(entries: ReadonlyMap<unknown, unknown>): void {
    this.head(MAP, entries.size);
    for (const [key, value] of entries) {
      this.value(key);
      this.value(value);
    }
  }

  /** Keys whose value is undefined are left out, as JSON does. */
  private plain(value: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined);
    this.head(MAP, keys.length);
    for (const key of keys) {
      this.text(key);
      this.value(value[key]);
    }
  }

  private number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value >= 0) this.head(UINT, value);
      else this.head(NEGATIVE, -1 - value);
      return;
    }
    this.room(9);
    this.bytes[this.at] = 0xfb;
    this.view.setFloat64(this.at + 1, value);
    this.at += 9;
  }

  private integer(value: bigint): void {
    const major = value >= 0n ? UINT : NEGATIVE;
    const size = value >= 0n ? value : -1n - value;
    if (size <= MAX_UINT64) return this.head(major, size);
    this.head(TAG, major === UINT ? TAG_BIGNUM : TAG_NEGATIVE_BIGNUM);
    const digits = size.toString(16);
    const pairs = digits.padStart(digits.length + (digits.length % 2), '0').match(/../g)!;
    this.string(
      BYTES,
      Uint8Array.from(pairs, (pair) => parseInt(pair, 16)),
    );
  }

  private text(value: string): void {
    this.string(TEXT, utf8.encode(value));
  }

  private string(major: number, bytes: Uint8Array): void {
    this.head(major, bytes.length);
    this.raw(bytes);
  }

  private raw(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  private byte(value: number): void {
    this.room(1);
    this.bytes[this.at++] = value;
  }

  private head(major: number, size: number | bigint): void {
    this.room(9);
    const { view } = this;
    const first = major << 5;
    if (size < 24) {
      view.setUint8(this.at, first | Number(size));
      this.at += 1;
    } else if (size < 0x100) {
      view.setUint16(this.at, ((first | 24) << 8) | Number(size));
      this.at += 2;
    } else if (size < 0x10000) {
      view.setUint8(this.at, first | 25);
      view.setUint16(this.at + 1, Number(size));
      this.at += 3;
    } else if (size < 0x1_0000_0000) {
      view.setUint8(this.at, first | 26);
      view.setUint32(this.at + 1, Number(size));
      this.at += 5;
    } else {
      view.setUint8(this.at, first | 27);
      view.setBigUint64(this.at + 1, BigInt(size));
      this.at += 9;
    }
  }

  private room(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const larger = new Uint8Array(2 * (this.at + more));
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}
