import type { NamespaceOverview, WorkSpecOverview } from 'coordinate-client';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './connection.js';

export type { NamespaceOverview, WorkSpecOverview };

export const overviewKey = (namespace: string) => ['overview', namespace] as const;

/** How the work of a namespace stands. Events keep it up to date: it is asked for once. */
export const overviewQuery = (namespace: string) =>
  queryOptions({
    queryKey: overviewKey(namespace),
    queryFn: ({ signal }) => api(namespace).overview({ signal }),
    staleTime: Infinity,
  });

export function useOverview(namespace: string) {
  return useQuery(overviewQuery(namespace));
}

export function useSpecOverview(namespace: string, spec: string) {
  return useQuery({
    ...overviewQuery(namespace),
    select: ({ specs }) => specs.find(({ name }) => name === spec),
  });
}

/** What a delta makes of what is known. What has not changed stays the same object, so that nothing of it is drawn anew. */
export function changed(
  before: NamespaceOverview | undefined,
  delta: {
    readonly time: Date;
    readonly complete: boolean;
    readonly specs: readonly WorkSpecOverview[];
    readonly gone: readonly string[];
  },
): NamespaceOverview {
  if (before === undefined || delta.complete) return { time: delta.time, specs: delta.specs };
  const news = new Map(delta.specs.map((spec) => [spec.name, spec]));
  const gone = new Set(delta.gone);
  const specs = before.specs.flatMap((spec) => {
    const next = news.get(spec.name) ?? spec;
    news.delete(spec.name);
    return gone.has(spec.name) ? [] : [next];
  });
  return { time: delta.time, specs: [...specs, ...news.values()] };
}
