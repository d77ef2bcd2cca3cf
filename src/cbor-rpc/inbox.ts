const EMPTY = Buffer.alloc(0);

/**
 * Bytes that have arrived and are not worked on yet: `bytes` from `start` to `end`. A chunk that arrives at an empty inbox
 * is taken as it is. Otherwise it is appended to a buffer that doubles as needed, so that a message in many pieces is
 * copied twice at most on average. Bytes once received are never overwritten: what points into them stays valid.
 */
export class Inbox {
  bytes: Buffer = EMPTY;
  start = 0;
  end = 0;

  get isEmpty(): boolean {
    return this.start === this.end;
  }

  /** How much memory it takes, in bytes. */
  get size(): number {
    return this.bytes.length;
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
  }

  /** Everything before `offset` is done with. */
  takeUntil(offset: number): void {
    this.start = offset;
    if (this.isEmpty) this.clear();
  }

  clear(): void {
    this.bytes = EMPTY;
    this.start = 0;
    this.end = 0;
  }

  private move(extra: number): void {
    const length = this.end - this.start;
    const larger = Buffer.allocUnsafeSlow(2 * (length + extra));
    this.bytes.copy(larger, 0, this.start, this.end);
    this.bytes = larger;
    this.start = 0;
    this.end = length;
  }
}
