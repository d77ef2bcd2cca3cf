import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import type {
  ClaimedUnit,
  Worker,
  WorkerChange,
  WorkerQuery,
  WorkerStats,
  WorkerSummary,
} from '../../domain/worker.js';
import { compareClaims } from '../../domain/worker.js';
import { checkParent, hearOf } from '../../domain/worker-rules.js';
import { WorkerRepository } from '../../workers/worker.repository.js';
import type { MemoryStore } from './memory-store.js';
import { noteHeap } from './structures/off-heap.js';
import { sortedInSlices } from '../../timing/sorted-in-slices.js';
import type { WorkerDirectory, WorkerWindow } from './worker-directory.js';
import { WORKER_BYTES } from './worker-directory.js';
import type { WorkerRecord } from './worker-record.js';
import { byName, claimedBy, sortedByName } from './claimed-by.js';

export class MemoryWorkerRepository extends WorkerRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  override find(namespace: string, name: ByteName): Awaitable<Worker | undefined> {
    const worker = this.store.find(namespace)?.knownWorkers?.find(name);
    return worker && this.view(worker, this.store.now());
  }

  override ensure(namespace: string, name: ByteName): Awaitable<Worker> {
    const now = this.store.now();
    if (!this.store.find(namespace)?.knownWorkers?.find(name)) this.store.memory.admit(WORKER_BYTES);
    const { workers } = this.store.ensure(namespace);
    return this.view(workers.ensure(name, now), now);
  }

  /** One that is refused leaves no namespace that was not there. */
  override change(namespace: string, name: ByteName, change: WorkerChange): void {
    const now = this.store.now();
    const { parent, update, deactivate } = change;
    const known = this.store.find(namespace)?.knownWorkers;
    if (typeof parent === 'string') checkParent(name, parent, isBelow(known?.find(parent), name));
    this.admit(known, name, change);
    const { workers } = this.store.ensure(namespace);
    const worker = workers.ensure(name, now);
    if (parent !== undefined) setParent(workers, worker, parent, now);
    if (update) workers.update(worker, now, () => hearOf(worker, update, now));
    if (deactivate) workers.deactivate(worker, now);
  }

  /** Nothing new, and no more data than a worker has, while the memory is full. @throws MemoryFullError */
  private admit(workers: WorkerDirectory | undefined, name: ByteName, { parent, update }: WorkerChange): void {
    const known = workers?.find(name);
    const data = (update?.data?.length ?? 0) - (known?.data.length ?? 0);
    const isNew = !known || (typeof parent === 'string' && !workers?.find(parent));
    const bytes = (isNew ? WORKER_BYTES : 0) + Math.max(data, 0);
    if (bytes === 0) return;
    this.store.memory.admit(bytes);
    noteHeap(Math.max(data, 0));
  }

  override deactivate(namespace: string, name: ByteName): boolean {
    const workers = this.store.find(namespace)?.knownWorkers;
    const worker = workers?.find(name);
    if (!worker) return false;
    workers!.deactivate(worker, this.store.now());
    return true;
  }

  override list(namespace: string, query: WorkerQuery): Awaitable<WorkerSummary[]> {
    if (query.byClaim) return this.listByClaim(namespace, query);
    const list: WorkerSummary[] = [];
    const done = this.each(namespace, query, (worker, now) => list.push(summary(worker, query, now)));
    return whenReady(done, () => list);
  }

  /** No index has them in that order: all that are meant are looked at, in slices where they are many. */
  private async listByClaim(namespace: string, query: WorkerQuery): Promise<WorkerSummary[]> {
    const { after, limit = Infinity } = query;
    const found: WorkerRecord[] = [];
    await this.each(namespace, { ...query, previous: undefined, limit: undefined }, (worker) => {
      if (!after || compareClaims(worker, after) > 0) found.push(worker);
    });
    const places = found.map((worker) => ({ name: worker.name, lastClaim: worker.lastClaim, worker }));
    const sorted = await sortedInSlices(places, compareClaims, this.store.pace.slices());
    const now = this.store.now();
    // Who was given something meanwhile stands where it stood.
    return sorted.slice(0, limit).map(({ worker, lastClaim }) => ({ ...summary(worker, query, now), lastClaim }));
  }

  override stats(namespace: string): Awaitable<WorkerStats> {
    const stats: WorkerStats = { workers: 0, children: 0 };
    const done = this.each(namespace, { active: true, reported: true }, ({ parent }) => {
      stats.workers++;
      if (parent) stats.children++;
    });
    return whenReady(done, () => stats);
  }

  override claimedByChildren(namespace: string, parent: ByteName): Awaitable<Map<ByteName, ClaimedUnit[]>> {
    const children = this.store.find(namespace)?.knownWorkers?.find(parent)?.children ?? new Set();
    return claimedBy(this.store, children);
  }

  /** Visits the workers that a query selects; where there are very many, in slices, each worker as it is then. */
  private each(
    namespace: string,
    query: WorkerQuery,
    visit: (worker: WorkerRecord, now: Micros) => void,
  ): Awaitable<void> {
    const workers = this.store.find(namespace)?.knownWorkers;
    if (!workers) return undefined;
    const window: WorkerWindow = { now: this.store.now(), pauses: 0 };
    workers.settle(window.now);
    const listed = workers.listed(query, window);
    for (let steps = 0; steps < this.store.pace.large; steps++) {
      const step = listed.next();
      if (step.done) return undefined;
      if (step.value) visit(step.value, window.now);
    }
    return this.eachInSlices(listed, window, visit);
  }

  private async eachInSlices(
    listed: Iterable<WorkerRecord | undefined>,
    window: WorkerWindow,
    visit: (worker: WorkerRecord, now: Micros) => void,
  ): Promise<void> {
    const slices = this.store.pace.slices();
    for (const worker of listed) {
      if (worker) visit(worker, window.now);
      if (!slices.isOver()) continue;
      await slices.next();
      window.pauses++;
      window.now = this.store.now();
    }
  }

  private view(worker: WorkerRecord, now: Micros): Awaitable<Worker> {
    const seen = (children: readonly WorkerRecord[]): Worker => ({
      name: worker.name,
      parent: worker.parent?.name,
      children: children.map(({ name }) => name),
      active: worker.isActive(now),
      mode: worker.mode,
      data: worker.data,
      lastUpdate: worker.lastUpdate,
      expiration: worker.expiration,
      lastClaim: worker.lastClaim,
    });
    const { children } = worker;
    if (children.size <= this.store.pace.large) return seen(sortedByName(children));
    return sortedInSlices([...children], byName, this.store.pace.slices()).then(seen);
  }
}

function summary(worker: WorkerRecord, { held }: WorkerQuery, now: Micros): WorkerSummary {
  const { name, mode, parent, lastClaim, lastUpdate } = worker;
  const shown: WorkerSummary = { name, active: worker.isActive(now), mode, parent: parent?.name, lastUpdate };
  if (!held) return shown;
  const { told } = worker;
  return { ...shown, lastClaim, units: unitsOf(worker, now), done: worker.doneLately(now), told };
}

function unitsOf(worker: WorkerRecord, now: Micros): number {
  let units = 0;
  for (const work of worker.attempts.keys()) if (!work.isDropped) units += work.attempts.heldBy(worker, now);
  return units;
}

/** Whether a worker is below one of a name. */
function isBelow(worker: WorkerRecord | undefined, name: ByteName): boolean {
  for (let above = worker?.parent; above; above = above.parent) if (above.name === name) return true;
  return false;
}

function setParent(workers: WorkerDirectory, worker: WorkerRecord, parent: ByteName | null, now: Micros): void {
  workers.keep(worker);
  worker.parent?.children.delete(worker);
  worker.parent = parent === null ? undefined : workers.ensure(parent, now, false);
  worker.parent?.children.add(worker);
}
