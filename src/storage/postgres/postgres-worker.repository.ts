import type { ByteName } from '../../domain/names.js';
import { bytesOfName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import type {
  ClaimedUnit,
  Worker,
  WorkerChange,
  WorkerQuery,
  WorkerStats,
  WorkerSummary,
} from '../../domain/worker.js';
import { checkParent, deactivateWorker, hearOf, isBroughtHome } from '../../domain/worker-rules.js';
import type { WorkerTold } from '../../domain/worker-told.js';
import { MOST_TOLD_BYTES, toldBy } from '../../domain/worker-told.js';
import { mapInSlices } from '../../timing/slices.js';
import { WorkerRepository } from '../../workers/worker.repository.js';
import type { PostgresStore } from './postgres-store.js';
import { CLAIMED, CLAIMED_BY_CHILDREN } from './sql/reading.sql.js';
import * as commands from './sql/workers.sql.js';
import { DONE_BY_WORKERS } from './sql/workers-done.sql.js';
import { readAttempt, recordOf } from './units/attempt-view.js';
import { UnitImage } from './units/unit-image.js';
import { locksThing, namespaceThing, workerThing } from './units/things.js';
import { holdNamespace, lockNamespace } from './units/namespaces.js';
import { ensureWorker, lockWorker, writeWorker } from './units/worker-image.js';
import { byteaColumn } from './wire/columns.js';
import type { Run } from './wire/connection-pool.js';
import type { Wishes } from './wire/held-things.js';
import type { Row } from './wire/statement.js';
import { statement } from './wire/statement.js';
import { bytesOf, byteNameOfRow, textOfRow, textParameter } from './wire/values.js';

const ALL = Number.MAX_SAFE_INTEGER;

export class PostgresWorkerRepository extends WorkerRepository {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override async find(namespace: string, name: ByteName): Promise<Worker | undefined> {
    const [row] = await this.store.pool.query(
      statement(commands.FIND_WORKER, textParameter(namespace), bytesOfName(name)),
    );
    return row && readWorker(row, name);
  }

  override async ensure(namespace: string, name: ByteName): Promise<Worker> {
    for (;;) {
      const found = await this.find(namespace, name);
      if (found) return found;
      await this.change(namespace, name, {});
    }
  }

  override async change(namespace: string, name: ByteName, change: WorkerChange): Promise<void> {
    const { parent } = change;
    const update = change.update && { ...change.update, data: change.update.data && Buffer.from(change.update.data) };
    if (typeof parent === 'string') checkParent(name, parent, false);
    await this.store.pool.transaction(
      async (run) => {
        const namespaceId = await holdNamespace(run, namespace);
        const { worker, now } = await lockWorker(run, namespaceId, name);
        const isMoved = parent !== undefined && parent !== worker.parent;
        if (isMoved) {
          if (parent !== null) await makeParent(run, { namespace, namespaceId, name, parent, now });
          worker.parent = parent;
        }
        if (update) hearOf(worker, update, now);
        if (change.deactivate) deactivateWorker(worker, now);
        if (isMoved || update || change.deactivate) await writeWorker(run, namespaceId, name, worker);
      },
      locking(namespace, name, parent),
    );
  }

  override async deactivate(namespace: string, name: ByteName): Promise<boolean> {
    const rows = await this.store.pool.query(
      statement(commands.DEACTIVATE_WORKER, textParameter(namespace), bytesOfName(name)),
      locking(namespace, name),
    );
    return rows.length > 0;
  }

  override async list(
    namespace: string,
    { active = false, reported = false, previous = '', limit, held, byClaim, after }: WorkerQuery,
  ): Promise<WorkerSummary[]> {
    const start = [textParameter(namespace)];
    const most = Math.min(limit ?? ALL, ALL);
    // The worker with the empty name is never shown, so that all names come after the empty one.
    const end = [bytesOfName(previous), most];
    const place = [after ? (after.lastClaim ?? 0) : -1, bytesOfName(after?.name ?? '')];
    const rows = await this.store.pool.query(
      byClaim
        ? statement(commands.LIST_WORKERS_BY_CLAIM, ...start, active, reported, ...place, most)
        : active
          ? statement(commands.LIST_ACTIVE_WORKERS, ...start, reported, ...end)
          : statement(commands.LIST_WORKERS, ...start, false, reported, ...end),
    );
    const more = held && rows.length > 0 ? await this.more(namespace, rows) : undefined;
    return rows.map(([name, active, mode, parent, lastClaim, lastUpdate]) => ({
      name: byteNameOfRow(name!),
      active: active === 't',
      mode: textOfRow(mode!),
      parent: parent === null ? undefined : byteNameOfRow(parent),
      lastUpdate: Number(lastUpdate),
      ...((held || byClaim) && { lastClaim: lastClaim === null ? undefined : Number(lastClaim) }),
      ...(held && {
        units: more?.units.get(name!) ?? 0,
        done: more?.done.get(name!) ?? 0,
        told: more?.told.get(name!) ?? {},
      }),
    }));
  }

  /** How many units some workers hold and have finished lately, and what they tell, by their names as rows have them. */
  private async more(namespace: string, workers: readonly Row[]): Promise<MoreOfWorkers> {
    const { pool, history } = this.store;
    // What this daemon has counted since it last wrote is to be seen at once.
    await history.flush();
    const which = [textParameter(namespace), byteaColumn(workers.map(([name]) => bytesOf(name!)))];
    const [units, done, data] = await Promise.all([
      pool.query(statement(commands.UNITS_HELD, ...which)),
      pool.query(statement(DONE_BY_WORKERS, ...which)),
      pool.query(statement(commands.SHORT_DATA, ...which, MOST_TOLD_BYTES)),
    ]);
    return {
      units: new Map(units.map(([name, count]) => [name!, Number(count)])),
      done: new Map(done.map(([name, count]) => [name!, Number(count)])),
      told: new Map(await mapInSlices(data, ([name, bytes]): [string, WorkerTold] => [name!, toldBy(bytesOf(bytes!))])),
    };
  }

  override async stats(namespace: string): Promise<WorkerStats> {
    const [[workers, children]] = await this.store.pool.query(
      statement(commands.WORKER_STATS, textParameter(namespace)),
    );
    return { workers: Number(workers), children: Number(children) };
  }

  override async claimedByChildren(namespace: string, parent: ByteName): Promise<Map<ByteName, ClaimedUnit[]>> {
    const rows = await this.store.pool.query(
      statement(CLAIMED_BY_CHILDREN, textParameter(namespace), bytesOfName(parent)),
    );
    const claimed = new Map<ByteName, { number: number; unit: ClaimedUnit }[]>();
    for (const row of rows) {
      const child = byteNameOfRow(row[CLAIMED.child]!);
      let units = claimed.get(child);
      if (!units) claimed.set(child, (units = []));
      const unit = readClaimed(row);
      if (unit) units.push(unit);
    }
    const ordered = [...claimed].map(([child, units]): [ByteName, ClaimedUnit[]] => [
      child,
      units.sort((a, b) => a.number - b.number).map(({ unit }) => unit),
    ]);
    return new Map(ordered);
  }
}

/** Makes the parent of a worker, which only one transaction at a time may do in a namespace lest two make a circle. */
async function makeParent(run: Run, { namespace, namespaceId, name, parent, now }: ParentOf): Promise<void> {
  await lockNamespace(run, namespace);
  const [below] = await run(statement(commands.IS_ABOVE, namespaceId, bytesOfName(parent), bytesOfName(name)));
  checkParent(name, parent, below.length > 0);
  await ensureWorker(run, namespaceId, parent, now, false);
}

interface MoreOfWorkers {
  readonly units: ReadonlyMap<string, number>;
  readonly done: ReadonlyMap<string, number>;
  readonly told: ReadonlyMap<string, WorkerTold>;
}

interface ParentOf {
  readonly namespace: string;
  readonly namespaceId: number;
  readonly name: ByteName;
  readonly parent: ByteName;
  readonly now: Micros;
}

function readWorker(row: Row, name: ByteName): Worker {
  const [parent, children, active, mode, data, lastUpdate, expiration, lastClaim] = row;
  return {
    name,
    parent: parent === null ? undefined : byteNameOfRow(parent),
    children: children === null ? [] : children.split(',').map((hex) => Buffer.from(hex, 'hex').latin1Slice()),
    active: active === 't',
    mode: textOfRow(mode!),
    data: bytesOf(data!),
    lastUpdate: Number(lastUpdate),
    expiration: Number(expiration),
    lastClaim: lastClaim === null ? undefined : Number(lastClaim),
  };
}

/** Reads a row of CLAIMED_BY_CHILDREN. */
function readClaimed(row: Row): { number: number; unit: ClaimedUnit } | undefined {
  const now = Number(row[CLAIMED.now]);
  const spec = row[CLAIMED.workSpec];
  if (spec === null || row[CLAIMED.attempt] === null) return undefined;
  const workSpec = textOfRow(spec);
  const attempt = readAttempt(row, CLAIMED.attempt, workSpec, now)!;
  // It may have failed just now, by its lease.
  if (isBroughtHome(attempt.status)) return undefined;
  const { active } = UnitImage.read(0, row, CLAIMED.unit, now);
  return {
    number: attempt.number,
    unit: {
      workSpec,
      nameIsBytes: row[CLAIMED.nameIsBytes] === 't',
      workUnit: attempt.workUnit,
      data: attempt.data,
      holder: active?.status === 'pending' ? recordOf(active, workSpec, attempt.workUnit) : undefined,
    },
  };
}

/** What is locked by who changes the record of a worker. */
function locking(namespace: string, name: ByteName, parent?: ByteName | null): Wishes {
  const parents = typeof parent === 'string' ? [locksThing(namespace)] : [];
  return { locks: [namespaceThing(namespace), ...parents, workerThing(namespace, name)] };
}
