import { isUtf8 } from 'node:buffer';
import type { Encodable } from '../../cbor/index.js';
import { Float, MAX_DEPTH } from '../../cbor/index.js';
import { BadSpelling, isSpelling, readSpelling } from './spelt-out.js';
import type { Warning } from '../../domain/warning.js';
import { MOST_WARNINGS } from '../../domain/warning.js';
import { encodable, InvalidJsonValue, wellFormed } from './json-values.js';
import type { ErrorDetail } from '../errors/rest-error.js';
import { RestError, shorten } from '../errors/rest-error.js';

/** What structure is made of. */
export const Char = {
  Quote: 0x22,
  Comma: 0x2c,
  Minus: 0x2d,
  Colon: 0x3a,
  OpenList: 0x5b,
  Backslash: 0x5c,
  CloseList: 0x5d,
  OpenObject: 0x7b,
  CloseObject: 0x7d,
} as const;

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const ESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const TYPE_NAMES: Record<string, string> = {
  '{': 'an object',
  '[': 'a list',
  '"': 'a string',
  t: 'true',
  f: 'false',
  n: 'null',
};
/** So long an integer may be written; turning digits into bits takes time that grows with their square. */
const MOST_DIGITS = 4096;
const MAX_PROBLEMS = 100;
/** So many bytes of what is no text are looked at to show them. */
export const SHOWN_BYTES = 1024;
/** So many characters before a mistake are repeated. */
export const SHOWN_BEFORE = 40;

/**
 * A cursor over a JSON text. Numbers keep what they say: an integer of any size stays exact, and one written with a
 * fraction or an exponent stays a float. What is wrong with fields is collected in `problems`, so that a client hears of
 * all of it at once; what is not JSON throws at once.
 */
export class JsonReader {
  readonly problems: ErrorDetail[] = [];
  /** What was taken, but probably not as it was meant; made with the first. */
  warnings: Warning[] | undefined;
  /** Offset of the char that is next. */
  protected at = 0;

  constructor(protected readonly text: string) {}

  /** @throws RestError (400) when it is not UTF-8 */
  static of(bytes: Buffer): JsonReader {
    return new this(textOf(bytes));
  }

  /** How long the text is, in chars. */
  get length(): number {
    return this.text.length;
  }

  /** First char of the next value. */
  peek(): string {
    this.skipSpace();
    return this.text[this.at] ?? '';
  }

  /** What the next value is called in messages: "a list". */
  peekTypeName(): string {
    return TYPE_NAMES[this.peek()] ?? 'a number';
  }

  /** Offset of the next value. */
  get position(): number {
    this.skipSpace();
    return this.at;
  }

  /** The text that was read since `start`. */
  since(start: number): string {
    return this.said(start, this.at);
  }

  /** Whether something may be spelt out in what was read since `start`. */
  mentionsSpelling(start: number): boolean {
    return this.text.slice(start, this.at).includes('"$');
  }

  /** What is written between two offsets. */
  protected said(from: number, to: number): string {
    return this.text.slice(from, to);
  }

  takeNull(): boolean {
    if (this.peek() !== 'n') return false;
    this.take('null');
    return true;
  }

  /** Records what is wrong with the value that began at `start`, and moves behind it. */
  refuse(field: string, start: number, reason: string): undefined {
    this.at = start;
    this.skip();
    this.addProblem({ field, value: shorten(this.since(start)), reason });
    return undefined;
  }

  /** @returns the problem, unless there are enough */
  protected addProblem(problem: ErrorDetail): ErrorDetail | undefined {
    if (this.problems.length >= MAX_PROBLEMS) return undefined;
    this.problems.push(problem);
    return problem;
  }

  warn(key: string, reason: string): void {
    this.warnings ??= [];
    if (this.warnings.length < MOST_WARNINGS) this.warnings.push({ key, reason });
  }

