import { causeId, UNKNOWN } from '../../domain/cause.js';
import { blockersOf, limitedUntil } from '../../domain/flow/hold-back.js';
import type { SlotState } from '../../domain/flow/slot-rules.js';
import { FULL } from '../../domain/flow/token-bucket.js';
import type { Failure, NamespaceOverview, SpecOverview } from '../../domain/overview.js';
import { NO_RECENT_WORK } from '../../domain/overview.js';
import type { Micros } from '../../domain/time.js';
import { atPresent, type WorkSpecMeta } from '../../domain/work-spec.js';
import type { WorkUnitCounts } from '../../domain/work-unit.js';
import { noCounts } from '../../domain/work-unit.js';
import { OverviewRepository } from '../../live/overview/overview.repository.js';
import { Slices } from '../../timing/slices.js';
import { RecentWorkReader } from './history/recent-work.js';
import type { PostgresStore } from './postgres-store.js';
import { SETTLING_ROUNDS } from './reading/counting.js';
import type { Standing } from './reading/standing.js';
import { readStanding, standingIn } from './reading/standing.js';
import { FAILURE, FAILURES, WORKERS_AT_WORK } from './sql/overview.sql.js';
import type { SpecHead } from './units/spec-head.js';
import { byteaColumn, int8Column } from './wire/columns.js';
import { statement } from './wire/statement.js';
import { byteNameOfRow, numbersOf, textOfRow, textParameter } from './wire/values.js';

const NO_UNITS = noCounts();

/** However many specs there are, it is read by as many statements; a spec that comes or goes between two of them is left out. */
export class PostgresOverviewRepository extends OverviewRepository {
  private readonly recentWork: RecentWorkReader;
  /** What was made last of control values by how far their schedule was: as long as it is there the same is made again. */
  private readonly scheduled = new WeakMap<WorkSpecMeta, WorkSpecMeta>();

  constructor(private readonly store: PostgresStore) {
    super();
    this.recentWork = new RecentWorkReader(store.pool);
  }

  override async read(namespace: string): Promise<NamespaceOverview> {
    await this.store.history.flush();
    const { standing, heads } = await this.standing(namespace);
    const { now, ids, units, fullAt } = standing;
    if (ids.length === 0) return { now, specs: [] };
    const [recents, workers] = await Promise.all([this.recentWork.read(namespace, now), this.workersAtWork(units)]);
    const countsOf = countsByName(standing, heads);
    const specs: SpecOverview[] = [];
    const slices = new Slices();
    for (const id of ids) {
      const head = heads.get(id);
      if (!head) continue;
      const { counts, since } = units.get(id) ?? { counts: NO_UNITS, since: undefined };
      const { flow } = head.meta;
      const lately = recents.get(head.historyId);
      specs.push({
        workSpec: head.name,
        counts,
        meta: this.withSlots(atPresent(head.meta, now), standing.slots.get(id)),
        availableSince: since,
        lastClaim: lately?.lastClaim,
        workers: workers.get(id) ?? 0,
        recent: lately?.recent ?? NO_RECENT_WORK,
        limitedUntil: limitedUntil(flow, fullAt.get(id) ?? FULL, now),
        waitingFor: blockersOf(flow, countsOf),
      });
      if (slices.isOver()) await slices.next();
    }
    return { now, specs };
  }

  /** What has run out by its moment has taken effect, but for what another session keeps locked, or what runs out faster than it does. */
  private async standing(namespace: string): Promise<{ standing: Standing; heads: ReadonlyMap<number, SpecHead> }> {
    const { store } = this;
    for (let round = 1; ; round++) {
      const [row] = await store.pool.query(standingIn(namespace));
      const standing = readStanding(row);
      const { ids, versions, due, now } = standing;
      const heads = await store.heads(new Map(ids.map((id, i) => [id, versions[i]])));
      const specs = due.flatMap((id) => {
        const head = heads.get(id);
        return head ? [{ id, namespace, workSpec: head.name }] : [];
      });
      if (specs.length === 0 || round >= SETTLING_ROUNDS) return { standing, heads };
      // What another session keeps locked is counted as it was.
      if (!(await store.settlement.settle(specs, now))) round = SETTLING_ROUNDS;
    }
  }

  private async workersAtWork(units: Standing['units']): Promise<ReadonlyMap<number, number>> {
    const atWork = [...units].flatMap(([id, { counts }]) => (counts.pending > 0 ? [id] : []));
    if (atWork.length === 0) return new Map();
    const [[ids, workers]] = await this.store.pool.query(statement(WORKERS_AT_WORK, int8Column(atWork)));
    const count = numbersOf(workers);
    return new Map(numbersOf(ids).map((id, i) => [id, count[i]]));
  }

  /** What is remembered of a spec is not what its schedule has come to. */
  private withSlots(meta: WorkSpecMeta, slots: SlotState | undefined): WorkSpecMeta {
    if (slots === undefined && meta.slots === undefined) return meta;
    const last = this.scheduled.get(meta);
    if (last !== undefined && isSameSlot(last.slots, slots)) return last;
    const present = { ...meta, slots };
    this.scheduled.set(meta, present);
    return present;
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

function isSameSlot(one: SlotState | undefined, other: SlotState | undefined): boolean {
  return (
    one?.next === other?.next &&
    one?.last === other?.last &&
    one?.buffered === other?.buffered &&
    one?.missed === other?.missed
  );
}

/** The counts of a spec by its name; undefined: it is not there. Few ask, most often nobody. */
function countsByName({ units }: Standing, heads: ReadonlyMap<number, SpecHead>) {
  let ids: Map<string, number> | undefined;
  return (workSpec: string): WorkUnitCounts | undefined => {
    ids ??= new Map(Array.from(heads.values(), ({ name, id }) => [name, id]));
    const id = ids.get(workSpec);
    return id === undefined ? undefined : (units.get(id)?.counts ?? NO_UNITS);
  };
}
