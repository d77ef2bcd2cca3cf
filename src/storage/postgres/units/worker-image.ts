import type { ByteName } from '../../../domain/names.js';
import { bytesOfName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import type { WorkerPort } from '../../../domain/worker-rules.js';
import { newWorkerTimes } from '../../../domain/worker-rules.js';
import { ENSURE_WORKERS, LOCK_WORKER, LOCKED_WORKER, WRITE_WORKER } from '../sql/workers.sql.js';
import { byteaColumn, int8Column } from '../wire/columns.js';
import type { Run } from '../wire/connection-pool.js';
import type { Row } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { byteNameOfRow, textParameter } from '../wire/values.js';

/** A worker's record as a transaction sees it and the rules of the domain change it. */
export interface WorkerImage extends WorkerPort {
  /** New ones, where they were set: a copy that nobody else has. */
  data?: Buffer;
  parent: ByteName | null;
}

/** The times of a new record, as parameters of statements. */
export function timesOfNew(now: Micros, active: boolean): [number, number, number, boolean] {
  const { lastUpdate, expiration, inactiveAt, deactivated } = newWorkerTimes(now, active);
  return [lastUpdate, expiration, inactiveAt, deactivated];
}

/** Makes the record of a worker unless it is there, and keeps it from being removed until the transaction ends. */
export async function ensureWorker(
  run: Run,
  namespaceId: number,
  name: ByteName,
  now: Micros,
  active: boolean,
): Promise<void> {
  await run(statement(ENSURE_WORKERS, int8Column([namespaceId]), byteaColumn([name]), ...timesOfNew(now, active)));
}

/** The record of a worker, made if need be, which nobody else changes until the transaction ends; and the clock. */
export async function lockWorker(
  run: Run,
  namespaceId: number,
  name: ByteName,
): Promise<{ worker: WorkerImage; now: Micros }> {
  const lock = statement(LOCK_WORKER, namespaceId, bytesOfName(name));
  let [[row]] = await run(lock);
  const now = Number(row[LOCKED_WORKER.now]);
  while (row[LOCKED_WORKER.lastUpdate] === null) {
    await ensureWorker(run, namespaceId, name, now, true);
    [[row]] = await run(lock);
  }
  return { worker: readImage(row), now };
}

export async function writeWorker(run: Run, namespaceId: number, name: ByteName, worker: WorkerImage): Promise<void> {
  await run(
    statement(
      WRITE_WORKER,
      namespaceId,
      bytesOfName(name),
      worker.lastUpdate,
      worker.expiration,
      worker.inactiveAt,
      worker.deactivated,
      worker.reported,
      worker.parent === null ? null : bytesOfName(worker.parent),
      worker.mode === undefined ? null : textParameter(worker.mode),
      worker.data ?? null,
    ),
  );
}

function readImage(row: Row): WorkerImage {
  const parent = row[LOCKED_WORKER.parent];
  return {
    lastUpdate: Number(row[LOCKED_WORKER.lastUpdate]),
    expiration: Number(row[LOCKED_WORKER.expiration]),
    inactiveAt: Number(row[LOCKED_WORKER.inactiveAt]),
    deactivated: row[LOCKED_WORKER.deactivated] === 't',
    reported: row[LOCKED_WORKER.reported] === 't',
    parent: parent === null ? null : byteNameOfRow(parent),
  };
}
