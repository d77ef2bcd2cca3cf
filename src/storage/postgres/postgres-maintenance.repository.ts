import { HISTORY_KEPT, MINUTES_KEPT } from '../../domain/history.js';
import type { RetentionPolicy, RetentionResult } from '../../domain/retention.js';
import { MaintenanceRepository } from '../../maintenance/maintenance.repository.js';
import type { PostgresStore } from './postgres-store.js';
import { ChangeRetention } from './retention/changes.js';
import { DONE_KEPT, retainHistory } from './history/history-retention.js';
import { tidyCauses } from './retention/causes.js';
import { removeGarbage } from './retention/garbage.js';
import type { RetentionScope } from './retention/unit-retention.js';
import { removeSessions } from './retention/sessions.js';
import { removeUnits } from './retention/unit-retention.js';
import { removeWorkers } from './retention/worker-retention.js';
import { REMAINING, WHAT_REMAINS } from './sql/maintenance.sql.js';
import { statement } from './wire/statement.js';

/** Rows removed in one round. */
const BUDGET = 5_000;

export class PostgresMaintenanceRepository extends MaintenanceRepository {
  private readonly changes: ChangeRetention;

  constructor(private readonly store: PostgresStore) {
    super();
    this.changes = new ChangeRetention(store);
  }

  override async retain(policy: RetentionPolicy, scope?: RetentionScope): Promise<RetentionResult> {
    const units = await removeUnits(this.store, policy, scope, BUDGET);
    const workers = await removeWorkers(this.store, policy.workers, scope, BUDGET - units);
    let left = BUDGET - units - workers;
    const isThere = await this.remains();
    if (isThere('locks') || isThere('garbage')) left -= await removeGarbage(this.store, left);
    if (isThere('changes')) left -= await this.changes.remove(left);
    if (!scope && (isThere('minutes') || isThere('hours') || isThere('done'))) {
      left -= await retainHistory(this.store, left);
    }
    if (!scope && isThere('sessions')) left -= await removeSessions(this.store, left);
    if (left > 0 && isThere('causes')) await tidyCauses(this.store);
    return { units, workers, more: left <= 0 };
  }

  /** Of what there is any to be looked through: in most rounds there is none, and nobody but this statement looks. */
  private async remains(): Promise<(what: keyof typeof REMAINING) => boolean> {
    const kept = [MINUTES_KEPT, HISTORY_KEPT, DONE_KEPT];
    const [row] = await this.store.pool.query(statement(WHAT_REMAINS, ...kept));
    return (what) => row[REMAINING[what]] === 't';
  }
}
