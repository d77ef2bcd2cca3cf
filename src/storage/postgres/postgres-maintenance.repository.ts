import type { RetentionLimit, RetentionPolicy, RetentionResult } from '../../domain/retention.js';
import type { Micros } from '../../domain/time.js';
import { MaintenanceRepository } from '../../maintenance/maintenance.repository.js';
import { countedRows } from './counting.js';
import type { PostgresStore } from './postgres-store.js';
import { REMOVE_STALE_LOCKS } from './sql/locks.sql.js';
import { FORGET_GARBAGE, LIST_GARBAGE, LOCK_OLDEST, REMOVALS } from './sql/maintenance.sql.js';
import { COUNT_ALL, LIST_NAMESPACES } from './sql/specs-admin.sql.js';
import { RETIRE_BY_AGE, RETIRE_BY_COUNT } from './sql/workers.sql.js';
import { FAILED, FINISHED } from './units/codes.js';
import { UnitImage } from './units/unit-image.js';
import type { Sql } from './wire/statement.js';
import { statement } from './wire/statement.js';
import { byteNameOfRow, bytesOf, textParameter } from './wire/values.js';

/** Rows removed in one round, */
const BUDGET = 5_000;
/** and in one transaction. */
const CHUNK = 500;

export class PostgresMaintenanceRepository extends MaintenanceRepository {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override async retain(
    policy: RetentionPolicy,
    scope?: { namespace: string; workSpecs?: readonly string[] },
  ): Promise<RetentionResult> {
    const result: RetentionResult = { units: 0, workers: 0, more: false };
    let budget = BUDGET;
    const only = scope === undefined ? null : textParameter(scope.namespace);
    for (const spec of await countedRows(this.store, statement(COUNT_ALL, only))) {
      if (scope?.workSpecs && !scope.workSpecs.includes(spec.workSpec)) continue;
      for (const [status, limit, count] of [
        [FINISHED, policy.finished, spec.counts.finished],
        [FAILED, policy.failed, spec.counts.failed],
      ] as const) {
        const removed = await this.removeOldest(spec.id, status, limit, count, spec.now, budget);
        budget -= removed;
        result.units += removed;
      }
    }
    for (const namespace of scope ? [only!] : await this.namespaces()) {
      const retired = await this.retireWorkers(namespace, policy.workers, budget);
      budget -= retired;
      result.workers += retired;
    }
    budget -= await this.removeGarbage(budget);
    result.more = budget <= 0;
    return result;
  }

  private async namespaces(): Promise<Buffer[]> {
    const rows = await this.store.pool.query(statement(LIST_NAMESPACES));
    return rows.map(([name]) => bytesOf(name!));
  }

  /** Deletes ended units that the limit does not keep, the oldest first. @returns how many */
  private async removeOldest(
    workSpecId: number,
    status: number,
    { age, count: kept }: RetentionLimit,
    count: number,
    now: Micros,
    budget: number,
  ): Promise<number> {
    let removed = 0;
    if (kept !== undefined) {
      removed += await this.removeUntil(workSpecId, status, Number.MAX_SAFE_INTEGER, Math.min(budget, count - kept));
    }
    if (age !== undefined) removed += await this.removeUntil(workSpecId, status, now - age, budget - removed);
    return removed;
  }

  private async removeUntil(workSpecId: number, status: number, until: Micros, most: number): Promise<number> {
    let removed = 0;
    while (removed < most) {
      const chunk = Math.min(CHUNK, most - removed);
      const some = await this.store.unitTransaction(async (transaction) => {
        const [rows] = await transaction.run([statement(LOCK_OLDEST, workSpecId, status, until, chunk)]);
        for (const [name] of rows) transaction.take(UnitImage.toDelete(workSpecId, byteNameOfRow(name!), status));
        return rows.length;
      });
      removed += some;
      if (some < chunk) break;
    }
    return removed;
  }

  private async retireWorkers(namespace: Buffer, { age, count }: RetentionLimit, budget: number): Promise<number> {
    let retired = 0;
    const retire = async (command: Sql, limit: number): Promise<void> => {
      const most = budget - retired;
      if (most > 0) retired += (await this.store.pool.query(statement(command, namespace, limit, most))).length;
    };
    if (count !== undefined) await retire(RETIRE_BY_COUNT, count);
    if (age !== undefined) await retire(RETIRE_BY_AGE, age);
    return retired;
  }

  /** Removes rows of what has been destroyed, and locks past their timeout. @returns how many */
  private async removeGarbage(budget: number): Promise<number> {
    let removed = (await this.store.pool.query(statement(REMOVE_STALE_LOCKS, CHUNK))).length;
    for (const [id, isOld] of await this.store.pool.query(statement(LIST_GARBAGE))) {
      let left = false;
      for (const removal of REMOVALS) {
        while (removed < budget) {
          const rows = await this.store.pool.query(statement(removal, Number(id), CHUNK));
          removed += rows.length;
          if (rows.length > 0) left = true;
          if (rows.length < CHUNK) break;
        }
      }
      if (removed >= budget) break;
      // A transaction that had begun before may still have added something: the id is looked at for a while.
      if (!left && isOld === 't') await this.store.pool.query(statement(FORGET_GARBAGE, Number(id)));
    }
    return removed;
  }
}
