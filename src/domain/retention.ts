import type { Micros } from './time.js';
import { hasPassed } from './time.js';

/** How much of something past is kept: what is older than `age` or beyond the newest `count` goes. Absent: no limit. */
export interface RetentionLimit {
  age?: Micros;
  count?: number;
}

/** Whether a limit no longer keeps something: it is past since `since`, and so many are kept with it, none of them older. */
export function isExceeded(
  { age = Infinity, count = Infinity }: RetentionLimit,
  since: Micros,
  now: Micros,
  kept: number,
): boolean {
  return kept > count || hasPassed(since + age, now);
}

/** What the daemon keeps of the past. A class, so that it serves as an injection token. */
export class RetentionPolicy {
  constructor(
    /** Finished units, by the end of their attempt; the count is per work spec. */
    readonly finished: RetentionLimit = {},
    readonly failed: RetentionLimit = {},
    /** Workers without a pending attempt, by the time they have been inactive. */
    readonly workers: RetentionLimit = {},
  ) {}
}

/** What one round of retention took away. */
export interface RetentionResult {
  units: number;
  workers: number;
  /** Whether a bound on the round's work was reached and more is due. */
  more: boolean;
}
