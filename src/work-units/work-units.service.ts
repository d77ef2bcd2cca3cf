import { Injectable } from '@nestjs/common';
import type { Attempt } from '../domain/attempt.js';
import type { Awaitable } from '../domain/awaitable.js';
import type { ByteName } from '../domain/names.js';
import { checkByteName } from '../domain/names.js';
import type {
  MeasuredUnit,
  NewWorkUnit,
  NewWorkUnits,
  PriorityChange,
  WorkUnit,
  WorkUnitChange,
  WorkUnitQuery,
} from '../domain/work-unit.js';
import { WorkUnitRepository } from './work-unit.repository.js';

/** Work units, as both interfaces use them. Errors are those of the repository. */
@Injectable()
export class WorkUnitsService {
  constructor(private readonly units: WorkUnitRepository) {}

  /** @throws InvalidValueError when a name is too long; nothing is added then */
  add(namespace: string, workSpec: string, units: NewWorkUnits): Awaitable<void> {
    // Others read names where they lie, and check each as they do.
    if (Array.isArray(units)) for (const { name } of units as NewWorkUnit[]) checkByteName('name', name);
    return this.units.add(namespace, workSpec, units);
  }

  get(namespace: string, workSpec: string, name: ByteName): Awaitable<WorkUnit> {
    return this.units.get(namespace, workSpec, name);
  }

  getMany(namespace: string, workSpec: string, names: readonly ByteName[]): Awaitable<(WorkUnit | undefined)[]> {
    return this.units.getMany(namespace, workSpec, names);
  }

  list(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<WorkUnit[]> {
    return this.units.list(namespace, workSpec, query);
  }

  listNames(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<ByteName[]> {
    return this.units.listNames(namespace, workSpec, query);
  }

  measure(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<MeasuredUnit[]> {
    return this.units.measure(namespace, workSpec, query);
  }

  change(namespace: string, workSpec: string, name: ByteName, change: WorkUnitChange): Awaitable<void> {
    return this.units.change(namespace, workSpec, name, change);
  }

  prioritize(namespace: string, workSpec: string, query: WorkUnitQuery, change: PriorityChange): Awaitable<number> {
    return this.units.prioritize(namespace, workSpec, query, change);
  }

  /** Gives units that have ended another try. @returns how many */
  clear(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<number> {
    return this.units.clear(namespace, workSpec, query);
  }

  delete(namespace: string, workSpec: string, query: WorkUnitQuery): Awaitable<number> {
    return this.units.delete(namespace, workSpec, query);
  }

  attempts(namespace: string, workSpec: string, name: ByteName): Awaitable<Attempt[]> {
    return this.units.attempts(namespace, workSpec, name);
  }

  numAttempts(namespace: string, workSpec: string, name: ByteName): Awaitable<number> {
    return this.units.numAttempts(namespace, workSpec, name);
  }
}
