import type { ByteName } from '../../domain/names.js';
import type { NameSearch, SelectedCounts, WorkUnitQuery } from '../../domain/work-unit.js';
import { MOST_LOOKS, noCounts, WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { namesOf } from './many-units.js';
import type { MemoryStore } from './memory-store.js';
import type { SpecWork } from './spec-work.js';
import { UnitCursor } from './unit-cursor.js';

/** Finds names by a part of them. */
export async function searchNames(
  store: MemoryStore,
  namespace: string,
  workSpec: string,
  query: WorkUnitQuery,
): Promise<NameSearch> {
  const names: ByteName[] = [];
  const looks = await lookThrough(store, namespace, workSpec, query, (work, unit) => names.push(work.nameOf(unit)));
  return { names, ...looks };
}

/** Counts what a query selects, whatever its limit. */
export async function countSelected(
  store: MemoryStore,
  namespace: string,
  workSpec: string,
  query: WorkUnitQuery,
): Promise<SelectedCounts> {
  const counts = noCounts();
  const all = { ...query, limit: undefined };
  const looks = await lookThrough(store, namespace, workSpec, all, ({ units }, unit) => {
    counts[WORK_UNIT_STATUSES[units.status(unit)]]++;
  });
  return { counts, ...looks };
}

/** Looks at what a query selects, in windows between which others have their turn, and at so much of it as one search does. */
async function lookThrough(
  store: MemoryStore,
  namespace: string,
  workSpec: string,
  query: WorkUnitQuery,
  found: (work: SpecWork, unit: number) => void,
): Promise<Pick<NameSearch, 'looked' | 'lookedTo'>> {
  const cursor = new UnitCursor(query, await namesOf(store, namespace, workSpec, query));
  let looked = 0;
  let lookedTo: ByteName | undefined;
  await store.inWindows(namespace, workSpec, ({ work }, _now, slices) => {
    while (!cursor.isAtEnd && looked < MOST_LOOKS) {
      const unit = cursor.step(work);
      looked++;
      if (unit !== 0) found(work, unit);
      if (!slices.isOver()) continue;
      cursor.pause(work);
      return true;
    }
    lookedTo = cursor.isExhausted ? undefined : (cursor.lookedTo(work) ?? undefined);
    return false;
  });
  return { looked, lookedTo };
}
