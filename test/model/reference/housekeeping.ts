import type { RefUnit, RefWorker } from './state.js';
import type { RefWorld } from './world.js';

export interface Limit {
  age?: number;
  count?: number;
}

/** Removes what is older than an age or beyond the newest so many, until nothing more goes. */
export function retain(world: RefWorld, policy: { finished: Limit; failed: Limit; workerAge?: number }): object {
  let units = 0;
  let workers = 0;
  for (const namespace of world.namespaces) {
    for (const spec of namespace.specs) {
      for (const [status, limit] of [
        ['finished', policy.finished],
        ['failed', policy.failed],
      ] as const) {
        const gone = pastLimit(
          world,
          spec.units.filter((unit) => world.status(unit) === status),
          limit,
        );
        spec.units = spec.units.filter((unit) => !gone.includes(unit));
        units += gone.length;
      }
    }
    for (let before = -1; before !== workers;) {
      before = workers;
      const gone = namespace.workers.filter((worker) => mayGo(world, namespace.name, worker, policy.workerAge));
      namespace.workers = namespace.workers.filter((worker) => !gone.includes(worker));
      workers += gone.length;
    }
  }
  return { units, workers };
}

/** Whether a count parts units that ended at one moment: which of them are the newer ones is left to the backend. */
export function partsEqual(world: RefWorld, policy: { finished: Limit; failed: Limit }): boolean {
  const specs = world.namespaces.flatMap((namespace) => namespace.specs);
  return (['finished', 'failed'] as const).some((status) => {
    const { count } = policy[status];
    if (!count) return false;
    return specs.some((spec) => {
      const ends = spec.units.filter((unit) => world.status(unit) === status).map(({ active }) => active!.end);
      ends.sort((a, b) => b - a);
      return ends.length > count && ends[count - 1] === ends[count];
    });
  });
}

function pastLimit(world: RefWorld, units: RefUnit[], { age = Infinity, count = Infinity }: Limit): RefUnit[] {
  const newestFirst = [...units].sort((a, b) => b.active!.end - a.active!.end);
  return newestFirst.filter((unit, index) => index >= count || unit.active!.end + age <= world.now);
}

function mayGo(world: RefWorld, namespace: string, worker: RefWorker, age = Infinity): boolean {
  if (world.isActive(worker)) return false;
  if ((worker.inactiveSince ?? worker.expiration) + age > world.now) return false;
  if (world.children(namespace, worker.name).length > 0) return false;
  return !world.attemptsOf(namespace, worker.name).some(({ status }) => status === 'pending');
}
