import type { ListedAttempt, Name, RawCbor } from 'coordinate-client';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { pathPart } from '../names.js';
import { api } from './connection.js';
import { rawApi } from './raw-api.js';
import type { SpecPlace } from './units.js';

export interface UnitPlace extends SpecPlace {
  readonly unit: Name;
}

const keyOf = ({ namespace, spec, unit }: UnitPlace) => ['unit', namespace, spec, pathPart(unit)] as const;
const handle = ({ namespace, spec, unit }: UnitPlace) => rawApi(namespace).spec(spec).unit(unit);

/** A unit with its data: asked for once, and again when it has gone on. */
export const unitQuery = (place: UnitPlace) =>
  queryOptions({
    queryKey: [...keyOf(place), 'whole'],
    queryFn: ({ signal }) => handle(place).get<RawCbor>({ signal, timeout: '2m' }),
    staleTime: 60_000,
  });

/** How many of its attempts are shown at first, and more at each wish. */
export const ATTEMPTS = 100;

export const attemptsQuery = (place: UnitPlace, limit: number) =>
  queryOptions({
    queryKey: [...keyOf(place), 'attempts', limit],
    queryFn: async ({ signal }): Promise<Attempts> => {
      const [total, attempts] = await Promise.all([
        handle(place).countAttempts({ signal }),
        Array.fromAsync(handle(place).attempts({ signal, limit })),
      ]);
      return { total, attempts };
    },
    staleTime: 60_000,
  });

export interface Attempts {
  readonly total: number;
  /** Oldest first. */
  readonly attempts: readonly ListedAttempt[];
}

/** An attempt with its data and its lease. */
export const attemptQuery = (attempt: ListedAttempt) =>
  queryOptions({
    queryKey: ['attempt', attempt.url],
    queryFn: ({ signal }) => attempt.get<RawCbor>({ signal, timeout: '2m' }),
    staleTime: attempt.endTime === undefined ? 5_000 : Infinity,
  });

/** Looks every few seconds whether the unit has gone on, without its data, and has what is shown of it be asked for again then. */
export function useFollowedUnit(place: UnitPlace): void {
  const client = useQueryClient();
  const key = keyOf(place);
  const { data: state } = useQuery({
    queryKey: ['unit-state', ...key.slice(1)],
    queryFn: async ({ signal }) => {
      const query = { names: [place.unit], include: 'attempt', signal } as const;
      const [found] = await Array.fromAsync(api(place.namespace).spec(place.spec).units(query));
      const { status, attempt } = found ?? {};
      return JSON.stringify([status, attempt?.url, attempt?.endTime, attempt?.expiration]);
    },
    refetchInterval: 3_000,
  });
  useEffect(() => {
    if (state !== undefined) void client.invalidateQueries({ queryKey: key });
  }, [state]);
}
