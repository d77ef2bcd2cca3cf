import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import { checkByteName } from '../domain/names.js';
import { causeId } from '../domain/cause.js';
import type { NewWorkUnits, SelectedCounts, WorkUnitCounts, WorkUnitQuery } from '../domain/work-unit.js';
import { noCounts, WORK_UNIT_STATUSES } from '../domain/work-unit.js';
import { WorkSpecRepository } from '../work-specs/work-spec.repository.js';
import { WorkUnitRepository } from './work-unit.repository.js';

/** Work units, as both interfaces use them. Errors are those of the repository. */
@Injectable()
export class WorkUnitsService {
  constructor(
    /** For what needs no rule besides the storage's own. */
    readonly stored: WorkUnitRepository,
    private readonly specs: WorkSpecRepository,
  ) {}

  /** @throws InvalidValueError when a name is too long; nothing is added then */
  add(namespace: string, workSpec: string, units: NewWorkUnits): Awaitable<void> {
    // Whoever has counted the bytes of very many has looked at each, and checked its name.
    if (units.encodedBytes === undefined) for (const { name } of units) checkByteName('name', name);
    return this.stored.add(namespace, workSpec, units);
  }

  /**
   * Counts by status what a query selects, whatever its limit: at once what the storage keeps count of, else so much of it as one
   * search looks at, with the name behind which the next one goes on.
   */
  async count(namespace: string, workSpec: string, query: WorkUnitQuery): Promise<SelectedCounts> {
    const { names, previous, prefix, contains, worker, statuses, failure } = query;
    if ([names, previous, prefix, contains, worker].some((part) => part !== undefined))
      return this.stored.count(namespace, workSpec, query);
    const counts = noCounts();
    const all = await this.known(namespace, workSpec, failure);
    for (const status of statuses ?? WORK_UNIT_STATUSES) counts[status] = all[status];
    return { counts, looked: 0 };
  }

  /** The counts that the storage keeps: of all units of a spec, or of those that are failed by a cause. */
  private async known(namespace: string, workSpec: string, failure: number | undefined): Promise<WorkUnitCounts> {
    if (failure === undefined) return this.specs.counts(namespace, workSpec);
    const id = causeId(failure);
    const groups = await this.stored.failures(namespace, workSpec, Number.MAX_SAFE_INTEGER);
    return { ...noCounts(), failed: groups.find((group) => group.id === id)?.count ?? 0 };
  }
}
