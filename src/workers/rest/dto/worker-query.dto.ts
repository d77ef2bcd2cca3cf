import type { ClaimPlace } from '../../../domain/worker.js';
import { invalidValue } from '../../../rest/errors/rest-error.js';
import type { Query } from '../../../rest/http/query.js';
import { decodePathPart, encodeByteName, readable } from '../../../rest/names.js';

/** Whether workers are to be listed by their last claims. @throws RestError (400) */
export function readSort(query: Query): boolean {
  const sort = query.one('sort');
  if (sort !== undefined && sort !== 'last_claim') throw invalidValue('sort', readable(sort), 'must be last_claim');
  if (sort !== undefined && query.previous() !== undefined) {
    throw invalidValue('previous', query.one('previous')!, 'goes with the order of names; with sort it is next');
  }
  return sort !== undefined;
}

/** Where a list by last claim goes on. @throws RestError (400) */
export function readClaimPlace(query: Query, byClaim: boolean): ClaimPlace | undefined {
  const next = query.one('next');
  if (next === undefined) return undefined;
  const parts = /^([0-9a-z]{1,11})\.(.*)$/s.exec(next);
  const lastClaim = parts ? parseInt(parts[1], 36) : NaN;
  const name = parts ? decodePathPart(parts[2]) : undefined;
  if (!byClaim || !Number.isSafeInteger(lastClaim) || name === undefined) {
    throw invalidValue('next', readable(next), 'must be what a next_url had there');
  }
  return { name, lastClaim };
}

export function writeClaimPlace({ name, lastClaim = 0 }: ClaimPlace): string {
  return `${lastClaim.toString(36)}.${encodeByteName(name)}`;
}
