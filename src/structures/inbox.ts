const EMPTY = Buffer.alloc(0);
/** A buffer of so many bytes is copied to a larger one little by little: 32 MB in one go would keep others waiting for 30 ms. */
const LARGE = 4 * 1024 * 1024;
/** So many bytes are copied for each one that arrives, so that all are before a half-full buffer is full. */
const COPIED_PER_BYTE = 4;

/**
 * Bytes that have arrived and are not worked on yet: `bytes` from `start` to `end`. A chunk that arrives at an empty inbox
 * is taken as it is. Otherwise it is appended to a buffer that doubles as needed, so that a message in many pieces is
 * copied twice at most on average. Bytes once received are never overwritten: what points into them stays valid.
 */
export class Inbox {
  bytes: Buffer = EMPTY;
  start = 0;
  end = 0;
  /** What comes after a large buffer, and how many of the bytes from `start` on it has already. */
  private next: Buffer | undefined;
  private copied = 0;

  /**
   * @param expected - how many bytes are to come, where that is known: they get their buffer at once, of which no more is in memory
   * than has been written to
   * @param large - from how many bytes on a buffer is copied little by little
   */
  constructor(
    private readonly expected = 0,
    private readonly large = LARGE,
  ) {}

  get isEmpty(): boolean {
    return this.start === this.end;
  }

  /** How much memory it takes, in bytes. */
  get size(): number {
    return this.bytes.length + this.copied;
  }

  append(chunk: Buffer): void {
    if (this.isEmpty) {
      this.bytes = chunk;
      this.start = 0;
      this.end = chunk.length;
      return;
    }
    // A chunk is full: what arrives next moves to a buffer of the inbox's own.
    if (this.end + chunk.length > this.bytes.length) this.move(chunk.length);
    chunk.copy(this.bytes, this.end);
    this.end += chunk.length;
    if (this.isFilling) this.copyAhead(COPIED_PER_BYTE * chunk.length);
  }

  /** Everything before `offset` is done with. */
  takeUntil(offset: number): void {
    this.start = offset;
    this.forgetNext();
    if (this.isEmpty) this.clear();
  }

  clear(): void {
    this.bytes = EMPTY;
    this.start = 0;
    this.end = 0;
    this.forgetNext();
  }

  /** Whether a larger buffer will be needed soon, and copying all to it would take long. */
  private get isFilling(): boolean {
    const { length } = this.bytes;
    return length >= this.large && this.end > length / 2 && length !== this.expected;
  }

  /** Copies some bytes to the buffer that comes next. Of that no more is in memory than has been written to. */
  private copyAhead(most: number): void {
    this.next ??= Buffer.allocUnsafeSlow(2 * this.bytes.length);
    const from = this.start + this.copied;
    this.copied += this.bytes.copy(this.next, this.copied, from, Math.min(from + most, this.end));
  }

  private forgetNext(): void {
    this.next = undefined;
    this.copied = 0;
  }

  private move(extra: number): void {
    const length = this.end - this.start;
    if (this.next && this.next.length < length + extra) this.forgetNext();
    const needed = length + extra;
    const larger = this.next ?? Buffer.allocUnsafeSlow(this.expected >= needed ? this.expected : 2 * needed);
    this.bytes.copy(larger, this.copied, this.start + this.copied, this.end);
    this.forgetNext();
    this.bytes = larger;
    this.start = 0;
    this.end = length;
  }
}
