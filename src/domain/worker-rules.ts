import type { AttemptStatus } from './attempt.js';
import type { EncodedData } from './data.js';
import { InvalidValueError } from './errors.js';
import type { ByteName } from './names.js';
import { bytesOfName } from './names.js';
import type { Micros } from './time.js';
import { DEFAULT_LIFETIME, hasPassed } from './time.js';
import type { WorkerUpdate } from './worker.js';

// What becomes of the record of a worker, whatever backend keeps it: when it counts as active, and what it may be below.

/** When a worker was last heard of, and how long that counts. */
export interface WorkerTimes {
  lastUpdate: Micros;
  expiration: Micros;
  deactivated: boolean;
  /** From when on it is not active, or is no longer, unless it is heard of again. */
  inactiveAt: Micros;
}

/** The record of a worker, as a backend keeps it; the rules write what is optional here, and do not read it. */
export interface WorkerPort extends WorkerTimes {
  /** Whether it has sent a heartbeat or update itself. */
  reported: boolean;
  mode?: string;
  /** To be copied by a backend that goes on using it. */
  data?: EncodedData;
}

/** Whether a worker counts as active: not deactivated and not past its expiration. */
export function isWorkerActive(
  { deactivated, expiration }: Pick<WorkerTimes, 'deactivated' | 'expiration'>,
  now: Micros,
): boolean {
  return !deactivated && !hasPassed(expiration, now);
}

/** The times of a new record. One that is only named by another, as its parent, is not active. */
export function newWorkerTimes(now: Micros, active: boolean): WorkerTimes {
  const expiration = active ? now + DEFAULT_LIFETIME : now;
  return { lastUpdate: now, expiration, deactivated: !active, inactiveAt: expiration };
}

/** A worker was heard of, and is active for as long as that counts. */
export function hearOf(worker: WorkerPort, update: WorkerUpdate, now: Micros): void {
  const keeps = update.keepTimes === true && isWorkerActive(worker, now);
  worker.lastUpdate = update.lastUpdate ?? (keeps ? worker.lastUpdate : now);
  worker.expiration = update.expiration ?? (keeps ? worker.expiration : now + (update.lifetime ?? DEFAULT_LIFETIME));
  worker.inactiveAt = Math.max(worker.expiration, now);
  worker.deactivated = false;
  worker.reported = true;
  if (update.mode !== undefined) worker.mode = update.mode;
  if (update.data !== undefined) worker.data = update.data;
}

/** A worker is not active until it is heard of again. One that was not stays so since when it was. */
export function deactivateWorker(worker: WorkerTimes, now: Micros): void {
  worker.deactivated = true;
  worker.inactiveAt = Math.min(worker.inactiveAt, now);
}

/**
 * No worker is above itself.
 * @param isBelow - whether the parent is below the worker
 * @throws InvalidValueError (field `parent`)
 */
export function checkParent(worker: ByteName, parent: ByteName, isBelow: boolean): void {
  if (parent === worker) throw notAsParent(parent, 'must not be the worker itself');
  if (isBelow) throw notAsParent(parent, 'must not be a descendant of the worker');
}

/** Whether an attempt of this status shows that its worker is done with what it was given. */
export function isBroughtHome(status: AttemptStatus): boolean {
  return status === 'finished' || status === 'failed';
}

function notAsParent(parent: ByteName, reason: string): InvalidValueError {
  return new InvalidValueError('parent', reason, bytesOfName(parent).utf8Slice());
}

/**
 * Whether nobody needs the record of a worker that has been inactive for long: it is nobody's parent and holds no work.
 * @param isAtWork - whether an attempt of it is pending
 */
export function mayBeForgotten(isParent: boolean, isAtWork: () => boolean): boolean {
  return !isParent && !isAtWork();
}