  /** Records that a field is not there. */
  missing(field: string): undefined {
    this.addProblem({ field, value: '', reason: 'is required' });
    return undefined;
  }

  readBoolean(): boolean {
    const isTrue = this.peek() === 't';
    this.take(isTrue ? 'true' : 'false');
    return isTrue;
  }

  readString(): string {
    this.skipSpace();
    const { text } = this;
    if (text.charCodeAt(this.at) !== Char.Quote) throw this.malformed('a string');
    const start = this.at + 1;
    for (let i = start; i < text.length; i++) {
      const char = text.charCodeAt(i);
      if (char === Char.Quote) {
        this.at = i + 1;
        return this.said(start, i);
      }
      if (char === Char.Backslash) return this.readEscaped(start, i);
      if (char < 0x20) {
        this.at = i;
        throw this.malformed('a character that may stand in a string');
      }
    }
    this.at = text.length;
    throw this.malformed('the end of a string');
  }

  /**
   * An integer as number or, where that would not be exact, bigint; what is written with a fraction or exponent as Float.
   * @throws InvalidJsonValue
   */
  readNumber(): number | bigint | Float {
    const [number, fraction, exponent] = this.takeNumber();
    if (fraction !== undefined || exponent !== undefined) return new Float(Number(number));
    const value = Number(number);
    if (Number.isSafeInteger(value)) return value + 0;
    if (number.length > MOST_DIGITS) throw new InvalidJsonValue(`has a number of more than ${MOST_DIGITS} digits`);
    return BigInt(number);
  }

  /** Calls `each` for every member, with the cursor at the member's value, which it must read. */
  readObject(each: (key: string) => void): void {
    this.expect(Char.OpenObject, 'an object');
    if (this.takeIf(Char.CloseObject)) return;
    do {
      const key = this.readString();
      this.expect(Char.Colon, '":"');
      each(key);
    } while (this.takeIf(Char.Comma));
    this.expect(Char.CloseObject, '"," or "}"');
  }

  /** Calls `each` for every item, with the cursor at the item, which it must read. */
  readList(each: (index: number) => void): void {
    this.expect(Char.OpenList, 'a list');
    if (this.takeIf(Char.CloseList)) return;
    let index = 0;
    do each(index++);
    while (this.takeIf(Char.Comma));
    this.expect(Char.CloseList, '"," or "]"');
  }

  /** Moves behind the next value. */
  skip(depth = MAX_DEPTH): void {
    switch (this.peek()) {
      case '{':
        return this.readObject(() => this.skip(deeper(depth)));
      case '[':
        return this.readList(() => this.skip(deeper(depth)));
      case '"':
        this.readString();
        return;
      case 't':
      case 'f':
        this.readBoolean();
        return;
      case 'n':
        this.take('null');
        return;
      default:
        this.takeNumber();
    }
  }

  /** Any value as CBOR can say it. Of members with the same key the last counts. @throws InvalidJsonValue */
  readValue(depth = MAX_DEPTH): Encodable {
    switch (this.peek()) {
      case '{': {
        const map = new Map<string, Encodable>();
        this.readObject((key) => map.set(wellFormed(key), this.readValue(deeper(depth))));
        return map.size === 1 ? this.speltOut(map) : map;
      }
      case '[': {
        const list: Encodable[] = [];
        this.readList(() => list.push(this.readValue(deeper(depth))));
        return list;
      }
      case '"':
        return wellFormed(this.readString());
      case 't':
      case 'f':
        return this.readBoolean();
      case 'n':
        this.take('null');
        return null;
      default:
        return encodable(this.readNumber());
    }
  }

  /** An object of one key, or what it says where JSON has no other way to say it. @throws InvalidJsonValue */
  protected speltOut(object: Map<string, Encodable>): Encodable {
    const [[key, value]] = object;
    if (!isSpelling(key)) return object;
    try {
      return readSpelling(key, value);
    } catch (error) {
      throw error instanceof BadSpelling ? new InvalidJsonValue(error.message) : error;
    }
  }

