import { type Encodable, isAscii, isContinuation, MAX_DEPTH, type RawCbor } from '../../cbor/index.js';
import { Slices } from '../../timing/slices.js';
import type { ErrorDetail } from '../errors/rest-error.js';
import { shorten } from '../errors/rest-error.js';
import { Char, checkUtf8, deeper, JsonReader, SHOWN_BEFORE, SHOWN_BYTES, withoutMark } from './json-reader.js';
import { wellFormed } from './json-values.js';
import { LargeEncoder } from './large-encoding.js';
import { base64Item, cborItem, listItem, LongText, pieceOfString, utf8Item } from './long-strings.js';
import { isSpelling } from './spelt-out.js';
import type { Steps, Turn } from './steps.js';

/** A string of fewer bytes than this is read in one go. */
const LONG = 64 * 1024;
/** Up to here messages say how many characters come before a place, which have to be counted. */
const COUNTED = 1024 * 1024;
/** Lists of more items are encoded while they are read. */
const LONG_LIST = 16 * 1024;
/** Most bytes of a character. */
const CHAR_BYTES = 4;

/**
 * A reader of a body so large that others have their turn while it is read. Containers are gone through one by one, long
 * strings in pieces. Its text has a char for each byte of the body, which is made at once and takes as much memory as the
 * body; what strings say is decoded where they are read.
 */
export class LargeJsonReader extends JsonReader implements Turn {
  private readonly slices = new Slices();
  /** For values that have been read. */
  readonly encoder = new LargeEncoder(this);
  /** Where a value begins that is refused and has yet to be moved behind. */
  private refusedAt: number | undefined;
  private refusal: ErrorDetail | undefined;
  /** A long string that has been read in steps: where it begins and ends, and what it says. */
  private ready: { readonly start: number; readonly end: number; readonly value: string } | undefined;

  private constructor(private readonly bytes: Buffer) {
    super(bytes.latin1Slice());
  }

  /** As `of`. */
  static async ofLarge(body: Buffer): Promise<LargeJsonReader> {
    checkUtf8(body);
    // To check and to copy the largest body takes some 20 ms each.
    await new Slices().next();
    const reader = new this(withoutMark(body));
    await reader.slices.next();
    return reader;
  }

  /** What is written between two offsets, neither of which is inside a character. */
  protected override said(from: number, to: number): string {
    const binary = super.said(from, to);
    return isAscii(binary) ? binary : this.bytes.utf8Slice(from, to);
  }

  protected override charAt(offset: number): string {
    return this.bytes.utf8Slice(offset, Math.min(offset + CHAR_BYTES, this.bytes.length))[0];
  }

  protected override near(offset: number): string {
    let from = Math.max(0, offset - CHAR_BYTES * SHOWN_BEFORE);
    while (from > 0 && isContinuation(this.bytes[from])) from--;
    let to = Math.min(offset + CHAR_BYTES * SHOWN_BYTES, this.bytes.length);
    while (to < this.bytes.length && isContinuation(this.bytes[to])) to--;
    const before = this.bytes.utf8Slice(from, offset).slice(-SHOWN_BEFORE);
    return (before + this.bytes.utf8Slice(offset, to)).slice(0, SHOWN_BYTES);
  }

  protected override place(offset: number): string {
    return offset > COUNTED ? `byte ${offset}` : `character ${this.bytes.utf8Slice(0, offset).length}`;
  }

