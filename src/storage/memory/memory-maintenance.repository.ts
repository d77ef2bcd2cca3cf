import type { RetentionPolicy, RetentionResult } from '../../domain/retention.js';
import { isExceeded } from '../../domain/retention.js';
import type { Micros } from '../../domain/time.js';
import { MaintenanceRepository } from '../../maintenance/maintenance.repository.js';
import type { Slices } from '../../timing/slices.js';
import type { MemoryStore } from './memory-store.js';
import { inSlices } from './pace.js';
import type { SpecState } from './spec-state.js';

/** Records removed in one round at most. */
const BUDGET = 5_000;

export class MemoryMaintenanceRepository extends MaintenanceRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  /** In slices. */
  override async retain(
    policy: RetentionPolicy,
    scope?: { namespace: string; workSpecs?: readonly string[] },
  ): Promise<RetentionResult> {
    const now = this.store.now();
    const slices = this.store.pace.slices();
    const result: RetentionResult = { units: 0, workers: 0, more: false };
    for (const namespace of this.store.unsorted(scope?.namespace)) {
      for (const spec of namespace.specs.values()) {
        if (scope?.workSpecs && !scope.workSpecs.includes(spec.definition.name)) continue;
        const remove = (moment: Micros): boolean => removeOldest(spec, policy, moment, slices, result);
        spec.history.forgetOld(now);
        while (spec.isBusy(now) ? await this.store.within(spec, remove) : remove(now)) await slices.next();
        if (slices.isOver()) await slices.next();
      }
      const budget = BUDGET - result.units - result.workers;
      if (namespace.knownWorkers) {
        await namespace.knownWorkers.settled(now);
        const retired = await inSlices(namespace.knownWorkers.retiring(policy.workers, now, budget), slices);
        result.workers += retired;
        if (retired >= budget) result.more = true;
      }
      if (slices.isOver()) await slices.next();
    }
    // Rounds follow each other closely while there is more: locks, each of which is looked at, wait for the last of them.
    if (!result.more) {
      for (const { knownLocks } of this.store.unsorted()) {
        if (knownLocks) await inSlices(knownLocks.droppingExpired(now), slices);
        if (slices.isOver()) await slices.next();
      }
    }
    if (scope === undefined) {
      for (const hash of this.store.sessions.past(now)) {
        this.store.sessions.delete(hash);
        if (slices.isOver()) await slices.next();
      }
    }
    return result;
  }
}

/**
 * Deletes units of a spec from the old ends of its lists for as long as the limits do not keep them, until the slice is
 * over or the round has done its part. It depends on nothing that it saw before: several rounds may be under way at once.
 * @returns whether to go on in the next slice
 */
function removeOldest(
  spec: SpecState,
  policy: RetentionPolicy,
  now: Micros,
  slices: Slices,
  result: RetentionResult,
): boolean {
  const { work } = spec;
  for (const [list, limit] of [
    [work.finished, policy.finished],
    [work.failed, policy.failed],
  ] as const) {
    while (list.head !== 0 && isExceeded(limit, work.units.moment(list.head), now, list.size)) {
      if (result.units + result.workers >= BUDGET) {
        result.more = true;
        return false;
      }
      result.units++;
      work.delete(list.head);
      if (slices.isOver()) return true;
    }
  }
  return false;
}
