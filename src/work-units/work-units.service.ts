import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import { checkByteName } from '../domain/names.js';
import type { NewWorkUnits } from '../domain/work-unit.js';
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
    // Whoever has counted the bytes of very many has looked at each, and checked its name.
    if (units.encodedBytes === undefined) for (const { name } of units) checkByteName('name', name);
    return this.stored.add(namespace, workSpec, units);
  }
}
