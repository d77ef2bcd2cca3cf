import type { Awaitable } from '../../domain/awaitable.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import { putUnit } from '../../domain/unit-rules.js';
import { NoSuchWorkSpecError } from '../../domain/errors.js';
import type { NewWorkUnits, WorkUnitQuery } from '../../domain/work-unit.js';
import { behind } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import { atOnce, inSlices } from './pace.js';
import { sortedNames, sortedNamesInSlices } from './sorted-names.js';
import type { SpecState } from './spec-state.js';
import { selectUnits, UnitCursor } from './unit-cursor.js';
import { FAILED } from './unit-table.js';
import type { WorkerRecord } from './worker-record.js';

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

/** Whether a query is for a cause, a part of names or a worker: what it selects need not be changed in one step. */
function isSearch({ failure, prefix, contains, worker }: WorkUnitQuery): boolean {
  return failure !== undefined || prefix !== undefined || contains !== undefined || worker !== undefined;
}

/**
 * Does something to every unit that a query selects, in one step to everybody; where it is a search, in windows between which others have
 * their turn, to each unit once at most and to none that has failed meanwhile.
 * @returns how many
 */
export function changeUnits(
  store: MemoryStore,
  namespace: string,
  workSpec: string,
  query: WorkUnitQuery,
  change: UnitChange,
): Awaitable<number> {
  if (isSearch(query)) return changeInWindows(store, namespace, workSpec, query, change);
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

async function changeInWindows(
  store: MemoryStore,
  namespace: string,
  workSpec: string,
  query: WorkUnitQuery,
  change: UnitChange,
): Promise<number> {
  const names = await namesOf(store, namespace, workSpec, query);
  const cursor = new UnitCursor(query, names);
  let begun: Micros | undefined;
  let changed = 0;
  try {
    await store.inWindows(namespace, workSpec, (spec, now, slices) => {
      const { work } = spec;
      begun ??= now;
      while (!cursor.isAtEnd) {
        const unit = cursor.step(work);
        if (unit !== 0 && !(work.units.status(unit) === FAILED && work.units.moment(unit) > begun)) {
          cursor.note(work);
          changed++;
          // Nobody may see a unit of which a part is gone, so that this is not cut.
          while (change(spec, unit, now)) slices.isOver(spec.pace.large);
        }
        if (!slices.isOver()) continue;
        cursor.pause(work);
        return true;
      }
      return false;
    });
  } catch (error) {
    // The spec has gone meanwhile, and all its units with it.
    if (changed === 0 || !(error instanceof NoSuchWorkSpecError)) throw error;
  }
  return changed;
}

/** The names that a query has or, of a worker's units, comes to, sorted; undefined: it has none. */
export async function namesOf(
  store: MemoryStore,
  namespace: string,
  workSpec: string,
  { names, worker }: WorkUnitQuery,
): Promise<ByteName[] | undefined> {
  const named = names ?? (worker === undefined ? undefined : await heldBy(store, namespace, workSpec, worker));
  return named && (await sortedNamesInSlices(named, store.pace.slices()));
}

/** The names of the units of a spec at which a worker has pending attempts: those that it holds, and maybe others. */
function heldBy(store: MemoryStore, namespace: string, workSpec: string, worker: ByteName): Awaitable<ByteName[]> {
  return store.at(namespace, workSpec, (spec) => {
    const record = spec.workers.find(worker);
    const pending = record?.attempts.get(spec.work)?.pending;
    if (!record || !pending) return [];
    const steps = namesHeld(spec, record);
    if (pending.size <= store.pace.large) return atOnce(steps);
    return behind([spec], () => inSlices(steps, store.pace.slices()));
  });
}

function* namesHeld({ work }: SpecState, worker: WorkerRecord): Generator<number, ByteName[]> {
  const names: ByteName[] = [];
  for (const attempt of yield* work.attempts.listOf(worker, true)) {
    names.push(work.nameOf(work.attempts.table.unit(attempt)));
    yield 1;
  }
  return names;
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
    query.worker !== undefined || query.contains !== undefined || spec.work.reachOf(query) > store.pace.large
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
  const names = await namesOf(store, namespace, workSpec, query);
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
