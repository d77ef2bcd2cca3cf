/** Hands out attempt numbers, never one twice. */
export class AttemptNumbers {
  private last = 0;

  next(): number {
    return ++this.last;
  }

  /** So many of them for one claim, which then follow each other whatever others do. */
  block(size: number): AttemptNumbers {
    const block = new AttemptNumbers();
    block.last = this.last;
    this.last += size;
    return block;
  }

  /** The last that was handed out. */
  get latest(): number {
    return this.last;
  }

  /** Hands out none up to a number. */
  skipTo(number: number): void {
    this.last = Math.max(this.last, number);
  }
}
