import { CborWriter, type Encodable, MAX_DEPTH } from '../../cbor/index.js';
import { Slices } from '../../timing/slices.js';
import type { ErrorDetail } from '../errors/rest-error.js';
import { shorten } from '../errors/rest-error.js';
import { Char, deeper, JsonReader, wellFormed } from './json-reader.js';

/** Work that stops where a slice of time is over, until it is told to go on. */
export type Steps<T> = Generator<void, T, void>;

/** A reader of a body so large that others have their turn while it is read. Containers are gone through one by one. */
export class LargeJsonReader extends JsonReader {
  private readonly slices = new Slices();
  /** Where a value begins that is refused and has yet to be moved behind. */
  private refusedAt: number | undefined;
  private refusal: ErrorDetail | undefined;

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

  readKey(): string {
    const key = this.readString();
    this.expect(Char.Colon, '":"');
    return key;
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
        const key = wellFormed(this.readKey());
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
    return this.readValue(depth);
  }

  /** As skip. */
  *skipInSteps(depth = MAX_DEPTH): Steps<void> {
    const first = this.peek();
    if (first === '{') {
      for (let more = this.enterObject(); more; more = this.nextMember()) {
        this.readKey();
        yield* this.skipInSteps(deeper(depth));
        if (this.isOver) yield;
      }
    } else if (first === '[') {
      for (let more = this.enterList(); more; more = this.nextItem()) {
        yield* this.skipInSteps(deeper(depth));
        if (this.isOver) yield;
      }
    } else {
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
    this.moveTo(refusedAt);
    yield* this.skipInSteps();
    if (refusal) refusal.value = shorten(this.since(refusedAt));
  }
}
