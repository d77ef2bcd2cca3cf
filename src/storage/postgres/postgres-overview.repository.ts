import { causeId, UNKNOWN } from '../../domain/cause.js';
import { blockersOf, limitedUntil } from '../../domain/flow/hold-back.js';
import type { Failure, NamespaceOverview, SpecOverview } from '../../domain/overview.js';
import { NO_RECENT_WORK } from '../../domain/overview.js';
import type { Micros } from '../../domain/time.js';
import type { SlotState } from '../../domain/flow/slot-rules.js';
import { atPresent, type WorkSpecMeta } from '../../domain/work-spec.js';
import { OverviewRepository } from '../../live/overview/overview.repository.js';
import { Slices } from '../../timing/slices.js';
import { fullAtOf } from './batches/buckets.js';
import { RecentWorkReader } from './history/recent-work.js';
import type { PostgresStore } from './postgres-store.js';
import { countedRows } from './reading/counting.js';
import { FAILURE, FAILURES, OVERVIEW_SPEC, OVERVIEW_SPECS, WORKERS_AT_WORK } from './sql/overview.sql.js';
import { CONDITIONS_IN } from './sql/specs-admin.sql.js';
import { readSlots } from './units/slot-columns.js';
import { byteaColumn, int8Column } from './wire/columns.js';
import { statement } from './wire/statement.js';
import { byteNameOfRow, textOfRow, textParameter } from './wire/values.js';

/** The same object where there are none: what is made of that may be remembered. */
function withSlots(meta: WorkSpecMeta, slots: SlotState | undefined): WorkSpecMeta {
  return slots === undefined && meta.slots === undefined ? meta : { ...meta, slots };
}

/** However many specs there are, it is read by as many statements; a spec that comes or goes between two of them is left out. */
export class PostgresOverviewRepository extends OverviewRepository {
  private readonly recentWork: RecentWorkReader;

  constructor(private readonly store: PostgresStore) {
    super();
    this.recentWork = new RecentWorkReader(store.pool);
  }

  override async read(namespace: string): Promise<NamespaceOverview> {
    const { pool, history } = this.store;
    await history.flush();
    const name = textParameter(namespace);
    const counted = await countedRows(this.store, statement(CONDITIONS_IN, name));
    if (counted.length === 0) return { now: await this.store.now(), specs: [] };
    const [{ now }] = counted;
    const atWork = counted.filter(({ counts }) => counts.pending > 0).map(({ id }) => id);
    const [rows, recents, workers] = await Promise.all([
      pool.query(statement(OVERVIEW_SPECS, name)),
      this.recentWork.read(namespace, now),
      atWork.length === 0 ? [] : pool.query(statement(WORKERS_AT_WORK, int8Column(atWork))),
    ]);
    const rowOf = new Map(rows.map((row) => [Number(row[OVERVIEW_SPEC.id]), row]));
    const countsOf = new Map(counted.map(({ workSpec, counts }) => [workSpec, counts]));
    const heads = await this.store.heads(
      new Map(rows.map((row) => [Number(row[OVERVIEW_SPEC.id]), Number(row[OVERVIEW_SPEC.version])])),
    );
    const workersOf = new Map(workers.map(([id, count]) => [Number(id), Number(count)]));
    const specs: SpecOverview[] = [];
    const slices = new Slices();
    for (const { id, workSpec, counts, since } of counted) {
      const head = heads.get(id);
      const row = rowOf.get(id);
      if (!head || !row) continue;
      const { meta, historyId } = head;
      const lastClaim = row[OVERVIEW_SPEC.lastClaim];
      // What is remembered of a spec is not what its schedule has come to.
      const slots = readSlots(row, OVERVIEW_SPEC.slots);
      specs.push({
        workSpec,
        counts,
        meta: withSlots(atPresent(meta, now), slots),
        availableSince: since === undefined ? undefined : Number(since),
        lastClaim: lastClaim === null ? undefined : Number(lastClaim),
        workers: workersOf.get(id) ?? 0,
        recent: recents.get(historyId) ?? NO_RECENT_WORK,
        limitedUntil: limitedUntil(meta.flow, fullAtOf(row[OVERVIEW_SPEC.fullAt]), now),
        waitingFor: blockersOf(meta.flow, (name) => countsOf.get(name)),
      });
      if (slices.isOver()) await slices.next();
    }
    return { now, specs };
  }

  override async failures(
    namespace: string,
    workSpecs: readonly string[],
    since: Micros,
    limit: number,
  ): Promise<Failure[]> {
    const names = byteaColumn(workSpecs.map(textParameter));
    const rows = await this.store.pool.query(statement(FAILURES, textParameter(namespace), names, since, limit));
    return rows.map((row) => ({
      workSpec: textOfRow(row[FAILURE.workSpec]!),
      workUnit: byteNameOfRow(row[FAILURE.workUnit]!),
      worker: byteNameOfRow(row[FAILURE.worker]!),
      at: Number(row[FAILURE.at]),
      failure: causeId(Number(row[FAILURE.cause])),
      // Of one that was counted anew nobody has noted the text.
      cause: textOfRow(row[FAILURE.text] ?? '') || UNKNOWN,
    }));
  }
}
