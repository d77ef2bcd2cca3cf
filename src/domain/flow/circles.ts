import { InvalidValueError } from '../errors.js';
import type { After } from './after.js';

/** So many names of a circle are told. */
const MOST_TOLD = 10;

/**
 * To be called before a spec is set to wait for others, under a lock that keeps others of its namespace from being set so.
 * @param waitsFor - what each of the others waits for
 * @throws InvalidValueError when one of those waits for it, or for one that does
 */
export function refuseCircle(
  name: string,
  after: After | undefined,
  waitsFor: (name: string) => After | undefined,
): void {
  if (after === undefined) return;
  const circle = circleThrough(name, (one) => (one === name ? after : waitsFor(one)));
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
