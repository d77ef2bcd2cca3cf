import type { Micros } from '../time.js';
import { ZERO_TIME } from '../time.js';

/** How many units may be given out in how long: a bucket that holds `burst` tokens, into which `units` fall every `per`. */
export interface TokenRate {
  /** More than 0; a millionth is the least that counts. */
  readonly units: number;
  /** More than 0. */
  readonly per: Micros;
  /** Whole, at least 1. */
  readonly burst: number;
}

/**
 * What is kept of a bucket is the moment at which it will be full if nothing more is taken: one whole number, from which the level
 * at any other follows. A bucket of which nothing has been taken is full.
 */
export const FULL: Micros = ZERO_TIME;

// Products of these numbers are beyond what a number says exactly, and a bucket must never give more than it has.

/** A fraction of a unit counts to so many places. */
const SCALE = 1_000_000;

/** How many millionths of a unit fall in `perOf` of the same rate. */
const unitsOf = ({ units }: TokenRate): bigint => BigInt(Math.max(1, Math.round(units * SCALE)));
/** How much of what is counted here a token is. */
const perOf = ({ per }: TokenRate): bigint => BigInt(per) * BigInt(SCALE);

/** How long an empty bucket takes to be full. */
export function fillTime(rate: TokenRate): Micros {
  return ceiled(BigInt(rate.burst) * perOf(rate), unitsOf(rate));
}

/** When it will be full, once the clock may have been set back: what it lacks is never more than all of it. */
export function fullAtPresent(rate: TokenRate, fullAt: Micros, now: Micros): Micros {
  return fullAt <= now ? fullAt : Math.min(fullAt, now + fillTime(rate));
}

/** How many whole tokens are there. */
export function tokensAt(rate: TokenRate, fullAt: Micros, now: Micros): number {
  if (fullAt <= now) return rate.burst;
  return Number(contents(rate, fullAt, now) / perOf(rate));
}

/** Takes so many tokens as are there at most. @returns when it will be full */
export function takeTokens(rate: TokenRate, fullAt: Micros, tokens: number, now: Micros): Micros {
  const from = Math.max(now, fullAtPresent(rate, fullAt, now));
  return from + ceiled(BigInt(tokens) * perOf(rate), unitsOf(rate));
}

/** From when on a whole token is there, if nothing is taken; a moment that has passed: one is. */
export function nextToken(rate: TokenRate, fullAt: Micros, now: Micros): Micros {
  const others = Number((BigInt(rate.burst - 1) * perOf(rate)) / unitsOf(rate));
  return fullAtPresent(rate, fullAt, now) - others;
}

/** When a bucket will be full that gets another rate, and keeps what is in it as far as it holds that. */
export function withRate(before: TokenRate, after: TokenRate, fullAt: Micros, now: Micros): Micros {
  // One in two seconds is a half a second: the same rate, of which not even the rounding is to be another.
  const isSame = unitsOf(before) * perOf(after) === unitsOf(after) * perOf(before);
  if (isSame && before.burst === after.burst) return fullAt;
  const token = perOf(before);
  const kept = fullAt <= now ? BigInt(before.burst) * token : contents(before, fullAt, now);
  const lacking = BigInt(after.burst) * token - kept;
  if (lacking <= 0n) return FULL;
  return now + ceiled(lacking * perOf(after), token * unitsOf(after));
}

/** What is in it: `perOf` is a token. */
function contents(rate: TokenRate, fullAt: Micros, now: Micros): bigint {
  const lacking = fullAtPresent(rate, fullAt, now) - now;
  const left = BigInt(rate.burst) * perOf(rate) - BigInt(lacking) * unitsOf(rate);
  return left > 0n ? left : 0n;
}

function ceiled(number: bigint, by: bigint): number {
  return Number((number + by - 1n) / by);
}
