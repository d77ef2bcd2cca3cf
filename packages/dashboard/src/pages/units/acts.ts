import type { UnitQuery } from 'coordinate-client';
import { createElement } from 'react';
import { confirm } from '../../components/confirm.js';
import { act } from '../../data/act.js';
import { api } from '../../data/connection.js';
import type { ListedUnit, SpecPlace, UnitFilter } from '../../data/units.js';
import { countUnits, partsOf, queryOf } from '../../data/units.js';
import { count as countOf } from '../../format/numbers.js';
import { pathPart, shown } from '../../names.js';

/** What something is to be done to: some units, or all that a filter selects. */
export interface Meant {
  readonly place: SpecPlace;
  readonly filter: UnitFilter;
  readonly units?: readonly ListedUnit[];
}

/** A million units take the daemon a while. */
const PATIENCE = '15m';

/** What may be shown otherwise once units have changed. */
export function changesOf({ namespace, spec }: SpecPlace): (readonly unknown[])[] {
  return [
    ['counts', namespace, spec],
    ['failures', namespace, spec],
    ['unit', namespace, spec],
  ];
}

/** A filter in words. */
export function describe({ status, failure, worker, prefix, contains }: UnitFilter): string {
  const parts = [
    status === undefined ? 'units' : `${status} units`,
    failure !== undefined && 'of this cause',
    worker !== undefined && 'of this worker',
    prefix !== undefined && `that begin with “${shown(prefix)}”`,
    contains !== undefined && `with “${shown(contains)}” in their names`,
  ];
  return parts.filter(Boolean).join(' ');
}

interface Asked {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly danger?: boolean;
}

/** Asks with what and how many; counted only where nobody has chosen them one by one. */
export async function askAbout({ place, filter, units }: Meant, { title, text, ...asked }: Asked): Promise<boolean> {
  const counting = new AbortController();
  const action = units === undefined ? asked.action : `${asked.action} ${countOf(units.length, 'unit')}`;
  const names = units?.slice(0, 5).map(({ name }) => shown(name).slice(0, 80));
  const which = names === undefined ? describe(filter) : names.join(', ') + (units!.length > names.length ? ', …' : '');
  try {
    return await confirm({
      title,
      action,
      danger: asked.danger,
      text: [
        createElement('p', { key: 'text' }, text),
        createElement('p', { key: 'which' }, createElement('bdi', null, which)),
      ],
      ...(units === undefined && { count: () => countUnits(place, filter, counting.signal) }),
    });
  } finally {
    counting.abort();
  }
}

/** The query for what is meant. */
export function queryFor({ filter, units }: Meant): UnitQuery {
  return units === undefined ? queryOf(filter) : { names: units.map(({ name }) => name) };
}

export async function retryUnits(meant: Meant): Promise<boolean> {
  const { place, filter } = meant;
  const isFinished =
    meant.units === undefined ? filter.status === 'finished' : meant.units.every(({ status }) => status !== 'failed');
  const status = isFinished ? 'finished' : 'failed';
  const units = meant.units?.filter((unit) => unit.status === status);
  const narrowed: Meant = { place, filter: { ...filter, status }, ...(units && { units }) };
  const isSure = await askAbout(narrowed, {
    title: isFinished ? 'Do them again?' : 'Try them again?',
    text: isFinished
      ? 'They are available again, and are done once more. What they have made stays.'
      : 'They are available again at once. Their attempts stay in their history.',
    action: 'Retry',
  });
  if (!isSure) return false;
  return act({
    what: 'Retrying units',
    run: () =>
      api(place.namespace)
        .spec(place.spec)
        .retry({ ...queryFor(narrowed), status, timeout: PATIENCE }),
    said: (count) => `${countOf(count, 'unit')} will be tried again`,
    changes: changesOf(place),
  });
}

export async function removeUnits(meant: Meant): Promise<boolean> {
  const { place } = meant;
  const isSure = await askAbout(meant, {
    title: 'Delete them for good?',
    text: 'They and their attempts are gone then. Whoever works on one of them is told that it is gone.',
    action: 'Delete',
    danger: true,
  });
  if (!isSure) return false;
  return act({
    what: 'Deleting units',
    run: () =>
      api(place.namespace)
        .spec(place.spec)
        .deleteUnits({ ...queryFor(meant), timeout: PATIENCE }),
    said: (count) => `${countOf(count, 'unit')} deleted`,
    changes: changesOf(place),
  });
}

/** @param isBy whether it is added to what they have @returns whether it was done */
export function prioritize(meant: Meant, priority: number, isBy: boolean): Promise<boolean> {
  const { place } = meant;
  const spec = api(place.namespace).spec(place.spec);
  const query = { ...queryFor(meant), timeout: PATIENCE };
  return act({
    what: 'Setting priorities',
    run: () => (isBy ? spec.adjustPriority(priority, query) : spec.setPriority(priority, query)),
    said: () => (isBy ? `Priorities changed by ${priority}` : `Priorities set to ${priority}`),
    changes: changesOf(place),
    // What was added can be taken away again; what was set anew is not known any more.
    undo: isBy && meant.units ? () => spec.adjustPriority(-priority, query) : undefined,
  });
}

/** Stops what runs: its units fail, or are given back. */
export async function stopUnits(meant: Meant): Promise<boolean> {
  const { place, filter } = meant;
  const units = meant.units?.filter(({ status }) => status === 'pending');
  const narrowed: Meant = { place, filter: { ...filter, status: 'pending' }, ...(units && { units }) };
  const isSure = await askAbout(narrowed, {
    title: 'Stop what runs?',
    text: 'They fail as cancelled, and can be retried. What their workers say of them from now on is refused.',
    action: 'Stop',
    danger: true,
  });
  if (!isSure) return false;
  const query = narrowed.units === undefined ? partsOf(narrowed.filter) : [];
  const path = `/namespace/${pathPart(place.namespace)}/work_spec/${pathPart(place.spec)}/cancel`;
  const names = narrowed.units?.map(({ name }) => `name=${encodeURIComponent(pathPart(name))}`) ?? [];
  return act({
    what: 'Stopping units',
    run: async () => {
      let count = 0;
      // Addresses may not be of any length.
      for (let at = 0; at === 0 || at < names.length; at += NAMES_IN_QUERY) {
        const call = { method: 'POST', path, query: [...query, ...names.slice(at, at + NAMES_IN_QUERY)] } as const;
        count += (await api().request<{ readonly Cancelled: number }>(call, { timeout: PATIENCE })).value.Cancelled;
      }
      return count;
    },
    said: (count) => `${countOf(count, 'unit')} stopped`,
    changes: changesOf(place),
  });
}

/** So many names are said in one query; each may have a thousand bytes. */
const NAMES_IN_QUERY = 4;
