import type { Name } from '../names.js';
import { nameInQuery, pathPart } from '../names.js';

export type WorkUnitStatus = 'available' | 'pending' | 'finished' | 'failed' | 'delayed';

/** How many units there are in each status. */
export type UnitCounts = Readonly<Record<WorkUnitStatus, number>>;

/** The daemon leaves out what it has none of. */
export const NO_UNITS: UnitCounts = { available: 0, pending: 0, finished: 0, failed: 0, delayed: 0 };

/** @param more - as the daemon says it */
export function sumOfCounts(counts: UnitCounts, more: Partial<UnitCounts>): UnitCounts {
  const statuses = Object.keys(NO_UNITS) as WorkUnitStatus[];
  return Object.fromEntries(statuses.map((status) => [status, counts[status] + (more[status] ?? 0)])) as Record<
    WorkUnitStatus,
    number
  >;
}

/** Which units of a work spec. What is absent does not restrict. */
export interface UnitQuery {
  readonly names?: Iterable<Name>;
  readonly status?: WorkUnitStatus | readonly WorkUnitStatus[];
  /** Names greater than this one, bytewise. */
  readonly previous?: Name;
  /** The first so many, bytewise by name. */
  readonly limit?: number;
  /** Only those that are failed by this cause: its id, as `failures` has it. */
  readonly failure?: string;
  /** Only names that begin so. */
  readonly prefix?: Name;
  /** Only names that have this in them. All that the rest of the query leaves are looked at. */
  readonly contains?: Name;
  /** Only those that this worker holds. */
  readonly worker?: Name;
}

/** So many characters of names go into one request: the daemon reads 1 MiB of head, proxies much less. */
const NAMES_CHARS = 4_000;

/** The parts of a query but for names and limit. */
export function queryParts({ status, previous, failure, prefix, contains, worker }: UnitQuery): string[] {
  const statuses = status === undefined ? [] : [status].flat();
  return [
    ...statuses.map((one) => `status=${encodeURIComponent(one)}`),
    ...(failure === undefined ? [] : [`failure=${encodeURIComponent(failure)}`]),
    ...(prefix === undefined ? [] : [`prefix=${nameInQuery(prefix)}`]),
    ...(contains === undefined ? [] : [`contains=${nameInQuery(contains)}`]),
    ...(worker === undefined ? [] : [`worker=${pathPart(worker)}`]),
    ...(previous === undefined ? [] : [`previous=${pathPart(previous)}`]),
  ];
}

/** The queries of which one is what was asked for, or which are it together. A query of no names at all selects nothing. */
export function* splitByNames(query: UnitQuery): Generator<string[]> {
  const parts = queryParts(query);
  if (query.names === undefined) {
    yield parts;
    return;
  }
  let names: string[] = [];
  let chars = 0;
  for (const name of query.names) {
    const part = `name=${nameInQuery(name)}`;
    if (names.length > 0 && chars + part.length > NAMES_CHARS) {
      yield [...names, ...parts];
      [names, chars] = [[], 0];
    }
    names.push(part);
    chars += part.length + 1;
  }
  if (names.length > 0) yield [...names, ...parts];
}

/** The queries of a change. @throws RangeError for a limit of names that do not fit into one of them */
export function queriesOfChange(query: UnitQuery): string[][] {
  const queries = [...splitByNames(query)];
  if (query.limit === undefined) return queries;
  if (queries.length > 1) throw new RangeError('a limit of so many names: give only those that are meant');
  return queries.map((parts) => [...parts, `limit=${query.limit}`]);
}
