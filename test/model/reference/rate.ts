import type { RateFields, RefSpec } from './state.js';
import { NEVER } from './state.js';

/** Fractions of tokens, and of microseconds, are millions of times more than this, or rounding. */
const ROUNDING = 1e-8;

/** How long one token takes, in microseconds. */
function tokenTime({ units, per }: RateFields): number {
  return (per * 1e6) / units;
}

/** How many tokens there are, with a fraction. */
function level(rate: RateFields, fullAt: number, now: number): number {
  return rate.burst - Math.max(0, fullAt - now) / tokenTime(rate);
}

/** How many units of a spec its rate lets be handed out. */
export function tokens({ fields, fullAt }: RefSpec, now: number): number {
  const rate = fields.flow?.rate_limit;
  return rate ? Math.floor(level(rate, fullAt, now) + ROUNDING) : Infinity;
}

/** Until when nothing of a spec may be handed out by its rate; undefined: something may. */
export function limitedUntil(spec: RefSpec, now: number): number | undefined {
  const rate = spec.fields.flow?.rate_limit;
  return rate && tokens(spec, now) < 1 ? spec.fullAt - (rate.burst - 1) * tokenTime(rate) : undefined;
}

export function spend(spec: RefSpec, units: number, now: number): void {
  const rate = spec.fields.flow?.rate_limit;
  if (rate && units > 0) spec.fullAt = Math.max(now, spec.fullAt) + units * tokenTime(rate);
}

/** The clock is set back: what the bucket lacks is never more than all of it. @returns whether it would have been */
export function correctRate(spec: RefSpec, now: number): boolean {
  const rate = spec.fields.flow?.rate_limit;
  const latest = rate ? now + rate.burst * tokenTime(rate) : Infinity;
  if (spec.fullAt <= latest) return false;
  spec.fullAt = latest;
  return true;
}

/** The clock is set back: the next unit comes an interval from now at the latest. @returns whether the last came later than now */
export function correctContinuous({ meta }: RefSpec, now: number): boolean {
  if (now >= meta.lastContinuous) return false;
  meta.nextContinuous = Math.min(meta.nextContinuous, now + Number(meta.intervalNs) / 1000);
  meta.lastContinuous = now;
  return true;
}

/** When the bucket of a spec is full that is given another rate: it keeps what is in it. The moment is a whole one, never too early. */
export function fullAtWithRate({ fields, fullAt }: RefSpec, after: RateFields | undefined, now: number): number {
  const before = fields.flow?.rate_limit;
  if (!before || !after) return NEVER;
  if (tokenTime(before) === tokenTime(after) && before.burst === after.burst) return fullAt;
  const lacking = after.burst - level(before, fullAt, now);
  return lacking <= ROUNDING ? NEVER : now + Math.ceil(lacking * tokenTime(after) - ROUNDING * 1e6);
}
