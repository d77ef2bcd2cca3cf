import type { ListedUnit, Name, UnitCounts, UnitQuery, WorkUnitStatus } from 'coordinate-client';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { nameOf, pathPart } from '../names.js';
import { api } from './connection.js';

export type { ListedUnit, UnitQuery };

/** Which units of a work spec, as the address of the page says it. */
export interface UnitFilter {
  readonly status?: WorkUnitStatus;
  /** The id of a cause. */
  readonly failure?: string;
  /** A worker's name as paths have it. */
  readonly worker?: string;
  readonly prefix?: string;
  readonly contains?: string;
}

/** Where the units are. */
export interface SpecPlace {
  readonly namespace: string;
  readonly spec: string;
}

export function queryOf({ status, failure, worker, prefix, contains }: UnitFilter): UnitQuery {
  return {
    ...(status !== undefined && { status }),
    ...(failure !== undefined && { failure }),
    ...(worker !== undefined && { worker: nameOf(worker) }),
    ...(prefix !== undefined && { prefix }),
    ...(contains !== undefined && { contains }),
  };
}

/** So many names are asked for at a time, where nothing but names is. */
export const NAMES_AT_ONCE = 10_000;

/** The names of units, a great many at a time, read while they are taken; nothing of them is kept here. */
export async function* namesOf(
  { namespace, spec }: SpecPlace,
  filter: UnitFilter,
  { previous, signal, chunk = NAMES_AT_ONCE }: { previous?: Name; signal: AbortSignal; chunk?: number },
): AsyncGenerator<readonly Name[]> {
  const path = `/namespace/${pathPart(namespace)}/work_spec/${pathPart(spec)}/work_unit`;
  let from = previous === undefined ? undefined : pathPart(previous);
  do {
    const query = [...partsOf(filter), ...(from === undefined ? [] : [`previous=${from}`]), `limit=${chunk}`];
    const page = await api().request<NamePage>({ method: 'GET', path, query }, { signal, timeout: '2m' });
    const { work_units, next_url } = page.value;
    yield work_units.map(({ name, url }) =>
      name.includes(UNREADABLE) ? nameOf(url.slice(url.lastIndexOf('/') + 1)) : name,
    );
    from = next_url === undefined ? undefined : (/[?&]previous=([^&]*)/.exec(next_url)?.[1] ?? undefined);
  } while (from !== undefined);
}

/** What stands in a shown name for bytes that are no text. */
const UNREADABLE = String.fromCharCode(0xfffd);

interface NamePage {
  readonly work_units: readonly { readonly name: string; readonly url: string }[];
  readonly next_url?: string;
}

/** A filter as parts of a query. */
export function partsOf({ status, failure, worker, prefix, contains }: UnitFilter): string[] {
  return Object.entries({ status, failure, worker, prefix, contains }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
}

export const countsQuery = ({ namespace, spec }: SpecPlace) =>
  queryOptions({
    queryKey: ['counts', namespace, spec],
    queryFn: ({ signal }) => api(namespace).spec(spec).counts({ signal }),
    refetchInterval: 5_000,
  });

export const failuresQuery = ({ namespace, spec }: SpecPlace) =>
  queryOptions({
    queryKey: ['failures', namespace, spec, 'all'],
    queryFn: ({ signal }) => api(namespace).spec(spec).failures({ signal }),
    refetchInterval: 15_000,
  });

/** How many units there are, where that is known without looking at them; undefined: it is not. */
export function useKnownCount(place: SpecPlace, filter: UnitFilter): number | undefined {
  const counts = useQuery(countsQuery(place)).data;
  const failures = useQuery({ ...failuresQuery(place), enabled: filter.failure !== undefined }).data;
  if (isNarrowed(filter)) return undefined;
  if (filter.failure === undefined) return counts && ofStatus(counts, filter.status);
  if (filter.status !== undefined && filter.status !== 'failed') return 0;
  return failures && (failures.find(({ id }) => id === filter.failure)?.count ?? 0);
}

/** How many units there are now of each status, exactly. @param onLook - told how many had to be looked at so far */
export function countUnits(
  { namespace, spec }: SpecPlace,
  filter: UnitFilter,
  { signal, onLook }: { readonly signal: AbortSignal; readonly onLook: (lookedAt: number) => void },
): Promise<UnitCounts> {
  return api(namespace)
    .spec(spec)
    .countUnits({ ...queryOf(filter), signal, timeout: '2m', onProgress: ({ lookedAt }) => onLook(lookedAt) });
}

/** Whether it is by something that the daemon keeps no count of. */
function isNarrowed({ worker, prefix, contains }: UnitFilter): boolean {
  return worker !== undefined || prefix !== undefined || contains !== undefined;
}

/** @param status - undefined: all of them */
export function ofStatus(counts: UnitCounts, status: WorkUnitStatus | undefined): number {
  return status === undefined ? Object.values(counts).reduce((sum, count) => sum + count, 0) : counts[status];
}
