import type { Awaitable } from '../../domain/awaitable.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import { putUnit } from '../../domain/unit-rules.js';
import type { NewWorkUnits, WorkUnitQuery } from '../../domain/work-unit.js';
import { behind } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import { sortedNames, sortedNamesInSlices } from './sorted-names.js';
import type { SpecState } from './spec-state.js';
import { selectUnits, UnitCursor } from './unit-cursor.js';

/** Does something to a unit, or a part of it. @returns whether there is another part, for which it is to be called again */
export type UnitChange = (spec: SpecState, unit: number, now: Micros) => boolean;

/** So many attempts that go with their unit take as long as a unit of other work. */
const ATTEMPTS_PER_STEP = 4;

export function addUnits(spec: SpecState, units: NewWorkUnits, now: Micros): Awaitable<void> {
  if (units.length > spec.pace.large) return behind([spec], () => addInSlices(spec, units, now));
  for (const unit of units) putUnit(spec.work, unit, now);
}

/** As addUnits, of very many, by somebody who keeps others from the spec. */
export async function addInSlices(spec: SpecState, units: NewWorkUnits, now: Micros): Promise<void> {
  const slices = spec.pace.slices();
  for (const unit of units) {
    putUnit(spec.work, unit, now);
    if (slices.isOver()) await slices.next();
  }
}

/** Does something to every unit that a query selects. @returns how many */
export function changeUnits(
  store: MemoryStore,
  namespace: string,
  workSpec: string,
  query: WorkUnitQuery,
  change: UnitChange,
): Awaitable<number> {
  return store.at(namespace, workSpec, (spec, now) => {
    if (spec.work.reachOf(query) > store.pace.large) {
      if (query.names) return changeNamed(store, namespace, workSpec, query, change);
      return behind([spec], () => changeInSlices(spec, new UnitCursor(query), change, now));
    }
    const selected = selectUnits(spec.work, query);
    if (attemptsOf(spec, selected) > store.pace.large * ATTEMPTS_PER_STEP) {
      return behind([spec], () =>
        changeInSlices(spec, new UnitCursor(query, query.names && sortedNames(query.names)), change, now),
      );
    }
    for (const unit of selected) while (change(spec, unit, now));
    return selected.length;
  });
}

/** Very many names are sorted before others have to wait for it. */
async function changeNamed(
  store: MemoryStore,
  namespace: string,
  workSpec: string,
  query: WorkUnitQuery,
  change: UnitChange,
): Promise<number> {
  const names = await sortedNamesInSlices(query.names!, store.pace.slices());
  return await store.at(namespace, workSpec, (spec, now) =>
    behind([spec], () => changeInSlices(spec, new UnitCursor(query, names), change, now)),
  );
}

async function changeInSlices(spec: SpecState, cursor: UnitCursor, change: UnitChange, now: Micros): Promise<number> {
  const slices = spec.pace.slices();
  let changed = 0;
  while (!cursor.isAtEnd) {
    const unit = cursor.step(spec.work);
    if (unit !== 0) {
      changed++;
      while (change(spec, unit, now)) if (slices.isOver(spec.pace.large)) await slices.next();
    }
    if (slices.isOver()) await slices.next();
  }
  return changed;
}

function attemptsOf({ work }: SpecState, units: readonly number[]): number {
  let attempts = 0;
  for (const unit of units) attempts += work.units.attempts(unit);
  return attempts;
}

/** What can be seen of every unit that a query selects, in windows where there are many. */
export function readUnits<T>(
  store: MemoryStore,
  namespace: string,
  workSpec: string,
  query: WorkUnitQuery,
  read: (spec: SpecState, unit: number, now: Micros) => T,
): Awaitable<T[]> {
  return store.at(namespace, workSpec, (spec, now) =>
    spec.work.reachOf(query) > store.pace.large
      ? readInWindows(store, namespace, workSpec, query, read)
      : selectUnits(spec.work, query).map((unit) => read(spec, unit, now)),
  );
}

async function readInWindows<T>(
  store: MemoryStore,
  namespace: string,
  workSpec: string,
  query: WorkUnitQuery,
  read: (spec: SpecState, unit: number, now: Micros) => T,
): Promise<T[]> {
  const names = query.names && (await sortedNamesInSlices(query.names, store.pace.slices()));
  const cursor = new UnitCursor(query, names);
  const found: T[] = [];
  await store.inWindows(namespace, workSpec, (spec, now, slices) => {
    while (!cursor.isAtEnd) {
      const unit = cursor.step(spec.work);
      if (unit !== 0) found.push(read(spec, unit, now));
      if (!slices.isOver()) continue;
      cursor.pause(spec.work);
      return true;
    }
    return false;
  });
  return found;
}

/** What can be seen of units by name, in the order asked, undefined for one that is missing; in windows where many are. */
export function readNamed<T>(
  store: MemoryStore,
  namespace: string,
  workSpec: string,
  names: readonly ByteName[],
  read: (spec: SpecState, unit: number, now: Micros) => T,
): Awaitable<(T | undefined)[]> {
  return store.at(namespace, workSpec, (spec, now) => {
    const readOne = (at: SpecState, name: ByteName, moment: Micros): T | undefined => {
      const unit = at.work.idOf(name);
      return unit === 0 ? undefined : read(at, unit, moment);
    };
    if (names.length <= store.pace.large) return names.map((name) => readOne(spec, name, now));
    const found: (T | undefined)[] = [];
    return store
      .inWindows(namespace, workSpec, (at, moment, slices) => {
        while (found.length < names.length) {
          found.push(readOne(at, names[found.length], moment));
          if (slices.isOver()) return true;
        }
        return false;
      })
      .then(() => found);
  });
}
