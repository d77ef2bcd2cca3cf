import type { Attempt } from '../../domain/attempt.js';
import type { Awaitable } from '../../domain/awaitable.js';
import type { Micros } from '../../domain/time.js';
import type { Gate } from './gate.js';
import { behind, whenOpen } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import { atOnce, inSlices } from './pace.js';
import { sortedInSlices } from './sorted-in-slices.js';
import type { AttemptedWork, WorkerRecord } from './worker-record.js';

/** The attempts of workers at every spec, oldest first: those in status pending; or all but those that were refused. */
export function attemptsOf(
  store: MemoryStore,
  workers: ReadonlySet<WorkerRecord>,
  pendingOnly: boolean,
): Awaitable<Attempt[]> {
  if (workers.size > store.pace.large) return attemptsOfMany(store, workers, pendingOnly);
  const now = store.now();
  const busy = new Set<Gate>();
  let many = 0;
  for (const worker of workers) {
    for (const [{ spec, isDropped }, { pending, ended }] of worker.attempts) {
      if (isDropped) continue;
      if (spec.isBusy(now)) busy.add(spec.gate);
      many += pending.size + (pendingOnly ? 0 : ended.size);
    }
  }
  if (busy.size > 0) return whenOpen([...busy], () => attemptsOf(store, workers, pendingOnly));
  if (many > store.pace.large) return attemptsOfMany(store, workers, pendingOnly);
  const read: Attempt[] = [];
  for (const worker of workers) {
    for (const work of worker.attempts.keys()) {
      if (work.isDropped) continue;
      for (const id of atOnce(work.attempts.listOf(worker, pendingOnly))) readInto(read, work, id, pendingOnly, now);
    }
  }
  return read.sort(byNumber);
}

/** An attempt as it is found again: its record may be another's by then, which its number tells. */
interface Found {
  readonly work: AttemptedWork;
  readonly id: number;
  readonly number: number;
}

/** As attemptsOf, of very many: first which there are, then each as it is when it is read. */
async function attemptsOfMany(
  store: MemoryStore,
  workers: ReadonlySet<WorkerRecord>,
  pendingOnly: boolean,
): Promise<Attempt[]> {
  const slices = store.pace.slices();
  const found: Found[] = [];
  for (const worker of workers) {
    for (const work of [...worker.attempts.keys()]) await find(store, work, worker, pendingOnly, found);
    if (slices.isOver()) await slices.next();
  }
  const read: Attempt[] = [];
  const readOne = ({ work, id, number }: Found, now: Micros): void => {
    if (!work.isDropped && work.attempts.table.number(id) === number) readInto(read, work, id, pendingOnly, now);
  };
  let now = store.now();
  for (const one of await sortedInSlices(found, byNumber, slices)) {
    const { spec } = one.work;
    if (spec.isBusy(now)) await store.within(spec, (moment) => readOne(one, moment));
    else readOne(one, now);
    if (!slices.isOver()) continue;
    await slices.next();
    now = store.now();
  }
  return read;
}

/** Adds to `found` the attempts of a worker at a spec. */
async function find(
  store: MemoryStore,
  work: AttemptedWork,
  worker: WorkerRecord,
  pendingOnly: boolean,
  found: Found[],
): Promise<void> {
  await store.within(work.spec, () => {
    const lists = worker.attempts.get(work);
    if (!lists || work.isDropped) return undefined;
    const steps = finding(work, worker, pendingOnly, found);
    if (lists.pending.size + lists.ended.size <= store.pace.large) return atOnce(steps);
    return behind([work.spec], () => inSlices(steps, store.pace.slices()));
  });
}

function* finding(
  work: AttemptedWork,
  worker: WorkerRecord,
  pendingOnly: boolean,
  found: Found[],
): Generator<number, void> {
  for (const id of yield* work.attempts.listOf(worker, pendingOnly)) {
    found.push({ work, id, number: work.attempts.table.number(id) });
    yield 1;
  }
}

function readInto(read: Attempt[], work: AttemptedWork, id: number, pendingOnly: boolean, now: Micros): void {
  if (pendingOnly ? work.attempts.statusNow(id, now) !== 'pending' : work.attempts.isRefused(id)) return;
  read.push(work.attempts.read(id, work.spec.definition.name, now));
}

function byNumber(a: { readonly number: number }, b: { readonly number: number }): number {
  return a.number - b.number;
}
