import type { RetentionPolicy, RetentionResult } from '../../domain/retention.js';
import { MaintenanceRepository } from '../../maintenance/maintenance.repository.js';
import type { PostgresStore } from './postgres-store.js';
import { ChangeRetention } from './retention/changes.js';
import { retainHistory } from './history/history-retention.js';
import { tidyCauses } from './retention/causes.js';
import { removeGarbage } from './retention/garbage.js';
import type { RetentionScope } from './retention/unit-retention.js';
import { removeSessions } from './retention/sessions.js';
import { removeUnits } from './retention/unit-retention.js';
import { removeWorkers } from './retention/worker-retention.js';

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
    const rows = await removeGarbage(this.store, BUDGET - units - workers);
    const changes = await this.changes.remove(BUDGET - units - workers - rows);
    const all = units + workers + rows + changes;
    const history = scope ? 0 : await retainHistory(this.store, BUDGET - all);
    const sessions = scope ? 0 : await removeSessions(this.store, BUDGET - all - history);
    if (all + history + sessions < BUDGET) await tidyCauses(this.store);
    return { units, workers, more: all + history + sessions >= BUDGET };
  }
}
