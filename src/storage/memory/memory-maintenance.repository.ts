import type { RetentionLimit, RetentionPolicy, RetentionResult } from '../../domain/retention.js';
import type { Micros } from '../../domain/time.js';
import { MaintenanceRepository } from '../../maintenance/maintenance.repository.js';
import type { MemoryStore } from './memory-store.js';
import type { SpecWork } from './spec-work.js';
import type { LinkedList } from './structures/linked-list.js';

/** Records removed in one round: a few milliseconds of work. */
const BUDGET = 5_000;

export class MemoryMaintenanceRepository extends MaintenanceRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  override retain(
    policy: RetentionPolicy,
    scope?: { namespace: string; workSpecs?: readonly string[] },
  ): RetentionResult {
    const now = this.store.now();
    const result: RetentionResult = { units: 0, workers: 0, more: false };
    let budget = BUDGET;
    for (const namespace of this.store.all()) {
      if (scope && scope.namespace !== namespace.name) continue;
      for (const { definition, work } of namespace.specs.values()) {
        if (scope?.workSpecs && !scope.workSpecs.includes(definition.name)) continue;
        work.settle(now);
        const removed =
          removeOldest(work, work.finished, policy.finished, now, budget) +
          removeOldest(work, work.failed, policy.failed, now, budget);
        budget -= removed;
        result.units += removed;
      }
      const retired = namespace.workers.retire(policy.workers, now, Math.max(budget, 0));
      budget -= retired;
      result.workers += retired;
    }
    result.more = budget <= 0;
    // Rounds follow each other closely while there is more: locks, each of which is looked at, wait for the last of them.
    if (!result.more) for (const { locks } of this.store.all()) locks.dropExpired(now);
    return result;
  }
}

/** Deletes units from the old end of a list for as long as the limit does not keep them. @returns how many */
function removeOldest(
  work: SpecWork,
  list: LinkedList,
  { age = Infinity, count = Infinity }: RetentionLimit,
  now: Micros,
  budget: number,
): number {
  let removed = 0;
  while (list.head !== 0 && removed < budget) {
    const tooOld = work.units.moment(list.head) + age <= now;
    if (!tooOld && list.size <= count) break;
    work.delete(list.head);
    removed++;
  }
  return removed;
}
