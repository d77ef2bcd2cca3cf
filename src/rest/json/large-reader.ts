import { CborWriter, type Encodable, MAX_DEPTH } from '../../cbor/index.js';
import { Slices } from '../../timing/slices.js';
import type { ErrorDetail } from '../errors/rest-error.js';
import { shorten } from '../errors/rest-error.js';
import { Char, checkUtf8, deeper, JsonReader, wellFormed, withoutMark } from './json-reader.js';
import { pieceOfString } from './long-strings.js';

/** Work that stops where a slice of time is over, until it is told to go on. */
export type Steps<T> = Generator<void, T, void>;

/** So many bytes are made text in one go, which takes about as many microseconds as there are kilobytes. */
const DECODED_BYTES = 2 * 1024 * 1024;
/** A string of fewer chars than this is read in one go. */
const LONG = 64 * 1024;

/** A reader of a body so large that others have their turn while it is read. Containers are gone through one by one. */
export class LargeJsonReader extends JsonReader {
  private readonly slices = new Slices();
  /** Where a value begins that is refused and has yet to be moved behind. */
  private refusedAt: number | undefined;
  private refusal: ErrorDetail | undefined;
  /** A long string that has been read in steps: where it begins and ends, and what it says. */
  private ready: { readonly start: number; readonly end: number; readonly value: string } | undefined;

  /** As `of`. */
  static async ofLarge(bytes: Buffer): Promise<LargeJsonReader> {
    checkUtf8(bytes);
    const slices = new Slices();
    let text = '';
    for (let from = 0; from < bytes.length;) {
      let to = Math.min(from + DECODED_BYTES, bytes.length);
      // A char is not cut: the bytes behind its first one are 10xxxxxx.
      while (to < bytes.length && (bytes[to] & 0xc0) === 0x80) to--;
      text += bytes.utf8Slice(from, to);
      from = to;
      if (slices.isOver(Infinity)) await slices.next();
    }
    return new this(withoutMark(text));
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
    const { text, position: start } = this;
    if (text.charCodeAt(start) !== Char.Quote) return;
    const quote = text.indexOf('"', start + 1);
    if (quote !== -1 && quote - start < LONG && text.charCodeAt(quote - 1) !== Char.Backslash) return;
    let value = '';
    this.at = start + 1;
    for (let isLast = false; !isLast;) {
      const piece = pieceOfString(text, this.at);
      // The ordinary reader knows what to say of what is wrong.
      value += piece.says ?? this.readEscaped(this.at, this.at);
      this.at = piece.end;
      ({ isLast } = piece);
      if (this.slices.isOver(Infinity)) yield;
    }
    this.ready = { start, end: this.at + 1, value };
    this.at = start;
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

  /** As readValue. */
  *valueInSteps(depth = MAX_DEPTH): Steps<Encodable> {
    const first = this.peek();
    if (first === '{') {
      const map = new Map<string, Encodable>();
      for (let more = this.enterObject(); more; more = this.nextMember()) {
        const key = wellFormed(yield* this.keyInSteps());
        map.set(key, yield* this.valueInSteps(deeper(depth)));
        if (this.isOver) yield;
      }
      return map;
    }
    if (first === '[') {
      const list: Encodable[] = [];
      for (let more = this.enterList(); more; more = this.nextItem()) {
        list.push(yield* this.valueInSteps(deeper(depth)));
        if (this.isOver) yield;
      }
      return list;
    }
    yield* this.longString();
    return this.readValue(depth);
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

  /** As encode. */
  *encodeInSteps(value: Encodable, writer = new CborWriter()): Steps<Buffer> {
    yield* this.writeInSteps(value, writer);
    return writer.take();
  }

  private *writeInSteps(value: Encodable, writer: CborWriter): Steps<void> {
    if (value instanceof Map) {
      writer.writeMapHead(value.size);
      for (const [key, member] of value as ReadonlyMap<string, Encodable>) {
        writer.writeText(key);
        yield* this.writeInSteps(member, writer);
        if (this.isOver) yield;
      }
    } else if (Array.isArray(value)) {
      writer.writeArrayHead(value.length);
      for (const item of value as readonly Encodable[]) {
        yield* this.writeInSteps(item, writer);
        if (this.isOver) yield;
      }
    } else {
      writer.writeValue(value);
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
