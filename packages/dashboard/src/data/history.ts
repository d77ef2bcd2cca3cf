import type { History } from 'coordinate-client';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './connection.js';

export type { History };

const MINUTE = 60_000;

/** Spans of time that one looks back, and how long a step of each is, in milliseconds. */
export const RANGES = {
  hour: { title: 'hour', length: 60 * MINUTE, step: MINUTE },
  day: { title: 'day', length: 24 * 60 * MINUTE, step: 10 * MINUTE },
  month: { title: '30 days', length: 30 * 24 * 60 * MINUTE, step: 6 * 60 * MINUTE },
} as const;
export type Range = keyof typeof RANGES;

export function isRange(text: unknown): text is Range {
  return typeof text === 'string' && Object.hasOwn(RANGES, text);
}

/** What happened to the work of a spec, or of all; asked for again as minutes pass. */
export const historyQuery = (namespace: string, spec: string | undefined, range: Range) =>
  queryOptions({
    queryKey: ['history', namespace, spec ?? null, range],
    queryFn: ({ signal }) => {
      const { length, step } = RANGES[range];
      // Spans begin at whole steps, so that what is asked for twice is the same.
      const to = new Date(Math.ceil(Date.now() / step) * step);
      const query = { from: new Date(to.getTime() - length), to, step, signal };
      return spec === undefined ? api(namespace).history(query) : api(namespace).spec(spec).history(query);
    },
    staleTime: range === 'hour' ? 15_000 : MINUTE,
    refetchInterval: range === 'hour' ? 15_000 : MINUTE,
    placeholderData: keepPreviousData,
  });

export function useHistory(namespace: string, spec: string | undefined, range: Range) {
  return useQuery(historyQuery(namespace, spec, range));
}

/** How many units of a spec were finished in each minute of the last hour, oldest first. */
export function useLastHour(namespace: string, spec: string): readonly number[] | undefined {
  const { data } = useQuery({
    ...historyQuery(namespace, spec, 'hour'),
    refetchInterval: MINUTE,
    staleTime: MINUTE,
    select: minutesOf,
  });
  return data;
}

function minutesOf({ from, to, spans }: History): number[] {
  const minutes = new Array<number>(Math.max(1, Math.round((to.getTime() - from.getTime()) / MINUTE))).fill(0);
  for (const { start, finished } of spans) {
    const at = Math.floor((start.getTime() - from.getTime()) / MINUTE);
    if (at >= 0 && at < minutes.length) minutes[at] += finished;
  }
  return minutes;
}
