import type { Awaitable } from './awaitable.js';

/** A moment or a span in whole microseconds; a moment counts from the Unix epoch. Exact from the year 1684 to 2255. */
export type Micros = number;

export const MILLISECOND: Micros = 1_000;
export const SECOND: Micros = 1_000_000;
export const MINUTE: Micros = 60 * SECOND;
export const DAY: Micros = 24 * 60 * MINUTE;

/** 0001-01-01T00:00:00Z, "no time": the moment that has always passed. */
export const ZERO_TIME: Micros = -62_135_596_800_000_000;

/**
 * 9999-12-31T23:59:59.999999Z, the last moment that its form in RFC 3339 can say. So far from now a number is exact to 32
 * microseconds: this is the last one before the year 10000, and stands for all that lies between.
 */
export const LAST_TIME: Micros = 253_402_300_799_999_968;

/** The moment that comes `span` after now, kept within the times that can be written. */
export function laterBy(span: Micros, now: Micros): Micros {
  return Math.min(Math.max(now + span, ZERO_TIME), LAST_TIME);
}

/** Lifetime of an attempt whose client names none (REST), and of a worker record made in passing. */
export const DEFAULT_LIFETIME: Micros = 15 * MINUTE;

/** A moment has passed when now has reached it. */
export function hasPassed(moment: Micros, now: Micros): boolean {
  return now >= moment;
}

/** The clock that the storage decides expiry and delay by: the machine's for memory, the database's for PostgreSQL. */
export abstract class Clock {
  abstract now(): Awaitable<Micros>;
}

/** A clock that can be read without waiting. */
export abstract class LocalClock extends Clock {
  abstract override now(): Micros;
}

/** A clock that somebody sets. In between it goes on as the machine's does. */
export class SetClock extends LocalClock {
  private ahead: Micros = 0;

  override now(): Micros {
    return Date.now() * MILLISECOND + this.ahead;
  }

  set(moment: Micros): void {
    this.ahead = moment - Date.now() * MILLISECOND;
  }
}

/** The machine's wall clock. Never a monotonic origin: a jump of the clock takes effect at the next look. */
export class SystemClock extends LocalClock {
  override now(): Micros {
    return Date.now() * MILLISECOND;
  }
}
