/** Durations counted by size: what a histogram shows, in plain numbers that cost nanoseconds to add to. */
export class Tally {
  /** How many fell in each bucket, one more behind the last bound. */
  readonly counts: number[];
  /** In seconds. */
  sum = 0;

  /** @param bounds - upper bounds of the buckets, in seconds, ascending */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(seconds: number): void {
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && seconds > bounds[bucket]) bucket++;
    this.counts[bucket]++;
    this.sum += seconds;
  }

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}