  /** @throws RestError (400) when something follows */
  end(): void {
    this.skipSpace();
    if (this.at < this.text.length) throw this.malformed('the end');
  }

  /** The rest of a string that has escapes, of which `start` is the first char and `backslash` the first that may be one. */
  protected readEscaped(start: number, backslash: number): string {
    const { text } = this;
    let value = '';
    let from = start;
    for (let i = backslash; i < text.length; i++) {
      const char = text.charCodeAt(i);
      if (char === Char.Quote) {
        this.at = i + 1;
        return value + this.said(from, i);
      }
      if (char < 0x20) {
        this.at = i;
        throw this.malformed('a character that may stand in a string');
      }
      if (char !== Char.Backslash) continue;
      value += this.said(from, i);
      i++;
      const simple = ESCAPES[text[i] ?? ''];
      if (simple !== undefined) {
        value += simple;
      } else {
        const code = /^u[0-9a-fA-F]{4}$/.test(text.slice(i, i + 5)) ? parseInt(text.slice(i + 1, i + 5), 16) : NaN;
        if (Number.isNaN(code)) {
          this.at = i;
          throw this.malformed('an escape');
        }
        value += String.fromCharCode(code);
        i += 4;
      }
      from = i + 1;
    }
    this.at = text.length;
    throw this.malformed('the end of a string');
  }

  private takeNumber(): RegExpExecArray {
    this.skipSpace();
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (!match) throw this.malformed('a value');
    this.at = NUMBER.lastIndex;
    return match;
  }

  private take(word: string): void {
    if (!this.text.startsWith(word, this.at)) throw this.malformed('a value');
    this.at += word.length;
  }

  protected expect(char: number, wanted: string): void {
    if (!this.takeIf(char)) throw this.malformed(wanted);
  }

  protected takeIf(char: number): boolean {
    this.skipSpace();
    if (this.text.charCodeAt(this.at) !== char) return false;
    this.at++;
    return true;
  }

  private skipSpace(): void {
    for (;;) {
      const char = this.text.charCodeAt(this.at);
      if (char !== 0x20 && char !== 0x0a && char !== 0x0d && char !== 0x09) return;
      this.at++;
    }
  }

  private malformed(wanted: string): RestError {
    const found = this.at < this.text.length ? JSON.stringify(this.charAt(this.at)) : 'the end';
    return badBody(this.near(this.at), `is not JSON: expected ${wanted} at ${this.place(this.at)}, not ${found}`);
  }

  protected charAt(offset: number): string {
    return this.text[offset];
  }

  /** What messages show of the text around an offset. */
  protected near(offset: number): string {
    const from = Math.max(0, offset - SHOWN_BEFORE);
    return this.text.slice(from, from + SHOWN_BYTES);
  }

  /** How messages name an offset. */
  protected place(offset: number): string {
    return `character ${offset}`;
  }
}

function textOf(bytes: Buffer): string {
  checkUtf8(bytes);
  return withoutMark(bytes).utf8Slice();
}

/** @throws RestError (400) */
export function checkUtf8(bytes: Buffer): void {
  if (!isUtf8(bytes)) throw badBody(bytes.toString('utf8', 0, SHOWN_BYTES), 'is not UTF-8');
}

/** A body without the byte order mark that some programs begin it with. */
export function withoutMark(body: Buffer): Buffer {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
}

/** 400 for a body that cannot be read at all. @param value - as much of it as helps */
export function badBody(value: string, reason: string): RestError {
  return new RestError(400, `the body ${reason}`, [{ field: 'body', value: shorten(value), reason }]);
}

/** @throws RestError (400) when it is too deep */
export function deeper(depth: number): number {
  if (depth === 0) throw badBody('', `is nested deeper than ${MAX_DEPTH}`);
  return depth - 1;
}
