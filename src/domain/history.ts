import type { AttemptOutcome } from './attempt-outcome.js';
import { ATTEMPT_OUTCOMES } from './attempt-outcome.js';
import type { Micros } from './time.js';
import { DAY, MINUTE } from './time.js';

export const HOUR: Micros = 60 * MINUTE;

/** What happened is kept by the minute for so long, and by the hour after that. */
export const MINUTES_KEPT: Micros = 2 * DAY;
/** For so long it is kept at all. */
export const HISTORY_KEPT: Micros = 60 * DAY;

/** Upper bounds, in seconds, that waits and attempts are counted by: work takes from milliseconds to days. */
export const WORK_BOUNDS: readonly number[] = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];

/** What is counted of each span, in this order. */
export const COUNTED = ['added', 'claimed', ...ATTEMPT_OUTCOMES] as const;
export type Counted = (typeof COUNTED)[number];

/** Ends of which it is known how long somebody worked: that a lease ran out, or was given back, says nothing of that. */
export const WORKED: readonly AttemptOutcome[] = ['finished', 'failed', 'retried'];

/** Which part of a history is wanted, and how fine. All three are whole multiples of a minute. */
export interface HistoryWindow {
  /** From this moment on. */
  readonly from: Micros;
  /** Until before this one. */
  readonly to: Micros;
  /** What spans together are shown as one: a part of an hour that an hour is a multiple of, or whole hours. */
  readonly step: Micros;
}

/** Durations counted by size. */
export interface SpanTimes {
  /** All of them together. */
  readonly seconds: number;
  /** How many were within each of WORK_BOUNDS and beyond the one before it; the last: how many were longer than all. */
  readonly buckets: readonly number[];
}

/** What happened in a span of time in which something did. */
export interface HistorySpan extends Readonly<Record<Counted, number>> {
  readonly start: Micros;
  /** The first moment that does not belong to it. As long as a step, or an hour where it is not known any finer. */
  readonly end: Micros;
  /** How long the units that were claimed had been available. */
  readonly waited: SpanTimes;
  /** How long the attempts took that finished, failed or were retried. */
  readonly worked: SpanTimes;
}
