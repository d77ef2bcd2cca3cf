import type { Data, RefAttempt, RefWorker } from './state.js';
import { QUARTER_HOUR } from './state.js';
import type { RefWorld } from './world.js';
import { Refused } from './world.js';

export interface WorkerAsk {
  parent?: string | null;
  update?: { data?: Data; mode?: string; lastUpdate?: number; expiration?: number; lifetime?: number };
  deactivate?: boolean;
}

export function changeWorker(world: RefWorld, namespace: string, name: string, ask: WorkerAsk): void {
  for (let above = ask.parent ?? undefined; above !== undefined; above = world.worker(namespace, above)?.parent) {
    if (above === name) throw new Refused('invalid parent');
  }
  const worker = world.ensureWorker(namespace, name);
  if (ask.parent === null) worker.parent = undefined;
  else if (ask.parent !== undefined) {
    world.ensureWorker(namespace, ask.parent, false);
    worker.parent = ask.parent;
  }
  if (ask.update) {
    const { data, mode, lastUpdate, expiration, lifetime } = ask.update;
    worker.data = data ?? worker.data;
    worker.mode = mode ?? worker.mode;
    worker.lastUpdate = lastUpdate ?? world.now;
    worker.expiration = expiration ?? world.now + (lifetime ?? QUARTER_HOUR);
    worker.deactivated = false;
    worker.reported = true;
    worker.inactiveSince = world.isActive(worker) ? undefined : world.now;
  }
  if (ask.deactivate) deactivate(world, worker);
}

/** One that is not active already stays inactive since when it was. */
export function deactivate(world: RefWorld, worker: RefWorker): void {
  if (world.isActive(worker)) worker.inactiveSince = world.now;
  worker.inactiveSince = Math.min(worker.inactiveSince ?? worker.expiration, world.now);
  worker.deactivated = true;
}

/** What a worker's latest claim gave it that is there still and that it has not finished or failed since. */
export function stillClaimed(world: RefWorld, worker: RefWorker): RefAttempt[] {
  return worker.latestClaim.filter((attempt) => {
    const unit = world.unitOf(attempt);
    return (
      !unit?.attempts.some(
        (other) =>
          other.worker === worker.name && other.born >= attempt.born && ['finished', 'failed'].includes(other.status),
      ) && unit !== undefined
    );
  });
}
