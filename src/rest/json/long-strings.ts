import { CborError, CborWriter, isContinuation, ItemScanner, Major, RawCbor, scanInWindows } from '../../cbor/index.js';
import { Char } from './json-reader.js';
import { InvalidJsonValue, wellFormed } from './json-values.js';
import { joined } from './large-encoding.js';
import type { Steps, Turn } from './steps.js';

/** So many bytes of a long string are read in one go. */
const PIECE = 16 * 1024;
/** So many chars of base64 are decoded in one go: a multiple of four. */
const BASE64_PIECE = 64 * 1024;

export interface PieceOfString {
  /** Offset of the byte behind it: the closing quote of the last piece. */
  readonly end: number;
  readonly isLast: boolean;
  /** What it says; undefined where the string is not well formed. */
  readonly says: string | undefined;
  /** Whether it is written as it is, without escapes. */
  readonly isPlain: boolean;
}

/** The piece of a JSON string that begins at an offset of a body in UTF-8. Neither an escape nor a character is cut. */
export function pieceOfString(body: Buffer, from: number): PieceOfString {
  const most = Math.min(from + PIECE, body.length);
  let isPlain = true;
  let isWrong = false;
  let end = from;
  while (end < most || (end < body.length && isContinuation(body[end]))) {
    const byte = body[end];
    if (byte === Char.Quote) break;
    if (byte === Char.Backslash) {
      isPlain = false;
      end += body[end + 1] === LOWER_U ? 6 : 2;
    } else {
      if (byte < 0x20) isWrong = true;
      end++;
    }
  }
  if (end >= body.length || isWrong) return { end, isLast: true, says: undefined, isPlain: false };
  const written = body.utf8Slice(from, end);
  return { end, isLast: body[end] === Char.Quote, says: isPlain ? written : parsed(written), isPlain };
}

const LOWER_U = 0x75;

function parsed(written: string): string | undefined {
  try {
    return JSON.parse(`"${written}"`) as string;
  } catch {
    return undefined;
  }
}

/** A long text of which the encoded form is put together from pieces. */
export class LongText {
  private readonly pieces: Buffer[] = [];
  /** The first half of a character above U+FFFF whose other half is to begin the next piece. */
  private half = '';

  /** @param plain the bytes of a piece, if they are at hand @throws InvalidJsonValue */
  add(piece: string, plain?: Buffer): void {
    let says = this.half + piece;
    if (plain && this.half === '') {
      this.pieces.push(plain);
      return;
    }
    this.half = isFirstHalf(says.charCodeAt(says.length - 1)) ? says.slice(-1) : '';
    if (this.half !== '') says = says.slice(0, -1);
    this.pieces.push(Buffer.from(wellFormed(says), 'utf8'));
  }

  /** @throws InvalidJsonValue */
  *encoded(turn: Turn, major: typeof Major.Text | typeof Major.Bytes = Major.Text): Steps<RawCbor> {
    wellFormed(this.half);
    return yield* item(major, this.pieces, turn);
  }
}

function isFirstHalf(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

/** A text as the byte string of its UTF-8 form. @throws InvalidJsonValue */
export function* utf8Item(value: string, turn: Turn): Steps<RawCbor> {
  const text = new LongText();
  for (let at = 0; at < value.length; at += PIECE) {
    text.add(value.slice(at, at + PIECE));
    if (turn.isOver) yield;
  }
  return yield* text.encoded(turn, Major.Bytes);
}

/** A byte string of what base64 says. @throws InvalidJsonValue */
export function* base64Item(value: string, turn: Turn): Steps<RawCbor> {
  const bytes = yield* base64Bytes(value, turn);
  if (!bytes) throw new InvalidJsonValue('has a $bytes that is not base64');
  return yield* item(Major.Bytes, [bytes], turn);
}

/** The item of CBOR that base64 says, looked at from end to end. @throws InvalidJsonValue */
export function* cborItem(value: string, turn: Turn): Steps<RawCbor> {
  const bytes = yield* base64Bytes(value, turn);
  if (!bytes) throw new InvalidJsonValue('has a $cbor that is not base64');
  if (!(yield* isOneItem(bytes, turn))) {
    throw new InvalidJsonValue('has a $cbor that is not base64 of one item of CBOR');
  }
  return new RawCbor(bytes);
}

/** A list of so many items, whose encoded forms are in parts, one behind the other. */
export function* listItem(parts: readonly Buffer[], count: number, turn: Turn): Steps<RawCbor> {
  const writer = new CborWriter();
  writer.writeArrayHead(count);
  return new RawCbor(yield* joined([writer.take(), ...parts], turn));
}

function* isOneItem(bytes: Buffer, turn: Turn): Steps<boolean> {
  const scanning = scanInWindows(new ItemScanner(), bytes, 0, bytes.length);
  try {
    for (;;) {
      const { done, value } = scanning.next();
      if (done) return value === bytes.length;
      if (turn.isOverAfter(value)) yield;
    }
  } catch (error) {
    if (error instanceof CborError) return false;
    throw error;
  }
}

/** What base64 says; undefined where it is none. */
export function* base64Bytes(value: string, turn: Turn): Steps<Buffer | undefined> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < value.length; at += BASE64_PIECE) {
    const piece = value.slice(at, at + BASE64_PIECE);
    const bytes = Buffer.from(piece, 'base64');
    const isLast = at + BASE64_PIECE >= value.length;
    // Only the end may be padded.
    if (bytes.toString('base64') !== piece || (!isLast && piece.endsWith('='))) return undefined;
    pieces.push(bytes);
    if (turn.isOver) yield;
  }
  return yield* joined(pieces, turn);
}

function* item(major: typeof Major.Text | typeof Major.Bytes, pieces: readonly Buffer[], turn: Turn): Steps<RawCbor> {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const writer = new CborWriter();
  if (major === Major.Text) writer.writeTextHead(length);
  else writer.writeBytesHead(length);
  return new RawCbor(yield* joined([writer.take(), ...pieces], turn));
}
