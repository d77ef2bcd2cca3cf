import type { SummaryRecord, UnitCounts, UnitQuery, WorkSpecHandle, WorkUnitStatus } from 'coordinate-client';
import type { Column } from '../output/table.js';
import { STATUSES } from './options.js';

/** A work spec and how many units it has in each status. */
export type SpecCounts = UnitCounts & { readonly name: string; readonly total: number };

export const COUNT_COLUMNS: readonly Column<UnitCounts & { readonly total: number }>[] = [
  ...STATUSES.map((status) => ({ title: status, value: (row: UnitCounts) => row[status], isNumber: true })),
  { title: 'total', value: ({ total }) => total, isNumber: true },
];

export function totalOf(counts: UnitCounts): number {
  return STATUSES.reduce((sum, status) => sum + counts[status], 0);
}

/** What is counted, by work spec; those that have no units are there as well. */
export function countsByName(names: readonly string[], records: readonly SummaryRecord[]): SpecCounts[] {
  const counts = new Map(names.map((name) => [name, noUnits()]));
  for (const { spec, status, count } of records) {
    const of = counts.get(spec) ?? noUnits();
    of[status] += count;
    counts.set(spec, of);
  }
  return [...counts].map(([name, of]) => ({ name, ...of, total: totalOf(of) }));
}

function noUnits(): Record<(typeof STATUSES)[number], number> {
  return { available: 0, pending: 0, finished: 0, failed: 0, delayed: 0 };
}

/** How many units a query selects: by their counts where that says it, else by looking at them. */
export async function countOf(spec: WorkSpecHandle, query: UnitQuery): Promise<number> {
  const { status, limit = Infinity, ...restrictions } = query;
  if (Object.keys(restrictions).length === 0) {
    const counts = await spec.counts();
    const statuses: readonly WorkUnitStatus[] = status === undefined ? STATUSES : [status].flat();
    return Math.min(
      limit,
      statuses.reduce<number>((sum, status) => sum + counts[status], 0),
    );
  }
  let count = 0;
  for await (const { name } of spec.units(query)) if (name !== undefined) count++;
  return count;
}
