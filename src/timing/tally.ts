/** Upper bounds, in seconds: memory answers in microseconds, a database in milliseconds, a listing of millions in seconds. */
export const OPERATION_BOUNDS: readonly number[] = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
  5, 10,
];

/** In which bucket a duration falls. From the first one on: nearly all of what happens often is short. */
export function bucketOf(bounds: readonly number[], seconds: number): number {
  let bucket = 0;
  while (bucket < bounds.length && seconds > bounds[bucket]) bucket++;
  return bucket;
}

/**
 * Durations counted by size: what a histogram shows, in plain numbers. Every request adds to several; all that can be
 * worked out when somebody looks, such as how many there are, is worked out then.
 */
export class Tally {
  /** How many fell in each bucket, one more behind the last bound. */
  readonly counts: number[];
  /** In seconds. */
  sum = 0;

  /** @param bounds - upper bounds of the buckets, in seconds, ascending */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(seconds: number, times = 1): void {
    this.counts[bucketOf(this.bounds, seconds)] += times;
    this.sum += seconds * times;
  }

  /** Adds all that another has counted by the same bounds. */
  addAll({ counts, sum }: Tally): void {
    for (let bucket = 0; bucket < counts.length; bucket++) this.counts[bucket] += counts[bucket];
    this.sum += sum;
  }

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}
