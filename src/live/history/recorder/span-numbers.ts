import type { AttemptOutcome } from '../../../domain/attempt-outcome.js';
import type { HistorySpan, SpanTimes } from '../../../domain/history.js';
import { COUNTED, WORK_BOUNDS } from '../../../domain/history.js';
import type { Micros } from '../../../domain/time.js';

/**
 * All that is counted of one span, in one array of numbers: the counts in the order of COUNTED, the sums of the times waited
 * and worked in seconds, how many were in each bucket of the times waited, and the same of those worked.
 */
export type SpanNumbers = Float64Array;

/** Buckets of one kind of times. */
export const BUCKETS = WORK_BOUNDS.length + 1;

/** Where in it things are. */
export const AT = {
  added: 0,
  claimed: 1,
  finished: 2,
  failed: 3,
  retried: 4,
  expired: 5,
  released: 6,
  waitedSeconds: COUNTED.length,
  workedSeconds: COUNTED.length + 1,
  waited: COUNTED.length + 2,
  worked: COUNTED.length + 2 + BUCKETS,
} as const satisfies Record<AttemptOutcome, number> & Record<string, number>;

/** How many numbers they are. */
export const SPAN_LENGTH = AT.worked + BUCKETS;

export function noNumbers(): SpanNumbers {
  return new Float64Array(SPAN_LENGTH);
}

export function addNumbers(to: SpanNumbers, more: SpanNumbers): void {
  for (let i = 0; i < SPAN_LENGTH; i++) to[i] += more[i];
}

/** A span as it is shown. */
export function spanOf(start: Micros, end: Micros, numbers: SpanNumbers): HistorySpan {
  return {
    start,
    end,
    added: numbers[AT.added],
    claimed: numbers[AT.claimed],
    finished: numbers[AT.finished],
    failed: numbers[AT.failed],
    retried: numbers[AT.retried],
    expired: numbers[AT.expired],
    released: numbers[AT.released],
    waited: timesOf(numbers, AT.waitedSeconds, AT.waited),
    worked: timesOf(numbers, AT.workedSeconds, AT.worked),
  };
}

function timesOf(numbers: SpanNumbers, seconds: number, buckets: number): SpanTimes {
  return { seconds: numbers[seconds], buckets: Array.from(numbers.subarray(buckets, buckets + BUCKETS)) };
}
