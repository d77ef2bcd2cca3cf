import type { ClaimRequest } from '../attempt.js';
import type { Micros } from '../time.js';
import { hasPassed } from '../time.js';
import type { WorkSpecMeta } from '../work-spec.js';

// Which work specs a claim may be given units of, and how many: what comes before the draw.

/** How many units a spec has, as a storage knows it; only asked for where the rule needs it. */
export interface Supply {
  readonly available: number;
  readonly pending: number;
}

/** Whether units of a spec are given out at all. */
export function isHandedOut({ paused, weight }: WorkSpecMeta): boolean {
  return !paused && weight > 0;
}

/** What running the units of a spec takes. */
export type Needs = Pick<WorkSpecMeta, 'runtime' | 'minMemoryGb'>;

/** Whether who claims can run the units of a spec. Memory of zero or less: nobody says how much there is. */
export function canRun({ runtime, minMemoryGb }: Needs, { runtimes, availableGb = 0 }: ClaimRequest): boolean {
  if (runtimes?.length && !runtimes.includes(runtime)) return false;
  return availableGb <= 0 || minMemoryGb <= availableGb;
}

/** The names of the specs that a claim is limited to, of which those that are not there are ignored; undefined: to none. */
export function namesAsked({ workSpecs }: ClaimRequest): readonly string[] | undefined {
  return workSpecs?.length ? workSpecs : undefined;
}

/** Whether a spec comes into question for a claim, if it has work: it is asked for and given out, and who claims can run it. */
export function suits(workSpec: string, meta: WorkSpecMeta, request: ClaimRequest): boolean {
  const asked = namesAsked(request);
  return (!asked || asked.includes(workSpec)) && isHandedOut(meta) && canRun(meta, request);
}

/** Whether more units of a spec may be pending than are. */
export function mayRunMore({ maxRunning }: WorkSpecMeta, supply: Supply): boolean {
  return maxRunning <= 0 || supply.pending < maxRunning;
}

/** Whether a continuous spec is without work, so that it gives itself a unit once `nextContinuous` has passed. */
export function awaitsOwnUnit({ continuous }: WorkSpecMeta, supply: Supply): boolean {
  return continuous && supply.available === 0 && supply.pending === 0;
}

/** Whether a continuous spec gives itself a unit now. @param meta - what `atPresent` makes of it */
export function makesOwnUnit(meta: WorkSpecMeta, supply: Supply, now: Micros): boolean {
  return awaitsOwnUnit(meta, supply) && hasPassed(meta.nextContinuous, now);
}

/**
 * Whether a spec, if its units are given out at all, has one to give now.
 * @param meta - what `atPresent` makes of it, @param allowed - what `allowanceOf` says
 */
export function hasWork(meta: WorkSpecMeta, supply: Supply, now: Micros, allowed = Infinity): boolean {
  return allowed > 0 && mayRunMore(meta, supply) && (supply.available > 0 || makesOwnUnit(meta, supply, now));
}

/** Until when that holds, if no unit and no control value changes. @param due - when the first lease or delay runs out */
export function holdsUntil(meta: WorkSpecMeta, supply: Supply, due: Micros): Micros {
  return awaitsOwnUnit(meta, supply) ? Math.min(due, meta.nextContinuous) : due;
}

/** How many units a claim may take that asks for so many. @param allowed - what `allowanceOf` says */
export function claimSize(
  { maxAttemptsReturned, maxRunning }: WorkSpecMeta,
  asked: number,
  supply: Supply,
  allowed = Infinity,
): number {
  let size = Math.min(asked, allowed);
  if (maxAttemptsReturned > 0) size = Math.min(size, maxAttemptsReturned);
  if (maxRunning > 0) size = Math.min(size, maxRunning - supply.pending);
  return size;
}
