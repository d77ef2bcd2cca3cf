import { Byte, Info, Major, type MajorType, Tag } from './heads.js';
import { float16Bits, fitsFloat16 } from './floats.js';
import { isAscii, utf8Binary } from './utf8.js';
import { ByteString, CborMap, Float, Simple, Tagged, Tuple, Uuid } from './values.js';

/** Encoded items that are to be written as they are. */
export class RawCbor {
  constructor(readonly bytes: Uint8Array) {}
}

/**
 * What can be encoded: decoded values, encoded ones (RawCbor), and plain objects, whose properties with the value
 * undefined are left out. Bytes are no value: they could be meant as a byte string or as encoded CBOR, so one has to say.
 */
export type Encodable =
  | null
  | undefined
  | boolean
  /** An integer is written as one, any other as a float of eight bytes; see Float for 1.0. */
  | number
  | bigint
  | string
  | Float
  | ByteString
  | Uuid
  | Tuple<Encodable>
  | Tagged<Encodable>
  | Simple
  | CborMap
  | RawCbor
  | readonly Encodable[]
  | ReadonlyMap<Encodable, Encodable>
  | { readonly [key: string]: Encodable };

/** How the property names of plain objects are written. */
export type KeyType = 'text' | 'bytes';

const INITIAL_BYTES = 4096;
/** A buffer that has grown beyond this is given back to the garbage collector once its contents are taken. */
const KEPT_BYTES = 1 << 20;
/** From this length on a native copy beats a loop. */
const NATIVE_COPY = 24;

/** Encodes into a buffer that grows and is used again. Lengths and integers take their shortest form. */
export class CborWriter {
  private bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  private at = 0;

