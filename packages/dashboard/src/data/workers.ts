import type { ListedAttempt, Name, RawCbor } from 'coordinate-client';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { nameOf, pathPart } from '../names.js';
import { api } from './connection.js';
import { rawApi } from './raw-api.js';

/** A worker as lists have it. */
export interface ListedWorker {
  readonly name: Name;
  /** Its name as paths have it. */
  readonly key: string;
  readonly active: boolean;
  /** Its parent's name as paths have it. */
  readonly parent: string | undefined;
  /** Empty: it has said none. */
  readonly mode: string;
  readonly host: string | undefined;
  /** In bytes. */
  readonly memory: number | undefined;
  readonly lastUpdate: Date;
  /** How many units it holds. */
  readonly units: number;
  /** How many units it has finished in the last hour. */
  readonly done: number;
  /** When it was last given work; absent: not as long as it has been known. */
  readonly lastClaim: Date | undefined;
}

/** So many are shown, those that have been given nothing for longest first to be had. */
export const MOST_WORKERS = 1_000;

interface WorkerPage {
  readonly workers: readonly {
    readonly url: string;
    readonly active: boolean;
    readonly parent_url?: string;
    readonly mode?: string;
    readonly host?: string;
    readonly memory_bytes?: number;
    readonly last_update: string;
    readonly finished_last_hour?: number;
    readonly work_units?: number;
    readonly last_claim?: string;
  }[];
  readonly next_url?: string;
}

export interface Workers {
  readonly workers: readonly ListedWorker[];
  readonly hasMore: boolean;
}

/** The workers of a namespace: one request tells all that the tree of them shows. */
export const workersQuery = (namespace: string, withGone: boolean) =>
  queryOptions({
    queryKey: ['workers', namespace, withGone],
    queryFn: async ({ signal }): Promise<Workers> => {
      const query = [...(withGone ? [] : ['active=true']), 'sort=last_claim', `limit=${MOST_WORKERS}`];
      const path = `/namespace/${pathPart(namespace)}/worker`;
      const { value } = await api().request<WorkerPage>({ method: 'GET', path, query }, { signal });
      return { workers: value.workers.map(listed), hasMore: value.next_url !== undefined };
    },
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  });

function listed(worker: WorkerPage['workers'][number]): ListedWorker {
  const key = keyIn(worker.url);
  return {
    key,
    name: nameOf(key),
    active: worker.active,
    parent: worker.parent_url === undefined ? undefined : keyIn(worker.parent_url),
    mode: worker.mode ?? '',
    host: worker.host,
    memory: worker.memory_bytes,
    lastUpdate: new Date(worker.last_update),
    units: worker.work_units ?? 0,
    done: worker.finished_last_hour ?? 0,
    lastClaim: worker.last_claim === undefined ? undefined : new Date(worker.last_claim),
  };
}

function keyIn(url: string): string {
  return decodeURIComponent(url.slice(url.lastIndexOf('/') + 1));
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
