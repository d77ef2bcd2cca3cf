import type { Name, UnitQuery, WorkUnitStatus } from 'coordinate-client';
import { createElement } from 'react';
import { confirm } from '../../components/confirm.js';
import type { Count } from '../../components/counted-units.js';
import { act } from '../../data/act.js';
import { api } from '../../data/connection.js';
import type { ListedUnit, SpecPlace, UnitFilter } from '../../data/units.js';
import { countUnits, ofStatus, queryOf } from '../../data/units.js';
import { count as countOf } from '../../format/numbers.js';
import { shown } from '../../names.js';

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
  /** Only units of this status are touched. */
  readonly only?: WorkUnitStatus;
}

/** How many units are meant; `left` are the others, which are not of the status that something is done to. */
export function countMeant({ place, filter }: Meant, only: WorkUnitStatus | undefined, signal: AbortSignal): Count {
  return async (onLook) => {
    const counts = await countUnits(place, filter, { signal, onLook });
    const units = ofStatus(counts, only);
    return { units, left: ofStatus(counts, undefined) - units };
  };
}

/**
 * Asks with what and how many; counted only where nobody has chosen them one by one.
 * @param only - the status of those that it is done to, where it is done to no others
 * @returns what is meant of that status, and how many others are left as they are; undefined: not to be done
 */
async function askAbout(
  meant: Meant,
  { title, text, only, ...asked }: Asked,
): Promise<{ readonly narrowed: Meant; readonly left: number } | undefined> {
  const counting = new AbortController();
  const { place, filter } = meant;
  const units = meant.units?.filter(({ status }) => only === undefined || status === only);
  const narrowed: Meant = {
    place,
    filter: only === undefined ? filter : { ...filter, status: only },
    ...(units && { units }),
  };
  const action = units === undefined ? asked.action : `${asked.action} ${countOf(units.length, 'unit')}`;
  const names = units?.slice(0, 5).map(({ name }) => shown(name).slice(0, 80));
  const which =
    names === undefined ? describe(narrowed.filter) : names.join(', ') + (units!.length > names.length ? ', …' : '');
  let left = units === undefined ? 0 : meant.units!.length - units.length;
  const counted = countMeant(meant, only, counting.signal);
  const count: Count = async (onLook) => {
    const found = await counted(onLook);
    ({ left } = found);
    return found;
  };
  try {
    const isSure = await confirm({
      title,
      action,
      danger: asked.danger,
      left,
      text: [
        createElement('p', { key: 'text' }, text),
        createElement('p', { key: 'which' }, createElement('bdi', null, which)),
      ],
      ...(units === undefined && { count }),
    });
    return isSure ? { narrowed, left } : undefined;
  } finally {
    counting.abort();
  }
}

/** What is said besides of those that something was not done to. */
function andLeft(left: number): string {
  return left === 0 ? '' : `; ${countOf(left, 'other')} left as ${left === 1 ? 'it was' : 'they were'}`;
}

/** The query for what is meant. */
export function queryFor({ filter, units }: Meant): UnitQuery {
  return units === undefined ? queryOf(filter) : { names: units.map(({ name }) => name) };
}

export async function retryUnits(meant: Meant): Promise<boolean> {
  const { place, filter } = meant;
  const isFinished =
    meant.units === undefined ? filter.status === 'finished' : meant.units.every(({ status }) => status !== 'failed');
  const only = isFinished ? 'finished' : 'failed';
  const sure = await askAbout(meant, {
    title: isFinished ? 'Do them again?' : 'Try them again?',
    text: isFinished
      ? 'They are available again, and are done once more. What they have made stays.'
      : 'They are available again at once. Their attempts stay in their history.',
    action: 'Retry',
    only,
  });
  if (!sure) return false;
  return act({
    what: 'Retrying units',
    run: () =>
      api(place.namespace)
        .spec(place.spec)
        .retry({ ...queryFor(sure.narrowed), status: only, timeout: PATIENCE }),
    said: (count) => `${countOf(count, 'unit')} will be tried again${andLeft(sure.left)}`,
    changes: changesOf(place),
  });
}

export async function removeUnits(meant: Meant): Promise<boolean> {
  const { place } = meant;
  const sure = await askAbout(meant, {
    title: 'Delete them for good?',
    text: 'They and their attempts are gone then. Whoever works on one of them is told that it is gone.',
    action: 'Delete',
    danger: true,
  });
  if (!sure) return false;
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

/** Priorities of so many units at most are read before they are changed, so that it can be undone. */
export const MOST_UNDONE = 1_000;

/** @param isBy whether it is added to what they have @param count how many units those are @returns whether it was done */
export async function prioritize(meant: Meant, priority: number, isBy: boolean, count: number): Promise<boolean> {
  const { place } = meant;
  const spec = api(place.namespace).spec(place.spec);
  const query = { ...queryFor(meant), timeout: PATIENCE };
  const before = new Map<number, Name[]>();
  const units = countOf(count, 'unit');
  return act({
    what: 'Setting priorities',
    run: async () => {
      if (count <= MOST_UNDONE) await readPriorities(spec.units({ ...query, include: 'meta' }), before);
      return isBy ? spec.adjustPriority(priority, query) : spec.setPriority(priority, query);
    },
    said: () => (isBy ? `Priority of ${units} changed by ${priority}` : `Priority of ${units} set to ${priority}`),
    changes: changesOf(place),
    undo:
      count <= MOST_UNDONE
        ? async () => {
            for (const [old, names] of before) await spec.setPriority(old, { names, timeout: PATIENCE });
          }
        : undefined,
  });
}

async function readPriorities(units: AsyncIterable<ListedUnit>, into: Map<number, Name[]>): Promise<void> {
  for await (const { name, priority = 0 } of units) {
    const names = into.get(priority);
    if (names === undefined) into.set(priority, [name]);
    else names.push(name);
  }
}

/** Stops what runs: its units fail, or are given back. */
export async function stopUnits(meant: Meant): Promise<boolean> {
  const { place } = meant;
  const sure = await askAbout(meant, {
    title: 'Stop what runs?',
    text: 'They fail as cancelled, and can be retried. What their workers say of them from now on is refused.',
    action: 'Stop',
    danger: true,
    only: 'pending',
  });
  if (!sure) return false;
  return act({
    what: 'Stopping units',
    run: () =>
      api(place.namespace)
        .spec(place.spec)
        .cancel({ ...queryFor(sure.narrowed), timeout: PATIENCE }),
    said: (count) => `${countOf(count, 'unit')} stopped${andLeft(sure.left)}`,
    changes: changesOf(place),
  });
}
