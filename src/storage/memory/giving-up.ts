import type { Pace } from './pace.js';
import { atOnce, inSlices } from './pace.js';
import type { SpecWork } from './spec-work.js';

/** Giving up the tables of a spec takes as long as so many small steps. */
const STEPS_OF_SPEC = 8;

/**
 * Units go, with their specs or without. Whoever still knows them finds at once that they are dropped; what they hold, and what
 * workers know of them, goes in slices where it is much.
 */
export function giveUpWork(specs: readonly { readonly work: SpecWork }[], pace: Pace): void {
  let steps = 0;
  for (const { work } of specs) {
    work.isDropped = true;
    steps += 1 + work.attempts.workers;
  }
  const works = specs.map(({ work }) => work);
  if (steps <= pace.large) atOnce(givingUp(works));
  else void inSlices(givingUp(works), pace.slices());
}

function* givingUp(works: readonly SpecWork[]): Generator<number, void> {
  for (const work of works) {
    work.giveUp();
    yield STEPS_OF_SPEC;
    yield* work.attempts.forgetAll();
  }
}
