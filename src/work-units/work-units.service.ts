import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import { checkByteName } from '../domain/names.js';
import type { NewWorkUnit, NewWorkUnits } from '../domain/work-unit.js';
import { WorkUnitRepository } from './work-unit.repository.js';

/** Work units, as both interfaces use them. Errors are those of the repository. */
@Injectable()
export class WorkUnitsService {
  constructor(
    /** For what needs no rule besides the storage's own. */
    readonly stored: WorkUnitRepository,
  ) {}

  /** @throws InvalidValueError when a name is too long; nothing is added then */
  add(namespace: string, workSpec: string, units: NewWorkUnits): Awaitable<void> {
    // Others read names where they lie, and check each as they do.
    if (Array.isArray(units)) for (const { name } of units as NewWorkUnit[]) checkByteName('name', name);
    return this.stored.add(namespace, workSpec, units);
  }
}
