import { performance } from 'node:perf_hooks';
import { OPERATION_BOUNDS, Tally } from './tally.js';

/** Called at least once in so many milliseconds, an operation counts as busy: two looks at the clock each would be felt. */
const BUSY_MS = 0.1;
/** Of a busy operation so many in a row are not timed. */
const UNTIMED_RUN = 7;
/** In place of when it began. */
const UNTIMED = -1;

/**
 * What one operation takes. Every call is counted, and timed unless the operation is busy (more than 10,000 calls a second).
 * Then, of the calls that answer at once, one in eight is timed and stands for the seven before it too, whatever it took: so
 * that what is seldom and long weighs as much as it should. What answers later is timed each time.
 */
export class OperationTimes {
  private readonly tally = new Tally(OPERATION_BOUNDS);
  /** How many of the next are not timed. */
  private left = 0;
  /** How many that are not timed are not in the tally yet, the next ones among them. */
  private owed = 0;
  /** When the last that was timed was over, in milliseconds, and what it took, in seconds. */
  private lastEnd = -Infinity;
  private last = 0;

  /** All that are over; the last few that were not timed are taken to be like the one before them. */
  get seconds(): Tally {
    if (this.owed > this.left) this.tally.add(this.last, this.owed - this.left);
    this.owed = this.left;
    return this.tally;
  }

  /** @returns what to call the others with */
  begin(): number {
    if (this.left === 0) return performance.now();
    this.left--;
    return UNTIMED;
  }

  /** It has answered, or thrown, at once. */
  end(begun: number): void {
    if (begun !== UNTIMED) this.record(begun, performance.now());
  }

  /** It will answer later. @returns what to call endLater with */
  goesOn(begun: number): number {
    if (begun !== UNTIMED) return begun;
    this.owed--;
    return performance.now();
  }

  endLater(since: number): void {
    this.tally.add((performance.now() - since) / 1000, 1);
  }

  private record(begun: number, end: number): void {
    const calls = this.owed + 1;
    this.last = (end - begun) / 1000;
    this.tally.add(this.last, calls);
    this.owed = this.left = end - this.lastEnd < calls * BUSY_MS ? UNTIMED_RUN : 0;
    this.lastEnd = end;
  }
}
