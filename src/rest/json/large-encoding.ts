import { CborMap, CborWriter, type Encodable, RawCbor, Tagged, Tuple } from '../../cbor/index.js';
import type { Steps, Turn } from './steps.js';

/** What is written goes into a piece of its own from this size on. */
const PIECE = 1024 * 1024;
/** Copying so many bytes takes about as long as another small step. */
const STEP_BYTES = 4096;

/** Encodes values in steps, one after another. */
export class LargeEncoder {
  private pieces: Uint8Array[] = [];
  private readonly writer = new CborWriter();

  constructor(private readonly turn: Turn) {}

  /** The encoded form of a value. */
  *encode(value: Encodable): Steps<Buffer> {
    yield* this.write(value);
    return yield* this.taken();
  }

  /** The encoded form of some values, one behind the other. */
  *encodeItems(items: readonly Encodable[]): Steps<Buffer> {
    yield* this.writeItems(items);
    return yield* this.taken();
  }

  private *taken(): Steps<Buffer> {
    if (this.pieces.length === 0) return this.writer.take();
    this.cut();
    const { pieces } = this;
    this.pieces = [];
    return yield* joined(pieces, this.turn);
  }

  private *write(value: Encodable): Steps<void> {
    const { writer } = this;
    if (value instanceof Map) {
      writer.writeMapHead(value.size);
      yield* this.writePairs(value as ReadonlyMap<Encodable, Encodable>);
    } else if (Array.isArray(value)) {
      writer.writeArrayHead(value.length);
      yield* this.writeItems(value as readonly Encodable[]);
    } else if (value instanceof Tuple) {
      writer.writeTupleHead(value.items.length);
      yield* this.writeItems(value.items);
    } else if (value instanceof CborMap) {
      writer.writeMapHead(value.size);
      yield* this.writePairs(value.entries);
    } else if (value instanceof Tagged) {
      writer.writeTag(value.tag);
      yield* this.write(value.value);
    } else if (value instanceof RawCbor && value.bytes.length >= PIECE) {
      this.cut();
      this.pieces.push(value.bytes);
    } else {
      writer.writeValue(value);
      if (writer.length >= PIECE) this.cut();
    }
  }

  private *writeItems(items: Iterable<Encodable>): Steps<void> {
    for (const item of items) {
      yield* this.write(item);
      if (this.turn.isOver) yield;
    }
  }

  private *writePairs(pairs: Iterable<readonly [Encodable, Encodable]>): Steps<void> {
    for (const [key, value] of pairs) {
      yield* this.write(key);
      yield* this.write(value);
      if (this.turn.isOver) yield;
    }
  }

  private cut(): void {
    if (this.writer.length > 0) this.pieces.push(this.writer.take());
  }
}

/** Pieces in one, which are copied in steps. */
export function* joined(pieces: readonly Uint8Array[], turn: Turn): Steps<Buffer> {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const whole = length < PIECE ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length);
  let to = 0;
  for (const piece of pieces) {
    for (let from = 0; from < piece.length; from += PIECE) {
      const part = piece.subarray(from, from + PIECE);
      whole.set(part, to);
      to += part.length;
      if (turn.isOverAfter(1 + part.length / STEP_BYTES)) yield;
    }
  }
  return whole;
}
