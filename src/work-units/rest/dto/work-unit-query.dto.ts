import type { Awaitable } from '../../../domain/awaitable.js';
import { parseCauseId } from '../../../domain/cause.js';
import type { ByteName } from '../../../domain/names.js';
import { MAX_NAME_BYTES } from '../../../domain/names.js';
import type { WorkUnitQuery, WorkUnitStatus } from '../../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import { Slices } from '../../../timing/slices.js';
import { invalidValue } from '../../../rest/errors/rest-error.js';
import type { Query } from '../../../rest/http/query.js';
import { decodePathPart, encodeByteName, readable, tooLong } from '../../../rest/names.js';

/** Which of some names are there. */
type FindNames = (names: readonly ByteName[]) => Awaitable<readonly ByteName[]>;

/**
 * Reads a query of work units. A name means the unit with exactly these bytes or, where there is none, the one that it
 * names in the encoding of paths.
 * @throws RestError (400)
 */
export async function readUnitQuery(query: Query, findNames: FindNames): Promise<WorkUnitQuery> {
  return {
    names: await readNames(query.all('name'), findNames),
    statuses: readStatuses(query.all('status')),
    previous: query.previous(),
    limit: query.limit(),
    ...readFilters(query),
  };
}

/** Those parts of a query that are there seldom. Absent ones are left out, so that a query says what it restricts. */
function readFilters(query: Query): Pick<WorkUnitQuery, 'failure' | 'prefix' | 'contains' | 'worker'> {
  const filters: Pick<WorkUnitQuery, 'failure' | 'prefix' | 'contains' | 'worker'> = {};
  const failure = query.one('failure');
  if (failure !== undefined) {
    filters.failure = parseCauseId(failure);
    if (filters.failure === undefined) throw invalidValue('failure', readable(failure), 'is not the id of a cause');
  }
  const prefix = query.one('prefix');
  if (prefix !== undefined && prefix !== '') filters.prefix = bounded('prefix', prefix);
  const contains = query.one('contains');
  if (contains !== undefined && contains !== '') filters.contains = bounded('contains', contains);
  const worker = query.one('worker');
  if (worker !== undefined) {
    filters.worker = decodePathPart(worker);
    if (filters.worker === undefined)
      throw invalidValue('worker', readable(worker), 'is not base64url after the first -');
  }
  return filters;
}

/** No name is longer, nor a part of one. */
function bounded(field: string, bytes: ByteName): ByteName {
  if (bytes.length > MAX_NAME_BYTES) throw invalidValue(field, readable(bytes), tooLong(bytes.length));
  return bytes;
}

async function readNames(
  given: readonly ByteName[] | undefined,
  findNames: FindNames,
): Promise<ByteName[] | undefined> {
  if (!given) return undefined;
  const slices = new Slices();
  const encoded: ByteName[] = [];
  for (const name of given) {
    if (name.startsWith('-') && decodePathPart(name) !== undefined) encoded.push(name);
    if (slices.isOver()) await slices.next();
  }
  const isEncoded = new Set(encoded);
  if (encoded.length > 0) for (const name of await findNames(encoded)) isEncoded.delete(name);
  const names: ByteName[] = [];
  for (const name of given) {
    const meant = isEncoded.has(name) ? decodePathPart(name)! : name;
    if (meant.length > MAX_NAME_BYTES) throw invalidValue('name', readable(name), tooLong(meant.length));
    names.push(meant);
    if (slices.isOver()) await slices.next();
  }
  return names;
}

function readStatuses(given: readonly string[] | undefined): WorkUnitStatus[] | undefined {
  if (!given || given.includes('any')) return undefined;
  return [...new Set(given)].map((status) => {
    const known = WORK_UNIT_STATUSES.find((one) => one === status);
    if (!known) throw invalidValue('status', readable(status), `must be one of ${WORK_UNIT_STATUSES.join(', ')}, any`);
    return known;
  });
}

/** The statuses of units to try again: those that have failed, or those asked for. @throws RestError (400) */
export function readRetryStatuses(query: Query): WorkUnitStatus[] {
  return readSome(query, ['failed', 'finished'], ['failed']);
}

/** The statuses of units whose attempts can be stopped, of which there is one. @throws RestError (400) */
export function readCancelStatuses(query: Query): WorkUnitStatus[] {
  return readSome(query, ['pending'], ['pending']);
}

/** @param otherwise - where none is asked for @throws RestError (400) for one that is not allowed */
function readSome(query: Query, allowed: WorkUnitStatus[], otherwise: WorkUnitStatus[]): WorkUnitStatus[] {
  const given = (query.all('status') ?? []).filter((status) => status !== 'any');
  for (const status of given) {
    if (!allowed.some((one) => one === status)) {
      throw invalidValue('status', readable(status), `must be ${allowed.join(' or ')}`);
    }
  }
  return given.length === 0 ? otherwise : (given as WorkUnitStatus[]);
}

/** The query string that goes on where a page ended. */
export function nextQuery(query: Query, previous: ByteName, limit?: number): string {
  const repeated = (name: string): string[] =>
    (query.all(name) ?? []).map((value) => `${name}=${percentEncode(value)}`);
  return [
    ...repeated('name'),
    ...repeated('status'),
    ...repeated('failure'),
    ...repeated('prefix'),
    ...repeated('contains'),
    ...repeated('worker'),
    ...repeated('include'),
    ...repeated('data'),
    `previous=${encodeByteName(previous)}`,
    ...(limit === undefined ? [] : [`limit=${limit}`]),
  ].join('&');
}

/** Bytes in a query. */
function percentEncode(bytes: ByteName): string {
  return bytes.replace(/[^A-Za-z0-9._:-]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}
