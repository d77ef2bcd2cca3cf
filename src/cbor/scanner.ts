import { CborError } from './errors.js';
import { argumentAt, ARGUMENT_BYTES, badHead, Byte, Info, Major, MAX_DEPTH, Tag, tooDeep, truncated } from './heads.js';

export interface ScanLimits {
  /** Longest item, its own head included, in bytes; absent: no limit. */
  maxBytes?: number;
  /** Deepest nesting, as MAX_DEPTH counts it; absent: MAX_DEPTH. */
  maxDepth?: number;
}

/** Most pieces of one string of indefinite length: each of them costs as much as an item. */
const MAX_CHUNKS = 65_536;

/** Where containers and strings in pieces that are longer than this end is worth noting. */
const LONG_BYTES = 16 * 1024;

/** Where long items end, by where they begin: so that nobody has to walk over them once more. */
export type LongItems = Map<number, number>;

/** So much is scanned before anybody looks at the clock. */
const WINDOW_BYTES = 16 * 1024;
const STEPS_PER_WINDOW = 64;

/**
 * Scans an item that must be all there, window by window. Yields after each how many small steps it took.
 * @returns the end of the item @throws CborError when it is malformed, beyond the limits of the scanner, or ends early
 */
export function* scanInWindows(
  scanner: ItemScanner,
  bytes: Uint8Array,
  start: number,
  limit: number,
): Generator<number, number> {
  for (let to = start; ;) {
    to = Math.min(to + WINDOW_BYTES, limit);
    const end = scanner.scan(bytes, start, to);
    if (end >= 0) return end;
    if (to === limit) throw truncated(start);
    yield STEPS_PER_WINDOW;
  }
}

/** What an open container waits for; a number ≥ 0 is how many more items a definite one holds. */
const Open = { Array: -1, MapKey: -2, MapValue: -3, Bytes: -4, Text: -5 } as const;

/**
 * Finds where a CBOR item ends, in input that may still be growing. What has been looked at is not looked at again when
 * more bytes come, and the inside of a string is never looked at. Checks that the item is well-formed (not that text is
 * UTF-8). Never recurses, so that no input can exhaust the stack.
 */
export class ItemScanner {
  private readonly maxBytes: number;
  private maxDepth: number;
  /** What errors add to `offset`. */
  private origin = 0;
  /** From the start of the item to the next head; past the bytes at hand while a string is still arriving. */
  private offset = 0;
  /** The last byte of the item is known: the one before `offset`. */
  private ended = false;
  private readonly open: number[] = [];
  private depth = 0;
  private tagRun = 0;
  /** Pieces of the string in pieces that is being looked at. */
  private chunks = 0;
  /** Where the item at hand begins, its tags included. */
  private itemAt = 0;
  /** Where open containers begin, their tags included and not; only kept while long items are noted. */
  private readonly starts: number[] = [];
  private noted: LongItems | undefined;

  constructor(limits: ScanLimits = {}) {
    this.maxBytes = limits.maxBytes ?? Infinity;
    this.maxDepth = limits.maxDepth ?? MAX_DEPTH;
  }

  /** Has long items noted, those of the items scanned from now on, by their offsets from where scanning starts. */
  noteLong(noted: LongItems): void {
    this.noted = noted;
  }

  /** Forgets the item begun, for instance after an error. */
  reset(): void {
    this.offset = 0;
    this.ended = false;
    this.depth = 0;
    this.tagRun = 0;
  }

  /**
   * The end of the item that begins at `start`, or -1 when it is not all there. Then call again with the same item and
   * more bytes; they may have moved to another buffer. After an end the scanner is ready for the next item.
   *
   * @throws CborError when the item is malformed or beyond the limits
   */
  scan(bytes: Uint8Array, start: number, end: number): number {
    if (this.offset === 0) this.tryFrame(bytes, start, end);
    while (!this.ended) {
      const at = start + this.offset;
      if (at >= end) return -1;
      const size = 1 + this.argumentBytes(bytes[at]);
      if (at + size > end) return -1;
      this.takeHead(bytes, at, size);
      if (this.offset > this.maxBytes) throw this.tooLarge();
    }
    const itemEnd = start + this.offset;
    if (itemEnd > end) return -1;
    this.reset();
    return itemEnd;
  }

  /**
   * The end of an item that must be all there: nothing of it is kept for a later call.
   *
   * @throws CborError with the offset in `bytes` when it is malformed, too deep or ends early
   */
  scanWhole(bytes: Uint8Array, start: number, end: number, maxDepth: number): number {
    this.reset();
    this.origin = start;
    this.maxDepth = maxDepth;
    const itemEnd = this.scan(bytes, start, end);
    if (itemEnd < 0) throw truncated(start);
    return itemEnd;
  }

