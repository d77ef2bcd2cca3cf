import type { FastifyRequest } from 'fastify';
import { invalidValue } from '../errors/rest-error.js';
import { readable } from '../names.js';
import { queryOf } from './path.js';

/** So many things of a list are shown to whoever does not say how many. */
export const DEFAULT_LIMIT = 1000;

/**
 * How many things of a list a request wants; absent: all of them. The historic client knows of no windows where it gives no
 * limit; it alone names a vendor type.
 * @throws RestError (400)
 */
export function limitOf(request: FastifyRequest): number | undefined {
  return queryOf(request).limit() ?? (namesVendorType(request) ? undefined : DEFAULT_LIMIT);
}

function namesVendorType({ answerType }: FastifyRequest): boolean {
  return answerType.startsWith('application/vnd.');
}

/** The link to what follows in a list by name. @param last - the last name shown, in the encoding of paths */
export function nextNamed(url: string, last: string, limit: number): string {
  return `${url}?previous=${last}&limit=${limit}`;
}

/** Part of a list whose order is that of growing numbers. */
export interface NumberedWindow {
  /** Only those after this one. */
  readonly after: number;
  readonly limit: number;
}

/** Which part of such a list a request wants. @throws RestError (400) */
export function numberedWindowOf(request: FastifyRequest): NumberedWindow {
  const next = queryOf(request).one('next');
  const after = next === undefined ? 0 : /^[0-9a-z]{1,11}$/.test(next) ? parseInt(next, 36) : NaN;
  if (!Number.isSafeInteger(after)) {
    throw invalidValue('next', readable(next!), 'must be what a next_url had there');
  }
  return { after, limit: limitOf(request) ?? Number.MAX_SAFE_INTEGER };
}

/** The link to what follows in such a list. @param url - of the list */
export function nextNumbered(url: string, last: number, limit: number): string {
  return `${url}?next=${last.toString(36)}&limit=${limit}`;
}
