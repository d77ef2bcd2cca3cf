import type { Micros } from '../time.js';
import type { After } from './after.js';
import type { RateLimit } from './rate-limit.js';
import { nextToken, tokensAt } from './token-bucket.js';

// What keeps units of a spec that are there from being handed out for a while, by what its flow says.

/** Units of a spec that are still to be done. */
export interface OpenUnits {
  readonly available: number;
  readonly delayed: number;
  readonly pending: number;
}

/** Whether a spec is at rest: whoever waits for it may be handed out. */
export function isAtRest({ available, delayed, pending }: OpenUnits): boolean {
  return available + delayed + pending === 0;
}

/** What may hold back units of a spec. */
export interface HoldBack {
  readonly rateLimit?: RateLimit;
  readonly after?: After;
}

/** Whether there is something by which units may be held back. */
export function hasLimits(flow: HoldBack | undefined): flow is HoldBack {
  return flow !== undefined && (flow.rateLimit !== undefined || flow.after !== undefined);
}

/**
 * How many units of a spec may be handed out now, as far as its flow says; Infinity: as many as one likes.
 * @param fullAt - when the bucket of its rate is full, @param isBlocked - whether one that it waits for is not at rest
 */
export function allowanceOf(flow: HoldBack | undefined, fullAt: Micros, isBlocked: boolean, now: Micros): number {
  if (flow === undefined) return Infinity;
  if (isBlocked) return 0;
  return flow.rateLimit === undefined ? Infinity : tokensAt(flow.rateLimit, fullAt, now);
}

/** Until when nothing may be handed out because of the rate; undefined: something may. */
export function limitedUntil(flow: HoldBack | undefined, fullAt: Micros, now: Micros): Micros | undefined {
  const rate = flow?.rateLimit;
  if (rate === undefined || fullAt <= now) return undefined;
  const next = nextToken(rate, fullAt, now);
  return next > now ? next : undefined;
}

/** Those of the specs that a spec waits for which are not at rest. @param openOf - units by name; undefined: it is not there */
export function blockersOf(
  flow: HoldBack | undefined,
  openOf: (workSpec: string) => OpenUnits | undefined,
): readonly string[] {
  if (flow?.after === undefined) return NONE;
  return flow.after.filter((name) => {
    const open = openOf(name);
    return open !== undefined && !isAtRest(open);
  });
}

const NONE: readonly string[] = [];