  constructor(private readonly keyType: KeyType = 'text') {}

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.at;
  }

  /** How much memory what was written takes, in bytes. */
  get capacity(): number {
    return this.bytes.length;
  }

  /** A copy of what was written; the writer is empty afterwards. */
  take(): Buffer {
    const taken = this.cutFrom(0);
    this.clear();
    return taken;
  }

  /** What was written, in place: good until the next call of anything but `abandon`. */
  view(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  /** Forgets what was written. */
  clear(): void {
    if (this.bytes.length > KEPT_BYTES) this.abandon();
    this.at = 0;
  }

  /** Leaves what was written to whoever has a view of it, and starts in another buffer. */
  abandon(): void {
    this.bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    this.at = 0;
  }

  /** Takes back what was written after `length`. */
  cutFrom(length: number): Buffer {
    const cut = Buffer.allocUnsafe(this.at - length);
    this.bytes.copy(cut, 0, length, this.at);
    this.at = length;
    return cut;
  }

  /** Forgets what was written after `length`, as after an error halfway. */
  truncate(length: number): void {
    this.at = length;
  }

  writeNull(): void {
    this.writeByte(Byte.Null);
  }

  writeBoolean(value: boolean): void {
    this.writeByte(value ? Byte.True : Byte.False);
  }

  /** An integer: a number that is one, or a bigint of 64 bits. */
  writeInteger(value: number | bigint): void {
    if (value >= 0) this.writeHead(Major.Unsigned, value);
    else this.writeHead(Major.Negative, typeof value === 'bigint' ? -1n - value : -1 - value);
  }

  writeFloat(value: number, size: 2 | 4 | 8 = 8): void {
    this.reserve(9);
    if (size === 2 && fitsFloat16(value)) {
      this.bytes[this.at] = 0xf9;
      this.bytes.writeUInt16BE(float16Bits(value), this.at + 1);
      this.at += 3;
    } else if (size === 4) {
      this.bytes[this.at] = 0xfa;
      this.bytes.writeFloatBE(value, this.at + 1);
      this.at += 5;
    } else {
      this.bytes[this.at] = 0xfb;
      this.bytes.writeDoubleBE(value, this.at + 1);
      this.at += 9;
    }
  }

  writeText(text: string): void {
    if (isAscii(text)) {
      this.writeHead(Major.Text, text.length);
      this.appendBinary(text);
      return;
    }
    const length = Buffer.byteLength(text, 'utf8');
    this.writeHead(Major.Text, length);
    this.reserve(length);
    this.at += this.bytes.utf8Write(text, this.at, length);
  }

  /** A byte string of a binary string: one char (0 to 255) per byte. */
  writeBinary(binary: string): void {
    this.writeHead(Major.Bytes, binary.length);
    this.appendBinary(binary);
  }

  /** A byte string of bytes. */
  writeBytes(bytes: Uint8Array): void {
    this.writeHead(Major.Bytes, bytes.length);
    this.writeRaw(bytes);
  }

  /** The head of a text; that many bytes of UTF-8 must follow. */
  writeTextHead(length: number): void {
    this.writeHead(Major.Text, length);
  }

  /** The head of a byte string; that many bytes must follow. */
  writeBytesHead(length: number): void {
    this.writeHead(Major.Bytes, length);
  }

  /** Bytes as they are: encoded items. */
  writeRaw(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const length = end - start;
    this.reserve(length);
    if (length < NATIVE_COPY) {
      for (let i = start; i < end; i++) this.bytes[this.at++] = bytes[i];
    } else {
      this.bytes.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.at);
      this.at += length;
    }
  }

  /** The head of an array; that many items must follow. */
  writeArrayHead(count: number): void {
    this.writeHead(Major.Array, count);
  }

  /** The head of a map; that many pairs of key and value must follow. */
  writeMapHead(count: number): void {
    this.writeHead(Major.Map, count);
  }

  /** The head of a tuple; that many items must follow. */
  writeTupleHead(count: number): void {
    this.writeHead(Major.Tag, Tag.Tuple);
    this.writeHead(Major.Array, count);
  }

  writeTag(tag: number | bigint): void {
    this.writeHead(Major.Tag, tag);
  }

  /**
   * Begins a byte string whose length is not known yet.
   *
   * @returns what `closeBytes` needs; several may be open in each other
   */
  openBytes(): number {
    this.reserve(HEAD_ROOM);
    this.at += HEAD_ROOM;
    return this.at;
  }

  /** Ends the byte string begun by `openBytes`: puts its head before what was written since. */
  closeBytes(start: number): void {
    const length = this.at - start;
    const room = headSize(length);
    // Room for any head behind the contents, so that neither the move nor the head makes the buffer grow under them.
    this.reserve(9);
    if (room !== HEAD_ROOM) this.bytes.copyWithin(start - HEAD_ROOM + room, start, this.at);
    this.at = start - HEAD_ROOM;
    this.writeHead(Major.Bytes, length);
    this.at += length;
  }

  /** Any value. Recurses as deep as the value is nested. */
  writeValue(value: Encodable): void {
    switch (typeof value) {
      case 'string':
        return this.writeText(value);
      case 'number':
        return Number.isSafeInteger(value) ? this.writeInteger(value) : this.writeFloat(value);
      case 'boolean':
        return this.writeBoolean(value);
      case 'bigint':
        return this.writeInteger(value);
      case 'undefined':
        return this.writeByte(Byte.Undefined);
      default:
        return value === null ? this.writeNull() : this.writeObject(value);
    }
  }

  private writeObject(value: Encodable & object): void {
    if (value instanceof ByteString) return this.writeBinary(value.binary);
    if (value instanceof RawCbor) return this.writeRaw(value.bytes);
    if (value instanceof Tuple) {
      this.writeTag(Tag.Tuple);
      return this.writeArray(value.items);
    }
    if (Array.isArray(value)) return this.writeArray(value as readonly Encodable[]);
    if (value instanceof Float) return this.writeFloat(value.value, value.size);
    if (value instanceof CborMap) return this.writePairs(value.entries.length, value.entries);
    if (value instanceof Map) return this.writePairs(value.size, value as ReadonlyMap<Encodable, Encodable>);
    if (value instanceof Tagged) return this.writeTagged(value);
    if (value instanceof Uuid) {
      this.writeTag(Tag.Uuid);
      return this.writeBinary(value.binary);
    }
    if (value instanceof Simple) return this.writeHead(Major.Simple, value.code);
    if (ArrayBuffer.isView(value)) throw new TypeError('bytes must be encoded as a ByteString or as RawCbor');
    this.writeProperties(value as Readonly<Record<string, Encodable>>);
  }

  private writeArray(items: readonly Encodable[]): void {
    this.writeHead(Major.Array, items.length);
    for (const item of items) this.writeValue(item);
  }

  private writePairs(count: number, pairs: Iterable<readonly [Encodable, Encodable]>): void {
    this.writeHead(Major.Map, count);
    for (const [key, value] of pairs) {
      this.writeValue(key);
      this.writeValue(value);
    }
  }

  private writeProperties(object: Readonly<Record<string, Encodable>>): void {
    const present = Object.entries(object).filter(([, value]) => value !== undefined);
    this.writeHead(Major.Map, present.length);
    for (const [key, value] of present) {
      if (this.keyType === 'text') this.writeText(key);
      else this.writeBinary(utf8Binary(key));
      this.writeValue(value);
    }
  }

  /** Tags on tags are written in a loop, as they are read. */
  private writeTagged(tagged: Tagged<Encodable>): void {
    let value: Encodable = tagged;
    while (value instanceof Tagged) {
      this.writeTag(value.tag);
      value = value.value;
    }
    this.writeValue(value);
  }

  private writeHead(major: MajorType, argument: number | bigint): void {
    this.reserve(9);
    const { bytes } = this;
    const type = major << 5;
    if (argument < 24) {
      bytes[this.at++] = type | Number(argument);
    } else if (argument < 0x100) {
      bytes[this.at++] = type | Info.OneByte;
      bytes[this.at++] = Number(argument);
    } else if (argument < 0x10000) {
      bytes[this.at] = type | Info.TwoBytes;
      this.at = bytes.writeUInt16BE(Number(argument), this.at + 1);
    } else if (argument < 0x100000000) {
      bytes[this.at] = type | Info.FourBytes;
      this.at = bytes.writeUInt32BE(Number(argument), this.at + 1);
    } else {
      bytes[this.at] = type | Info.EightBytes;
      this.at = bytes.writeBigUInt64BE(BigInt(argument), this.at + 1);
    }
  }

  private writeByte(byte: number): void {
    this.reserve(1);
    this.bytes[this.at++] = byte;
  }

  private appendBinary(binary: string): void {
    const { length } = binary;
    this.reserve(length);
    if (length < NATIVE_COPY) {
      for (let i = 0; i < length; i++) this.bytes[this.at++] = binary.charCodeAt(i);
    } else {
      this.at += this.bytes.latin1Write(binary, this.at, length);
    }
  }

  private reserve(count: number): void {
    const needed = this.at + count;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

/** Room kept for the head of a byte string of yet unknown length: right for 24 to 255 bytes, else moved. */
const HEAD_ROOM = 2;

function headSize(argument: number): number {
  if (argument < 24) return 1;
  if (argument < 0x100) return 2;
  if (argument < 0x10000) return 3;
  return argument < 0x100000000 ? 5 : 9;
}

const shared = new CborWriter();

/** The encoded form of a value. */
export function encode(value: Encodable): Buffer {
  shared.truncate(0);
  shared.writeValue(value);
  return shared.take();
}
