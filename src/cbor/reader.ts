import { joinedChunks, textOfChunks } from './chunks.js';
import { CborError } from './errors.js';
import {
  argumentAt,
  ARGUMENT_BYTES,
  badHead,
  Byte,
  Info,
  Major,
  MAX_DEPTH,
  type MajorType,
  truncated,
  typeName,
  uint32At,
} from './heads.js';
import { float16At } from './floats.js';
import type { NameTable } from './name-table.js';
import { ItemScanner, type LongItems } from './scanner.js';
import { decodeUtf8 } from './utf8.js';

/** The head of an array or map of indefinite length. */
const INDEFINITE = -1;

const scanner = new ItemScanner();

/**
 * A cursor over encoded items that are all there. Every read takes the item at the cursor and moves behind it; one that
 * finds another type throws a CborError of reason `wrong type` and does not move. May be pointed at another buffer by `reset`,
 * so that one reader serves many messages.
 */
export class CborReader {
  private bytes: Buffer;
  private at: number;
  private end: number;
  /** Where long items end, as far as somebody has noted it, counted from `notedFrom`. */
  private noted: LongItems | undefined = undefined;
  private notedFrom = 0;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = asBuffer(bytes);
    this.at = start;
    this.end = end;
  }

  reset(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.bytes = asBuffer(bytes);
    this.at = start;
    this.end = end;
    this.noted = undefined;
    return this;
  }

  /** Knows from now on where long items of the buffer end that have been checked. @param from what their offsets count from */
  know(noted: LongItems, from: number): this {
    this.noted = noted;
    this.notedFrom = from;
    return this;
  }

  /** Another reader of a part of the same buffer, that knows as much. */
  part(start: number, end: number): CborReader {
    const reader = new CborReader(this.bytes, start, end);
    return this.noted === undefined ? reader : reader.know(this.noted, this.notedFrom);
  }

  /** Another reader at the same place of the same buffer, that knows as much. */
  fork(): CborReader {
    return this.part(this.at, this.end);
  }

  /** What the offsets count in. */
  get buffer(): Buffer {
    return this.bytes;
  }

  /** Offset of the next item in the buffer. */
  get offset(): number {
    return this.at;
  }

  /** Where what there is to read ends. */
  get limit(): number {
    return this.end;
  }

  get atEnd(): boolean {
    return this.at >= this.end;
  }

  /** First byte of the next item. */
  peek(): number {
    if (this.at >= this.end) throw truncated(this.at);
    return this.bytes[this.at];
  }

  peekMajor(): MajorType {
    return (this.peek() >> 5) as MajorType;
  }

  /** What the next item is called in messages: "a list". */
  peekTypeName(): string {
    return typeName(this.peek());
  }

  /** Whether the next item is null or undefined, which it then takes. */
  takeNull(): boolean {
    const first = this.peek();
    if (first !== Byte.Null && first !== Byte.Undefined) return false;
    this.at++;
    return true;
  }

  /**
   * Moves behind the next item, which may be nested as deep as `maxDepth`.
   *
   * @returns the offset where the item began
   */
  skip(maxDepth = MAX_DEPTH): number {
    const start = this.at;
    const first = this.peek();
    if (first >> 5 <= Major.Negative) this.takeArgument(first);
    else this.at = this.knownEnd(start) ?? scanner.scanWhole(this.bytes, start, this.end, maxDepth);
    return start;
  }

  private knownEnd(start: number): number | undefined {
    const end = this.noted?.get(start - this.notedFrom);
    return end === undefined ? undefined : end + this.notedFrom;
  }

  /** The encoded form of the next item: a view that shares the buffer's memory. */
  readRaw(): Buffer {
    const start = this.skip();
    return this.bytes.subarray(start, this.at);
  }

  readBoolean(): boolean {
    const first = this.peek();
    if (first !== Byte.True && first !== Byte.False) throw this.wrongType('a boolean');
    this.at++;
    return first === Byte.True;
  }

  /** An integer; a bigint where a number would not be exact. */
  readInteger(): number | bigint {
    const first = this.peek();
    const major = first >> 5;
    if (major > Major.Negative) throw this.wrongType('an integer');
    const argument = this.takeExactArgument(first);
    if (major === Major.Unsigned) return argument;
    return argument < Number.MAX_SAFE_INTEGER ? -1 - Number(argument) : -1n - BigInt(argument);
  }

  /** An integer or a float, as the nearest double. */
  readNumber(): number {
    const first = this.peek();
    if (first >= 0xf9 && first <= 0xfb) return this.readFloat();
    if (first >> 5 > Major.Negative) throw this.wrongType('a number');
    return Number(this.readInteger());
  }

  readFloat(): number {
    const first = this.peek();
    if (first < 0xf9 || first > 0xfb) throw this.wrongType('a float');
    const start = this.at + 1;
    const size = ARGUMENT_BYTES[first & 31];
    if (start + size > this.end) throw truncated(this.at);
    this.at = start + size;
    if (size === 8) return this.bytes.readDoubleBE(start);
    return size === 4 ? this.bytes.readFloatBE(start) : float16At(this.bytes, start);
  }

  /** A text, checked to be UTF-8. */
  readText(): string {
    const first = this.peek();
    if (first >> 5 !== Major.Text) throw this.wrongType('a text');
    if ((first & 31) === Info.Indefinite) return this.readChunks(decodeUtf8);
    const length = this.takeLength(first);
    return decodeUtf8(this.bytes, this.at - length, this.at);
  }

  /**
   * Moves into a byte string, whose contents then are all there is to read. For encoded items in byte strings.
   *
   * @param partial take what there is of a byte string that ends early
   */
  enterBytes(partial = false): void {
    const first = this.peek();
    if (first >> 5 !== Major.Bytes) throw this.wrongType('a byte string');
    if ((first & 31) === Info.Indefinite) {
      const start = this.skip();
      this.reset(joinedChunks(this.bytes, start, this.at));
    } else {
      const start = this.at;
      const contentsEnd = this.takeArgument(first) + this.at;
      if (contentsEnd <= this.end) this.end = contentsEnd;
      else if (!partial) throw truncated(start);
    }
  }

  /** A text, or a byte string that is UTF-8: clients of some languages send the one, of others the other. */
  readString(): string {
    const first = this.peek();
    if (first >> 5 !== Major.Bytes && first >> 5 !== Major.Text) throw this.wrongType('a string');
    if ((first & 31) === Info.Indefinite) return this.readChunks(decodeUtf8);
    const length = this.takeLength(first);
    return decodeUtf8(this.bytes, this.at - length, this.at);
  }

  /** A byte string as a binary string: one char per byte. */
  readBytes(): string {
    const first = this.peek();
    if (first >> 5 !== Major.Bytes) throw this.wrongType('a byte string');
    return this.takeBinary(first);
  }

  /** The bytes of a byte string, or of a text's UTF-8 form, as a binary string: names that may be sent as either. */
  readStringBytes(): string {
    const first = this.peek();
    if (first >> 5 !== Major.Bytes && first >> 5 !== Major.Text) throw this.wrongType('a string');
    return this.takeBinary(first);
  }

  /** Enters a tagged item. @returns the tag */
  readTag(): number | bigint {
    const first = this.peek();
    if (first >> 5 !== Major.Tag) throw this.wrongType('a tagged value');
    return this.takeExactArgument(first);
  }

  /** The tag of the next item, if it is tagged; does not move. */
  peekTag(): number | bigint | undefined {
    if (this.peekMajor() !== Major.Tag) return undefined;
    const start = this.at;
    const tag = this.readTag();
    this.at = start;
    return tag;
  }

  /** The code of a simple value, booleans, null and undefined included. */
  readSimple(): number {
    const first = this.peek();
    if (first >> 5 !== Major.Simple || (first >= 0xf9 && first <= 0xfb)) throw this.wrongType('a simple value');
    const start = this.at;
    const code = this.takeArgument(first);
    if (first === 0xf8 && code < 32) {
      this.at = start;
      throw badHead(first, start);
    }
    return code;
  }

  /**
   * Enters an array. Its items are then read by
   * `for (let left = reader.enterArray(); reader.hasMore(left); left--) { … }`.
   */
  enterArray(): number {
    return this.enter(Major.Array, 'a list');
  }

  /** Enters a map: as an array, each turn taking a key and a value. */
  enterMap(): number {
    return this.enter(Major.Map, 'a map');
  }

  /** Whether the container entered has another item (or entry); takes the break of one of indefinite length. */
  hasMore(left: number): boolean {
    if (left >= 0) return left > 0;
    if (this.peek() !== Byte.Break) return true;
    this.at++;
    return false;
  }

  /** Takes the next item, whatever it is. @returns what the table has under it, if it is a byte or text string */
  lookUp<T>(table: NameTable<T>, maxDepth = MAX_DEPTH): T | undefined {
    const first = this.peek();
    const major = first >> 5;
    if (major !== Major.Bytes && major !== Major.Text) {
      this.skip(maxDepth);
      return undefined;
    }
    if ((first & 31) === Info.Indefinite) {
      const name = Buffer.from(this.takeBinary(first), 'latin1');
      return table.find(name, 0, name.length);
    }
    const length = this.takeLength(first);
    return table.find(this.bytes, this.at - length, this.at);
  }

  /** Moves behind the next item if it is a byte or text string with these bytes. */
  takeKey(binary: string): boolean {
    const start = this.at;
    const first = this.peek();
    const major = first >> 5;
    if (major !== Major.Bytes && major !== Major.Text) return false;
    if ((first & 31) === Info.Indefinite) {
      if (this.takeBinary(first) === binary) return true;
      this.at = start;
      return false;
    }
    const length = this.takeLength(first);
    if (length === binary.length && startsWith(this.bytes, this.at - length, binary)) return true;
    this.at = start;
    return false;
  }

  private enter(major: MajorType, wanted: string): number {
    const first = this.peek();
    if (first >> 5 !== major) throw this.wrongType(wanted);
    if ((first & 31) === Info.Indefinite) {
      this.at++;
      return INDEFINITE;
    }
    const start = this.at;
    const count = this.takeArgument(first);
    // Every item takes a byte at least: a count beyond that is refused before anybody makes room for it.
    if (count > this.end - this.at) {
      this.at = start;
      throw truncated(start);
    }
    return count;
  }

  private takeArgument(first: number): number {
    const size = 1 + ARGUMENT_BYTES[first & 31];
    if (size === 0 || (first & 31) === Info.Indefinite) throw badHead(first, this.at);
    if (this.at + size > this.end) throw truncated(this.at);
    const argument = argumentAt(this.bytes, this.at);
    this.at += size;
    return argument;
  }

  /** As takeArgument, and exact: a bigint where a number would not be. */
  private takeExactArgument(first: number): number | bigint {
    const start = this.at;
    const argument = this.takeArgument(first);
    if (argument <= Number.MAX_SAFE_INTEGER) return argument;
    return (BigInt(uint32At(this.bytes, start + 1)) << 32n) | BigInt(uint32At(this.bytes, start + 5));
  }

  /** Moves behind a string of definite length. @returns its length in bytes */
  private takeLength(first: number): number {
    const start = this.at;
    const length = this.takeArgument(first);
    if (length > this.end - this.at) {
      this.at = start;
      throw truncated(start);
    }
    this.at += length;
    return length;
  }

  private takeBinary(first: number): string {
    if ((first & 31) === Info.Indefinite) return this.readChunks(latin1);
    const length = this.takeLength(first);
    return latin1(this.bytes, this.at - length, this.at);
  }

  /** A string of indefinite length, which `skip` checks to be one of strings. */
  private readChunks(decode: (bytes: Buffer, from: number, to: number) => string): string {
    const start = this.skip();
    return textOfChunks(this.bytes, start, this.at, decode);
  }

  private wrongType(wanted: string): CborError {
    return new CborError('wrong type', `expected ${wanted}, not ${this.peekTypeName()},`, this.at);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? (bytes as Buffer) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function latin1(bytes: Buffer, from: number, to: number): string {
  return bytes.latin1Slice(from, to);
}

function startsWith(bytes: Uint8Array, offset: number, binary: string): boolean {
  for (let i = 0; i < binary.length; i++) {
    if (bytes[offset + i] !== binary.charCodeAt(i)) return false;
  }
  return true;
}
