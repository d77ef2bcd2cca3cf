import type { UnitCounts, WorkUnitStatus } from 'coordinate-client';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './connection.js';

export interface NamespaceTotals {
  readonly name: string;
  /** Work specs that have units. */
  readonly specs: number;
  readonly counts: UnitCounts;
}

const NONE: UnitCounts = { available: 0, pending: 0, finished: 0, failed: 0, delayed: 0 };

/** So many namespaces are listed. */
const MOST = 5_000;

/** The names alone, which cost little. */
export const namespaceNamesQuery = queryOptions({
  queryKey: ['namespaces'],
  queryFn: async ({ signal }) => Array.fromAsync(api().namespaces({ signal, limit: MOST })),
  staleTime: 30_000,
});

/** The namespaces that one may read, with their totals. */
export const namespacesQuery = queryOptions({
  queryKey: ['namespaces', 'totals'],
  queryFn: async ({ signal }): Promise<NamespaceTotals[]> => {
    const [names, summary] = await Promise.all([
      Array.fromAsync(api().namespaces({ signal, limit: MOST })),
      api().summaryOfAll({ signal }),
    ]);
    const totals = new Map(names.map((name) => [name, { specs: new Set<string>(), counts: { ...NONE } }]));
    for (const { namespace, spec, status, count } of summary) {
      const of = totals.get(namespace);
      if (of === undefined) continue;
      of.specs.add(spec);
      (of.counts as Record<WorkUnitStatus, number>)[status] += count;
    }
    return [...totals].map(([name, { specs, counts }]) => ({ name, specs: specs.size, counts }));
  },
  refetchInterval: 5_000,
});

export function useNamespaceNames(): readonly string[] | undefined {
  return useQuery(namespaceNamesQuery).data;
}
