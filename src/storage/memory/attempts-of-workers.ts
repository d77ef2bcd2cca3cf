import type { AttemptList, AttemptRecord, AttemptsOf } from '../../domain/attempt.js';
import { isStopped } from '../../domain/attempt.js';
import type { Awaitable } from '../../domain/awaitable.js';
import type { Micros } from '../../domain/time.js';
import type { Slices } from '../../timing/slices.js';
import type { Gate } from './gate.js';
import { behind, whenOpen } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import { atOnce, inSlices } from './pace.js';
import { sortedInSlices } from '../../timing/sorted-in-slices.js';
import type { AttemptedWork, WorkerRecord } from './worker-record.js';

type Which = Exclude<AttemptsOf, 'of children'>;

/** An attempt as it is found again: its record may be another's by then, which its number tells. */
class Found {
  constructor(
    readonly work: AttemptedWork,
    readonly id: number,
    readonly number: number,
    private readonly which: Which,
  ) {}

  /** Whether it is there, and to be listed. */
  isShown(now: Micros): boolean {
    const { work, id, number, which } = this;
    return !work.isDropped && work.attempts.table.number(id) === number && isShown(work, id, which, now);
  }
}

/**
 * A list of the attempts of workers at every spec: those in status pending; those that were stopped; or all but those that were refused. Few are read
 * at one moment; of many it is found out first which there are.
 */
export class WorkersAttempts implements AttemptList {
  private few: readonly AttemptRecord[] | undefined;
  private many: readonly Found[] = [];
  private at = 0;

  /** @param after - only attempts of greater numbers */
  constructor(
    private readonly store: MemoryStore,
    private readonly workers: ReadonlySet<WorkerRecord>,
    private readonly which: Which,
    private readonly after: number,
  ) {}

  get held(): number {
    return this.few?.length ?? this.many.length;
  }

  async next(most: number): Promise<AttemptRecord[]> {
    const { store, workers, which, after } = this;
    const slices = store.pace.slices();
    if (this.at === 0) {
      this.few = await readFew(store, workers, which, after);
      if (!this.few) this.many = await findAll(store, workers, which, after, slices);
    }
    if (this.few) return this.few.slice(this.at, (this.at += most));
    const read: AttemptRecord[] = [];
    await readFound(store, this.many, this.at, slices, (one, now) => {
      if (read.length === most) return false;
      this.at++;
      if (one.isShown(now)) read.push(one.work.attempts.record(one.id, one.work.spec.definition.name, now));
      return true;
    });
    return read;
  }
}

/** All attempts, oldest first, at one moment; undefined when they are too many for that. */
function readFew(
  store: MemoryStore,
  workers: ReadonlySet<WorkerRecord>,
  which: Which,
  after: number,
): Awaitable<AttemptRecord[] | undefined> {
  if (workers.size > store.pace.large) return undefined;
  const now = store.now();
  const busy = new Set<Gate>();
  let many = 0;
  for (const worker of workers) {
    for (const [{ spec, isDropped }, { pending, ended }] of worker.attempts) {
      if (isDropped) continue;
      if (spec.isBusy(now)) busy.add(spec.gate);
      many += pending.size + (which === 'active' ? 0 : ended.size);
    }
  }
  if (busy.size > 0) return whenOpen([...busy], () => readFew(store, workers, which, after));
  if (many > store.pace.large) return undefined;
  const read: AttemptRecord[] = [];
  for (const worker of workers) {
    for (const work of worker.attempts.keys()) {
      if (work.isDropped) continue;
      for (const id of atOnce(work.attempts.listOf(worker, which === 'active'))) {
        if (work.attempts.table.number(id) <= after || !isShown(work, id, which, now)) continue;
        read.push(work.attempts.record(id, work.spec.definition.name, now));
      }
    }
  }
  return read.sort(byNumber);
}

/** Which attempts there are of greater numbers, oldest first. */
async function findAll(
  store: MemoryStore,
  workers: ReadonlySet<WorkerRecord>,
  which: Which,
  after: number,
  slices: Slices,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const worker of workers) {
    for (const work of [...worker.attempts.keys()]) await find(store, work, worker, which, after, found);
    if (slices.isOver()) await slices.next();
  }
  return sortedInSlices(found, byNumber, slices);
}

/** Reads attempts one after another from a place on, in slices, until `read` wants no more. */
async function readFound(
  store: MemoryStore,
  found: readonly Found[],
  from: number,
  slices: Slices,
  read: (one: Found, now: Micros) => boolean,
): Promise<void> {
  let now = store.now();
  for (let at = from; at < found.length; at++) {
    const one = found[at];
    const { spec } = one.work;
    const goesOn = spec.isBusy(now) ? await store.within(spec, (moment) => read(one, moment)) : read(one, now);
    if (!goesOn) return;
    if (!slices.isOver()) continue;
    await slices.next();
    now = store.now();
  }
}

/** Adds to `found` the attempts of a worker at a spec. */
async function find(
  store: MemoryStore,
  work: AttemptedWork,
  worker: WorkerRecord,
  which: Which,
  after: number,
  found: Found[],
): Promise<void> {
  await store.within(work.spec, () => {
    const lists = worker.attempts.get(work);
    if (!lists || work.isDropped) return undefined;
    const steps = finding(work, worker, which, after, found);
    if (lists.pending.size + lists.ended.size <= store.pace.large) return atOnce(steps);
    return behind([work.spec], () => inSlices(steps, store.pace.slices()));
  });
}

function* finding(
  work: AttemptedWork,
  worker: WorkerRecord,
  which: Which,
  after: number,
  found: Found[],
): Generator<number, void> {
  for (const id of yield* work.attempts.listOf(worker, which === 'active')) {
    const number = work.attempts.table.number(id);
    if (number > after) found.push(new Found(work, id, number, which));
    yield 1;
  }
}

function isShown({ attempts }: AttemptedWork, id: number, which: Which, now: Micros): boolean {
  if (which === 'active') return attempts.statusNow(id, now) === 'pending';
  return which === 'stopped' ? isStopped(attempts.table.status(id)) : !attempts.isRefused(id);
}

function byNumber(a: { readonly number: number }, b: { readonly number: number }): number {
  return a.number - b.number;
}
