import type { Attempt } from '../../domain/attempt.js';
import { NoSuchWorkUnitError } from '../../domain/errors.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import type { NewWorkUnit, PriorityChange, WorkUnit, WorkUnitChange, WorkUnitQuery } from '../../domain/work-unit.js';
import { adjustedPriority, notBeforeOf, WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { WorkUnitRepository } from '../../work-units/work-unit.repository.js';
import type { MemoryStore } from './memory-store.js';
import type { SpecState } from './spec-state.js';

export class MemoryWorkUnitRepository extends WorkUnitRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  override add(namespace: string, workSpec: string, units: readonly NewWorkUnit[]): void {
    const now = this.store.now();
    const { work } = this.store.spec(namespace, workSpec, now);
    for (const unit of units) {
      const { name, data, priority } = unit;
      work.put({ name, data, priority, notBefore: notBeforeOf(unit, now) }, now);
    }
  }

  override get(namespace: string, workSpec: string, name: ByteName): WorkUnit {
    const now = this.store.now();
    const spec = this.store.spec(namespace, workSpec, now);
    return readUnit(spec, existing(spec, name), now);
  }

  override getMany(namespace: string, workSpec: string, names: readonly ByteName[]): (WorkUnit | undefined)[] {
    const now = this.store.now();
    const spec = this.store.spec(namespace, workSpec, now);
    return names.map((name) => {
      const unit = spec.work.find(name);
      return unit === 0 ? undefined : readUnit(spec, unit, now);
    });
  }

  override list(namespace: string, workSpec: string, query: WorkUnitQuery): WorkUnit[] {
    const now = this.store.now();
    const spec = this.store.spec(namespace, workSpec, now);
    return spec.work.select(query).map((unit) => readUnit(spec, unit, now));
  }

  override listNames(namespace: string, workSpec: string, query: WorkUnitQuery): ByteName[] {
    const { work } = this.store.spec(namespace, workSpec, this.store.now());
    return work.select(query).map((unit) => work.nameOf(unit));
  }

  override change(namespace: string, workSpec: string, name: ByteName, change: WorkUnitChange): void {
    const now = this.store.now();
    const spec = this.store.spec(namespace, workSpec, now);
    const unit = existing(spec, name);
    if (change.clear) spec.work.clear(unit, now);
    if (change.priority !== undefined) spec.work.setPriority(unit, change.priority);
    if (change.notBefore !== undefined) spec.work.setNotBefore(unit, change.notBefore, now);
  }

  override prioritize(namespace: string, workSpec: string, query: WorkUnitQuery, change: PriorityChange): number {
    return this.forEach(namespace, workSpec, query, ({ work }, unit) => {
      work.setPriority(unit, 'to' in change ? change.to : adjustedPriority(work.units.priority(unit), change.by));
    });
  }

  override clear(namespace: string, workSpec: string, query: WorkUnitQuery): number {
    return this.forEach(namespace, workSpec, query, ({ work }, unit, now) => work.clear(unit, now));
  }

  override delete(namespace: string, workSpec: string, query: WorkUnitQuery): number {
    if (isUnrestricted(query)) {
      const spec = this.store.spec(namespace, workSpec, this.store.now());
      const { size } = spec.work;
      spec.dropWork();
      return size;
    }
    return this.forEach(namespace, workSpec, query, ({ work }, unit) => work.delete(unit));
  }

  override attempts(namespace: string, workSpec: string, name: ByteName): Attempt[] {
    const now = this.store.now();
    const spec = this.store.spec(namespace, workSpec, now);
    const { attempts, units } = spec.work;
    const latest = units.latest(existing(spec, name));
    return [...attempts.backFrom(latest)].reverse().map((attempt) => attempts.read(attempt, workSpec, now));
  }

  override numAttempts(namespace: string, workSpec: string, name: ByteName): number {
    const spec = this.store.spec(namespace, workSpec, this.store.now());
    return spec.work.units.attempts(existing(spec, name));
  }

  /** Does something to every unit that a query selects. @returns how many */
  private forEach(
    namespace: string,
    workSpec: string,
    query: WorkUnitQuery,
    act: (spec: SpecState, unit: number, now: Micros) => void,
  ): number {
    const now = this.store.now();
    const spec = this.store.spec(namespace, workSpec, now);
    const selected = spec.work.select(query);
    for (const unit of selected) act(spec, unit, now);
    return selected.length;
  }
}

function isUnrestricted({ names, statuses, previous, limit }: WorkUnitQuery): boolean {
  return names === undefined && statuses === undefined && previous === undefined && limit === undefined;
}

/** @throws NoSuchWorkUnitError */
function existing({ work }: SpecState, name: ByteName): number {
  const unit = work.find(name);
  if (unit === 0) throw new NoSuchWorkUnitError(name);
  return unit;
}

function readUnit({ work, definition }: SpecState, unit: number, now: Micros): WorkUnit {
  const { units, attempts, bytes } = work;
  const active = units.active(unit);
  const own = active === 0 ? 0 : attempts.table.ownData(active);
  return {
    name: work.nameOf(unit),
    status: WORK_UNIT_STATUSES[units.status(unit)],
    data: own !== 0 ? bytes.read(own) : work.readData(units.data(unit)),
    priority: units.priority(unit),
    notBefore: units.notBefore(unit),
    activeAttempt: active === 0 ? undefined : attempts.record(active, definition.name, now),
  };
}