  /** The usual message, tag 24 around a byte string of less than 64 KiB, at one glance. */
  private tryFrame(bytes: Uint8Array, start: number, end: number): void {
    if (end - start < 5 || bytes[start] !== 0xd8 || bytes[start + 1] !== Tag.EncodedCbor) return;
    const head = bytes[start + 2];
    if (head >> 5 !== Major.Bytes || head > ((Major.Bytes << 5) | Info.TwoBytes)) return;
    this.offset = 3 + ARGUMENT_BYTES[head & 31] + argumentAt(bytes, start + 2);
    if (this.offset > this.maxBytes) throw this.tooLarge();
    this.ended = true;
  }

  private argumentBytes(first: number): number {
    const count = ARGUMENT_BYTES[first & 31];
    if (count < 0) throw badHead(first, this.origin + this.offset);
    return count;
  }

  private takeHead(bytes: Uint8Array, at: number, size: number): void {
    const first = bytes[at];
    const major = first >> 5;
    const indefinite = (first & 31) === Info.Indefinite;
    const parent = this.depth > 0 ? this.open[this.depth - 1] : 0;
    if (parent <= Open.Bytes && first !== Byte.Break) {
      const wanted = parent === Open.Bytes ? Major.Bytes : Major.Text;
      if (major !== wanted || indefinite) throw badHead(first, this.origin + this.offset);
      if (++this.chunks > MAX_CHUNKS) {
        throw new CborError('too large', `string in more than ${MAX_CHUNKS} pieces`, this.origin + this.offset);
      }
    }
    if (this.tagRun === 0) this.itemAt = this.offset;
    switch (major) {
      case Major.Bytes:
      case Major.Text:
        this.offset += size;
        if (indefinite) {
          this.chunks = 0;
          return this.enter(major === Major.Bytes ? Open.Bytes : Open.Text, size);
        }
        this.offset += argumentAt(bytes, at);
        return this.endItem();
      case Major.Array:
      case Major.Map: {
        if (this.depth >= this.maxDepth) throw tooDeep(this.maxDepth, this.origin + this.offset);
        this.offset += size;
        if (indefinite) return this.enter(major === Major.Array ? Open.Array : Open.MapKey, size);
        const items = argumentAt(bytes, at) * (major === Major.Array ? 1 : 2);
        return items === 0 ? this.endItem() : this.enter(items, size);
      }
      case Major.Tag:
        if (indefinite) throw badHead(first, this.origin + this.offset);
        if (this.tagRun++ >= this.maxDepth) throw tooDeep(this.maxDepth, this.origin + this.offset);
        this.offset += size;
        return;
      case Major.Simple:
        if (first === Byte.Break) this.takeBreak(parent);
        else if (size === 2 && bytes[at + 1] < 32) throw badHead(first, this.origin + this.offset);
        this.offset += size;
        return this.endItem();
      default:
        if (indefinite) throw badHead(first, this.origin + this.offset);
        this.offset += size;
        return this.endItem();
    }
  }

  private enter(items: number, headSize: number): void {
    if (this.noted !== undefined) {
      this.starts[2 * this.depth] = this.itemAt;
      this.starts[2 * this.depth + 1] = this.offset - headSize;
    }
    this.open[this.depth++] = items;
    this.tagRun = 0;
  }

  private takeBreak(parent: number): void {
    if (parent >= 0 || parent === Open.MapValue || this.tagRun > 0)
      throw badHead(Byte.Break, this.origin + this.offset);
    this.depth--;
    // The break is of one byte, and not yet passed.
    if (this.noted !== undefined) this.note(this.noted, this.offset + 1);
  }

  /** The container that has just been closed ends there. */
  private note(noted: LongItems, end: number): void {
    const start = this.starts[2 * this.depth];
    if (end - start < LONG_BYTES) return;
    noted.set(start, end);
    noted.set(this.starts[2 * this.depth + 1], end);
  }

  /** One item is over, and with it every container that it was the last item of. */
  private endItem(): void {
    this.tagRun = 0;
    while (this.depth > 0) {
      const top = this.depth - 1;
      const left = this.open[top];
      if (left < 0) {
        if (left === Open.MapKey) this.open[top] = Open.MapValue;
        else if (left === Open.MapValue) this.open[top] = Open.MapKey;
        return;
      }
      if (left > 1) {
        this.open[top] = left - 1;
        return;
      }
      this.depth = top;
      if (this.noted !== undefined) this.note(this.noted, this.offset);
    }
    this.ended = true;
  }

  private tooLarge(): CborError {
    return new CborError('too large', `item of more than ${this.maxBytes} bytes`, this.origin + this.offset);
  }
}
