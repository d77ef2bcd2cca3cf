import type { Awaitable } from '../../domain/awaitable.js';
import { inSlices, Slices } from '../../timing/slices.js';

export { inSlices };

/** What counts as long work of one operation, and how it is cut. */
export interface Pace {
  /** An operation on more than so many units, attempts or names goes in slices, one on fewer in one go. */
  readonly large: number;
  /** From so many specs of a namespace on a draw takes less time of gathered ones than of each. */
  readonly many: number;
  slices(): Slices;
}

/** A thousand units take one or two milliseconds. */
export const PACE: Pace = { large: 1_000, many: 256, slices: () => new Slices() };

/** Does steps to their end in one go. */
export function atOnce<T>(steps: Generator<number, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * Does steps in one go when it turns out that they are few, and what is left of many in slices. What was done of them must not be
 * seen before all are: `keepOut` keeps everybody out while the rest is done, and begins to in the same turn.
 */
export function fewAtOnce<T>(
  steps: Generator<number, T>,
  pace: Pace,
  keepOut: (rest: () => Promise<T>) => Promise<T>,
): Awaitable<T> {
  for (let done = 0; done <= pace.large;) {
    const step = steps.next();
    if (step.done) return step.value;
    done += step.value;
  }
  return keepOut(() => inSlices(steps, pace.slices()));
}
