import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import { cancelUnit } from '../../domain/attempt-rules.js';
import type { Attempt, AttemptList, Cancellation } from '../../domain/attempt.js';
import { NoSuchWorkUnitError } from '../../domain/errors.js';
import { HeldAttempts } from '../../domain/held-attempts.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import { causeId } from '../../domain/cause.js';
import type {
  FailureGroup,
  MeasuredUnit,
  NameSearch,
  NewWorkUnits,
  PriorityChange,
  SelectedCounts,
  WorkUnit,
  WorkUnitChange,
  WorkUnitQuery,
} from '../../domain/work-unit.js';
import { changeUnit, clearUnit, prioritizeUnit } from '../../domain/unit-rules.js';
import { onlyPending, WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { WorkUnitRepository } from '../../work-units/work-unit.repository.js';
import { behind } from './gate.js';
import { addUnits, changeUnits, readNamed, readUnits } from './many-units.js';
import { countSelected, searchNames } from './looking-through.js';
import type { MemoryStore } from './memory-store.js';
import { atOnce, inSlices } from './pace.js';
import { bytesOfUnits } from './sizes.js';
import type { SpecState } from './spec-state.js';
import type { SpecWork } from './spec-work.js';
import { FAILED } from './unit-table.js';

export class MemoryWorkUnitRepository extends WorkUnitRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  override add(namespace: string, workSpec: string, units: NewWorkUnits): Awaitable<void> {
    return this.store.at(namespace, workSpec, (spec, now) => {
      spec.memory.admit(bytesOfUnits(units));
      return addUnits(spec, units, now);
    });
  }

  override get(namespace: string, workSpec: string, name: ByteName): Awaitable<WorkUnit> {
    return this.store.at(namespace, workSpec, (spec, now) => readUnit(spec, existing(spec, name), now));
  }

  override getMany(
    namespace: string,
    workSpec: string,
    names: readonly ByteName[],
  ): Awaitable<(WorkUnit | undefined)[]> {
    return readNamed(this.store, namespace, workSpec, names, readUnit);
  }

  override list(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<WorkUnit[]> {
    return readUnits(this.store, namespace, workSpec, query, readUnit);
  }

  override listNames(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<ByteName[]> {
    return readUnits(this.store, namespace, workSpec, query, ({ work }, unit) => work.nameOf(unit));
  }

  override search(namespace: string, workSpec: string, query: WorkUnitQuery): Promise<NameSearch> {
    return searchNames(this.store, namespace, workSpec, query);
  }

  override count(namespace: string, workSpec: string, query: WorkUnitQuery): Promise<SelectedCounts> {
    return countSelected(this.store, namespace, workSpec, query);
  }

  override failures(namespace: string, workSpec: string, limit: number): Awaitable<FailureGroup[]> {
    return this.store.at(namespace, workSpec, ({ work }) => work.failed.groups(limit));
  }

  override measure(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<MeasuredUnit[]> {
    return readUnits(this.store, namespace, workSpec, query, ({ work }, unit) => measured(work, unit));
  }

  override change(namespace: string, workSpec: string, name: ByteName, change: WorkUnitChange): Awaitable<void> {
    return this.store.at(namespace, workSpec, (spec, now) => {
      const unit = spec.work.unit(existing(spec, name));
      if (change.data) spec.memory.admit(change.data.length);
      changeUnit(unit, change, now);
    });
  }

  override prioritize(
    namespace: string,
    workSpec: string,
    query: WorkUnitQuery,
    change: PriorityChange,
  ): Awaitable<number> {
    return changeUnits(this.store, namespace, workSpec, query, ({ work }, unit) => {
      prioritizeUnit(work.unit(unit), change);
      return false;
    });
  }

  override clear(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<number> {
    return changeUnits(this.store, namespace, workSpec, query, ({ work }, unit, now) => {
      clearUnit(work.unit(unit), now);
      return false;
    });
  }

  override cancel(
    namespace: string,
    workSpec: string,
    query: WorkUnitQuery,
    cancellation: Cancellation,
  ): Awaitable<number> {
    let left = 0;
    const pending = onlyPending(query);
    const looked = changeUnits(this.store, namespace, workSpec, pending, (spec, unit, now) => {
      if (!cancelUnit(spec.work.unit(unit), cancellation, spec, now)) left++;
      return false;
    });
    return whenReady(looked, (units) => {
      if (units > left) this.store.noteStop(namespace);
      return units - left;
    });
  }

  override delete(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<number> {
    if (!isUnrestricted(query)) {
      return changeUnits(this.store, namespace, workSpec, query, ({ work }, unit) => work.deletePart(unit));
    }
    return this.store.at(namespace, workSpec, (spec) => {
      const { size } = spec.work;
      spec.dropWork();
      return size;
    });
  }

  override attempts(namespace: string, workSpec: string, name: ByteName): Awaitable<Attempt[]> {
    return this.eachAttempt(namespace, workSpec, name, ({ attempts }, attempt, now) =>
      attempts.read(attempt, workSpec, now),
    );
  }

  override history(namespace: string, workSpec: string, name: ByteName, after = 0): Awaitable<AttemptList> {
    const all = this.eachAttempt(namespace, workSpec, name, ({ attempts }, attempt, now) =>
      attempts.record(attempt, workSpec, now),
    );
    return whenReady(all, (records) => new HeldAttempts(records, after));
  }

  private eachAttempt<A>(namespace: string, workSpec: string, name: ByteName, read: ReadAttempt<A>): Awaitable<A[]> {
    return this.store.at(namespace, workSpec, (spec, now) => {
      const { units } = spec.work;
      const unit = existing(spec, name);
      const history = readHistory(spec.work, units.latest(unit), now, read);
      if (units.attempts(unit) > this.store.pace.large) {
        return behind([spec], () => inSlices(history, this.store.pace.slices()));
      }
      return atOnce(history);
    });
  }

  override numAttempts(namespace: string, workSpec: string, name: ByteName): Awaitable<number> {
    return this.store.at(namespace, workSpec, (spec) => spec.work.units.attempts(existing(spec, name)));
  }
}

type ReadAttempt<A> = (work: SpecWork, attempt: number, now: Micros) => A;

/** A unit's attempts, oldest first, in steps between which nobody may change them. */
function* readHistory<A>(work: SpecWork, latest: number, now: Micros, read: ReadAttempt<A>): Generator<number, A[]> {
  const ids: number[] = [];
  for (const attempt of work.attempts.backFrom(latest)) {
    ids.push(attempt);
    yield 1;
  }
  const all: A[] = [];
  for (let at = ids.length; at-- > 0;) {
    all.push(read(work, ids[at], now));
    yield 1;
  }
  return all;
}

function isUnrestricted(query: WorkUnitQuery): boolean {
  return Object.values(query).every((part) => part === undefined);
}

/** @throws NoSuchWorkUnitError */
function existing({ work }: SpecState, name: ByteName): number {
  const unit = work.idOf(name);
  if (unit === 0) throw new NoSuchWorkUnitError(name);
  return unit;
}

/** Reference of the data of its active attempt, where the unit reads as they say; 0: as its own. */
function dataOfActive({ units, attempts: { table } }: SpecWork, unit: number): number {
  const active = units.active(unit);
  return active === 0 || table.late(active) ? 0 : table.ownData(active);
}

function measured(work: SpecWork, unit: number): MeasuredUnit {
  const { units, bytes } = work;
  const ref = dataOfActive(work, unit) || units.data(unit);
  return { name: work.nameOf(unit), bytes: ref === 0 ? 1 : bytes.length(ref) };
}

function readUnit({ work, definition }: SpecState, unit: number, now: Micros): WorkUnit {
  const { units, attempts, bytes } = work;
  const active = units.active(unit);
  const own = dataOfActive(work, unit);
  return {
    name: work.nameOf(unit),
    status: WORK_UNIT_STATUSES[units.status(unit)],
    data: own !== 0 ? bytes.read(own) : work.readData(units.data(unit)),
    priority: units.priority(unit),
    notBefore: units.notBefore(unit),
    activeAttempt: active === 0 ? undefined : attempts.record(active, definition.name, now),
    failure: units.status(unit) === FAILED ? causeId(work.failed.numberOf(unit)) : undefined,
  };
}