  /** Does all of some work. */
  async all<T>(steps: Steps<T>): Promise<T> {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      await this.slices.next();
    }
  }

  /** Whether it is the turn of others: to be asked behind each member, item and other small step. */
  get isOver(): boolean {
    return this.slices.isOver();
  }

  isOverAfter(steps: number): boolean {
    return this.slices.isOver(steps);
  }

  /** Enters an object. @returns whether there is a member, whose key is next */
  enterObject(): boolean {
    this.expect(Char.OpenObject, 'an object');
    return !this.takeIf(Char.CloseObject);
  }

  *keyInSteps(): Steps<string> {
    yield* this.longString();
    const key = this.readString();
    this.expect(Char.Colon, '":"');
    return key;
  }

  override readString(): string {
    const { ready } = this;
    if (ready?.start !== this.position) return super.readString();
    this.ready = undefined;
    this.at = ready.end;
    return ready.value;
  }

  /** Reads the string at the cursor when it is long, so that `readString` has it at hand. The cursor stays. */
  *longString(): Steps<void> {
    const { position: start } = this;
    let value = '';
    const isLong = yield* this.pieces((piece) => (value += piece));
    if (!isLong) return;
    this.ready = { start, end: this.at, value };
    this.at = start;
  }

  /** Reads the string at the cursor as encoded CBOR, when it is long. @throws InvalidJsonValue */
  private *longText(): Steps<RawCbor | undefined> {
    const text = new LongText();
    const isLong = yield* this.pieces((piece, plain) => text.add(piece, plain));
    return isLong ? yield* text.encoded(this) : undefined;
  }

  /**
   * Goes over the string at the cursor piece by piece when it is long, and moves behind it.
   * @param take gets what each says, and its bytes where it is written as it is
   * @returns whether it is long; else the cursor stays
   */
  private *pieces(take: (says: string, plain: Buffer | undefined) => void): Steps<boolean> {
    const { text, position: start } = this;
    if (text.charCodeAt(start) !== Char.Quote) return false;
    const quote = text.indexOf('"', start + 1);
    if (quote !== -1 && quote - start < LONG && text.charCodeAt(quote - 1) !== Char.Backslash) return false;
    this.at = start + 1;
    for (let isLast = false; !isLast;) {
      const piece = pieceOfString(this.bytes, this.at);
      // The ordinary reader knows what to say of what is wrong.
      const says = piece.says ?? this.readEscaped(this.at, this.at);
      take(says, piece.isPlain ? this.bytes.subarray(this.at, piece.end) : undefined);
      this.at = piece.end;
      ({ isLast } = piece);
      if (this.slices.isOver(Infinity)) yield;
    }
    this.at++;
    return true;
  }

  /** Moves behind a member. @returns whether there is another */
  nextMember(): boolean {
    if (this.takeIf(Char.Comma)) return true;
    this.expect(Char.CloseObject, '"," or "}"');
    return false;
  }

  /** Enters a list. @returns whether there is an item */
  enterList(): boolean {
    this.expect(Char.OpenList, 'a list');
    return !this.takeIf(Char.CloseList);
  }

  /** Moves behind an item. @returns whether there is another */
  nextItem(): boolean {
    if (this.takeIf(Char.Comma)) return true;
    this.expect(Char.CloseList, '"," or "]"');
    return false;
  }

  /** As readValue. A long text comes encoded. */
  *valueInSteps(depth = MAX_DEPTH): Steps<Encodable> {
    const first = this.peek();
    if (first === '{') return yield* this.objectInSteps(depth);
    if (first === '[') return yield* this.listInSteps(depth);
    return (yield* this.longText()) ?? this.readValue(depth);
  }

  /**
   * A long list comes encoded, which is done a part of it at a time: an array of millions takes long to grow.
   * @param isKept - whether it is to come as an array, however long
   */
  private *listInSteps(depth: number, isKept = false): Steps<Encodable> {
    const parts: Buffer[] = [];
    let count = 0;
    let list: Encodable[] = [];
    for (let more = this.enterList(); more; more = this.nextItem()) {
      list.push(yield* this.valueInSteps(deeper(depth)));
      if (list.length === LONG_LIST && !isKept) {
        parts.push(yield* this.encoder.encodeItems(list));
        count += list.length;
        list = [];
      }
      if (this.isOver) yield;
    }
    if (count === 0) return list;
    parts.push(yield* this.encoder.encodeItems(list));
    return yield* listItem(parts, count + list.length, this);
  }

  private *objectInSteps(depth: number): Steps<Encodable> {
    const map = new Map<string, Encodable>();
    for (let more = this.enterObject(); more; more = this.nextMember()) {
      const key = wellFormed(yield* this.keyInSteps());
      const isAlone = map.size === (map.has(key) ? 1 : 0);
      if (isAlone && isSpelling(key)) {
        yield* this.longString();
        const { ready } = this;
        if (ready && this.isLastMember(ready.end)) {
          this.at = ready.end;
          this.ready = undefined;
          this.nextMember();
          return (yield* this.speltInSteps(key, ready.value)) ?? this.speltOut(new Map([[key, ready.value]]));
        }
        if (this.peek() === '[') {
          map.set(key, yield* this.listInSteps(deeper(depth), true));
          continue;
        }
      }
      map.set(key, yield* this.valueInSteps(deeper(depth)));
      if (this.isOver) yield;
    }
    return map.size === 1 ? this.speltOut(map) : map;
  }

  private isLastMember(valueEnd: number): boolean {
    const { at } = this;
    this.at = valueEnd;
    const isLast = this.peek() === '}';
    this.at = at;
    return isLast;
  }

  /** What a long string spells out; undefined where the ordinary reader knows better. */
  private *speltInSteps(key: string, value: string): Steps<RawCbor | undefined> {
    if (key === '$bytes') return yield* base64Item(value, this);
    if (key === '$utf8') return yield* utf8Item(value, this);
    if (key === '$cbor') return yield* cborItem(value, this);
    return undefined;
  }

  /** As skip. */
  *skipInSteps(depth = MAX_DEPTH): Steps<void> {
    const first = this.peek();
    if (first === '{') {
      for (let more = this.enterObject(); more; more = this.nextMember()) {
        yield* this.keyInSteps();
        yield* this.skipInSteps(deeper(depth));
        if (this.isOver) yield;
      }
    } else if (first === '[') {
      for (let more = this.enterList(); more; more = this.nextItem()) {
        yield* this.skipInSteps(deeper(depth));
        if (this.isOver) yield;
      }
    } else {
      yield* this.longString();
      this.skip(depth);
    }
  }

  /** Records what is wrong; `afterRefusal` moves behind the value, which may be most of the body. */
  override refuse(field: string, start: number, reason: string): undefined {
    this.refusal = this.addProblem({ field: shorten(field), value: '', reason });
    this.refusedAt = start;
    return undefined;
  }

  /** Whether a value is refused that has yet to be moved behind. */
  get hasRefused(): boolean {
    return this.refusedAt !== undefined;
  }

  /** To be called behind each value that is read. */
  *afterRefusal(): Steps<void> {
    const { refusedAt, refusal } = this;
    if (refusedAt === undefined) return;
    this.refusedAt = this.refusal = undefined;
    this.at = refusedAt;
    yield* this.skipInSteps();
    if (refusal) refusal.value = shorten(this.since(refusedAt));
  }
}
