import type { Awaitable } from '../../domain/awaitable.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import type { ClaimedUnit } from '../../domain/worker.js';
import type { Gate } from './gate.js';
import { behind, whenOpen } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import { atOnce, inSlices } from './pace.js';
import { sortedInSlices } from '../../timing/sorted-in-slices.js';
import type { WorkerRecord } from './worker-record.js';

type Claimed = Map<ByteName, ClaimedUnit[]>;

/** What each active one of some workers was last given and has neither finished nor failed since. */
export function claimedBy(store: MemoryStore, workers: ReadonlySet<WorkerRecord>): Awaitable<Claimed> {
  if (workers.size > store.pace.large) return claimedByMany(store, workers);
  const now = store.now();
  const busy = new Set<Gate>();
  let many = 0;
  for (const worker of workers) {
    const { latestClaim } = worker;
    if (!latestClaim || latestClaim.work.isDropped || !worker.isActive(now)) continue;
    if (latestClaim.work.spec.isBusy(now)) busy.add(latestClaim.work.spec.gate);
    many += latestClaim.attempts.length;
  }
  if (busy.size > 0) return whenOpen([...busy], () => claimedBy(store, workers));
  if (many > store.pace.large) return claimedByMany(store, workers);
  const claimed: Claimed = new Map();
  for (const worker of sortedByName(workers)) {
    if (worker.isActive(now)) claimed.set(worker.name, atOnce(unitsClaimedBy(worker, now)));
  }
  return claimed;
}

/** As claimedBy, of very many: each worker as it is when it comes to its turn. */
async function claimedByMany(store: MemoryStore, workers: ReadonlySet<WorkerRecord>): Promise<Claimed> {
  const slices = store.pace.slices();
  const claimed: Claimed = new Map();
  for (const worker of await sortedInSlices([...workers], byName, slices)) {
    if (slices.isOver()) await slices.next();
    if (!worker.isActive(store.now())) continue;
    const { latestClaim } = worker;
    const units =
      latestClaim &&
      (await store.within(latestClaim.work.spec, (now) => {
        const steps = unitsClaimedBy(worker, now);
        if (latestClaim.attempts.length <= store.pace.large) return atOnce(steps);
        return behind([latestClaim.work.spec], () => inSlices(steps, store.pace.slices()));
      }));
    claimed.set(worker.name, units ?? []);
  }
  return claimed;
}

/** In steps between which nobody may change the spec. */
function* unitsClaimedBy(worker: WorkerRecord, now: Micros): Generator<number, ClaimedUnit[]> {
  const claimed: ClaimedUnit[] = [];
  const { latestClaim } = worker;
  if (!latestClaim || latestClaim.work.isDropped) return claimed;
  const { attempts, units, spec } = latestClaim.work;
  const { name: workSpec, nameIsBytes } = spec.definition;
  for (const { id, number } of latestClaim.attempts) {
    yield 1;
    // Of one that has been deleted since, the record is free or another's.
    if (attempts.table.number(id) !== number) continue;
    const unit = attempts.table.unit(id);
    if (attempts.hasCompleted(unit, worker, number)) continue;
    const { workUnit, data } = attempts.read(id, workSpec, now);
    const active = units.active(unit);
    const holder = active === 0 ? undefined : attempts.record(active, workSpec, now);
    claimed.push({ workSpec, nameIsBytes, workUnit, data, holder: holder?.status === 'pending' ? holder : undefined });
  }
  return claimed;
}

export function sortedByName(workers: Iterable<WorkerRecord>): WorkerRecord[] {
  return [...workers].sort(byName);
}

export function byName(a: WorkerRecord, b: WorkerRecord): number {
  return a.name < b.name ? -1 : 1;
}
