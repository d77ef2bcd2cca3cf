import type { ListedAttempt, Name, RawCbor, WorkerRecord } from 'coordinate-client';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { nameOf, pathPart } from '../names.js';
import { api } from './connection.js';
import { rawApi } from './raw-api.js';
import { queryClient } from './query-client.js';

/** A worker as lists have it. */
export interface ListedWorker {
  readonly name: Name;
  /** Its name as paths have it. */
  readonly key: string;
  readonly active: boolean;
  /** How many units it holds. */
  readonly units: number;
  /** When it was last given work; absent: not as long as it has been known. */
  readonly lastClaim: Date | undefined;
}

/** So many are shown, those that have been given nothing for longest first to be had. */
export const MOST_WORKERS = 1_000;
/** Of more than these, nobody is asked what only they themselves say: parents, modes, signs of life. */
const MOST_ASKED = 300;
const AT_ONCE = 8;

interface WorkerPage {
  readonly workers: readonly {
    readonly url: string;
    readonly active: boolean;
    readonly work_units?: number;
    readonly last_claim?: string;
  }[];
  readonly next_url?: string;
}

export interface Workers {
  readonly workers: readonly ListedWorker[];
  readonly hasMore: boolean;
  /** What each says of itself, by its key; none where there are too many. */
  readonly details: ReadonlyMap<string, WorkerRecord<RawCbor>>;
}

/** The workers of a namespace, and what they say of themselves where there are not too many of them to ask. */
export const workersQuery = (namespace: string, withGone: boolean) =>
  queryOptions({
    queryKey: ['workers', namespace, withGone],
    queryFn: async ({ signal }): Promise<Workers> => {
      const query = [...(withGone ? [] : ['active=true']), 'sort=last_claim', `limit=${MOST_WORKERS}`];
      const path = `/namespace/${pathPart(namespace)}/worker`;
      const { value } = await api().request<WorkerPage>({ method: 'GET', path, query }, { signal });
      const workers = value.workers.map(({ url, active, work_units, last_claim }): ListedWorker => {
        const key = decodeURIComponent(url.slice(url.lastIndexOf('/') + 1));
        const lastClaim = last_claim === undefined ? undefined : new Date(last_claim);
        return { key, name: nameOf(key), active, units: work_units ?? 0, lastClaim };
      });
      const asked = workers.length > MOST_ASKED ? [] : workers;
      return { workers, hasMore: value.next_url !== undefined, details: await detailsOf(namespace, asked) };
    },
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  });

/** What workers say of themselves, some at a time; what was just said is not asked for again. */
async function detailsOf(
  namespace: string,
  workers: readonly ListedWorker[],
): Promise<ReadonlyMap<string, WorkerRecord<RawCbor>>> {
  const details = new Map<string, WorkerRecord<RawCbor>>();
  const left = workers.values();
  const ask = async (): Promise<void> => {
    for (const { key, name } of left) {
      // One that went meanwhile says nothing any more.
      const one = await queryClient
        .fetchQuery({ ...workerQuery(namespace, name), staleTime: 20_000 })
        .catch(() => undefined);
      if (one !== undefined) details.set(key, one);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return details;
}

export const workerQuery = (namespace: string, name: Name) =>
  queryOptions({
    queryKey: ['worker', namespace, pathPart(name)],
    queryFn: ({ signal }) => rawApi(namespace).worker(name).get<RawCbor>({ signal }),
    staleTime: 5_000,
  });

/** The units that a worker holds, those it has held longest first. */
export const heldQuery = (namespace: string, name: Name, limit: number) =>
  queryOptions({
    queryKey: ['held', namespace, pathPart(name), limit],
    queryFn: ({ signal }): Promise<ListedAttempt[]> =>
      Array.fromAsync(rawApi(namespace).worker(name).activeAttempts({ signal, limit })),
    refetchInterval: 10_000,
  });

/** Its attempts, oldest first. */
export const workerAttemptsQuery = (namespace: string, name: Name, limit: number) =>
  queryOptions({
    queryKey: ['worker-attempts', namespace, pathPart(name), limit],
    queryFn: ({ signal }): Promise<ListedAttempt[]> =>
      Array.fromAsync(rawApi(namespace).worker(name).allAttempts({ signal, limit })),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  });

export function useWorkers(namespace: string, withGone: boolean) {
  return useQuery(workersQuery(namespace, withGone));
}
