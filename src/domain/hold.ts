import { HeldByOthersError } from './errors.js';
import { type ByteName, isWithin, type WorkerPrefix } from './names.js';
import type { UnitPort } from './unit-port.js';
import { isIdle } from './unit-rules.js';

// A request that may act for some workers only may touch a unit only while nobody holds it, or one of them.

/** The worker that keeps a unit from a request: that of its active attempt, unless the request may act for it. */
export function otherHolder(unit: UnitPort<unknown>, workers: WorkerPrefix): ByteName | undefined {
  if (workers === undefined || isIdle(unit.status)) return undefined;
  const { worker } = unit.latest!;
  return isWithin(workers, worker) ? undefined : worker;
}

/** @throws HeldByOthersError when a unit is held by a worker that a request may not act for */
export function mustNotBeHeldByOthers(unit: UnitPort<unknown>, workers: WorkerPrefix): void {
  const holder = otherHolder(unit, workers);
  if (holder !== undefined) throw new HeldByOthersError(holder);
}
