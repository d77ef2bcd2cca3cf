import { InvalidValueError } from '../errors.js';
import type { After } from './after.js';

/** So many names of a circle are told. */
const MOST_TOLD = 10;
/** So often at most may one spec wait for another among all that a spec waits for, and that those wait for: it is looked through. */
const MOST_LOOKED_AT = 100_000;

/**
 * To be called before a spec is set to wait for others, under a lock that keeps others of its namespace from being set so.
 * @param waitsFor - what each of the others waits for
 * @throws InvalidValueError when one of those waits for it, or for one that does, or they are too many
 */
export function refuseCircle(
  name: string,
  after: After | undefined,
  waitsFor: (name: string) => After | undefined,
): void {
  if (after === undefined) return;
  let looked = 0;
  const circle = circleThrough(name, (one) => {
    const others = one === name ? after : waitsFor(one);
    looked += others?.length ?? 0;
    if (looked <= MOST_LOOKED_AT) return others;
    throw new InvalidValueError(
      'flow.after',
      `leads to specs that wait for others more than ${MOST_LOOKED_AT} times in all, which are too many to look for a circle`,
    );
  });
  if (circle === undefined) return;
  const told = circle.slice(0, MOST_TOLD).map((one) => JSON.stringify(one));
  if (circle.length > MOST_TOLD) told.push('…');
  throw new InvalidValueError(
    'flow.after',
    `makes a circle, in which nothing would ever be handed out: ${told.join(' → ')}`,
  );
}

/**
 * Looks for a circle that something is part of, among what waits for what.
 * @param waitsFor - what one waits for, by its name; undefined: nothing, or it is not there
 * @returns the shortest way from it back to it, itself at both ends; undefined: there is none
 */
export function circleThrough(
  name: string,
  waitsFor: (name: string) => readonly string[] | undefined,
): string[] | undefined {
  const cameFrom = new Map<string, string>();
  // It grows while it is gone through.
  const reached = [name];
  for (const at of reached) {
    for (const next of waitsFor(at) ?? []) {
      if (next === name) return wayTo(at, name, cameFrom);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      reached.push(next);
    }
  }
  return undefined;
}

function wayTo(last: string, name: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [name];
  for (let at = last; at !== name; at = cameFrom.get(at)!) way.push(at);
  return [...way, name].reverse();
}
