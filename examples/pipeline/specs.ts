import type { Coordinate } from 'coordinate-client';
import type { Options } from './options.js';

export const NAMESPACE = 'example-pipeline';

/** A unit for each file, named by its path; makes a unit of COUNT for each part of it. */
export const SPLIT = 'split';
/** Counts the words of a part, and fails now and then. */
export const COUNT = 'count';
/** Its only unit adds up what was counted. */
export const MERGE = 'merge';
/** By the clock: deletes the units of SPLIT that are finished. */
export const SWEEP = 'sweep';
export const ALL = 'all';

/** Of counts that fail: so often each part may be tried, and for how long it rests, doubled each time up to the longest, in seconds. */
export const RETRY = { attempts: 12, backoff: 'exponential', delay: 0.1, factor: 2, max_delay: 1 } as const;
/** What is in the bucket of the rate limit to begin with. */
export const BURST = 10;
/** Each second, and for the seconds that no daemon was there, once. */
const EACH_SECOND = { cron: '* * * * * *', catch_up: 60 };

/** Sets up the four work specs, and adds a unit for each file and the one that is to be done when all of them are. */
export async function fill(
  coordinate: Coordinate,
  directory: string,
  paths: readonly string[],
  { part, rate }: Options,
): Promise<void> {
  await coordinate.spec(COUNT).set({ flow: { retry: RETRY, rate_limit: { units: rate, burst: BURST } } });
  await coordinate.spec(SPLIT).set({ directory, part, then: COUNT });
  await coordinate.spec(MERGE).set({ flow: { after: [SPLIT, COUNT] } });
  await coordinate.spec(SWEEP).set({ flow: { schedule: EACH_SECOND, retry: { attempts: 5, delay: 1 } } });
  await coordinate.spec(SPLIT).add(paths);
  await coordinate.spec(MERGE).add([ALL]);
}

/** How long a part rests after its n-th failure, in milliseconds. */
export function pauseAfter(failures: number): number {
  return Math.min(RETRY.delay * RETRY.factor ** (failures - 1), RETRY.max_delay) * 1000;
}
