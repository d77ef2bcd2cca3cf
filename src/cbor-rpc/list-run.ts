import { LARGE_BYTES } from './large-message.js';
import type { Request } from './request.js';

/** So many requests of a list are begun together at most. */
const RUN = 200;

/**
 * Where those requests of a list end that are begun together: one, or as many as need not wait for each other. What is read in
 * slices is begun alone, or what follows would overtake it.
 */
export function endOfRun(requests: readonly Request[], at: number): number {
  let end = at;
  while (end < requests.length && end - at < RUN && overlaps(requests[end])) end++;
  return Math.max(end, at + 1);
}

function overlaps({ method, paramsStart, paramsEnd }: Request): boolean {
  return method !== undefined && method.overlaps && paramsEnd - paramsStart <= LARGE_BYTES;
}
