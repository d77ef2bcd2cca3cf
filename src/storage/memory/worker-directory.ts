import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import type { RetentionLimit } from '../../domain/retention.js';
import { isExceeded } from '../../domain/retention.js';
import { EMPTY_DATA } from '../../domain/data.js';
import type { WorkerQuery } from '../../domain/worker.js';
import { deactivateWorker, mayBeForgotten, newWorkerTimes } from '../../domain/worker-rules.js';
import type { Pace } from './pace.js';
import { ByteStore } from './structures/byte-store.js';
import { DueHeap } from './structures/due-heap.js';
import { LinkedList } from './structures/linked-list.js';
import { hashName, NameIndex } from './structures/name-index.js';
import { givenUp, noteHeap } from './structures/off-heap.js';
import { OrderedIndex } from './structures/ordered-index.js';
import { RecordTable } from './structures/record-table.js';
import type { LatestClaim } from './worker-record.js';
import { WorkerRecord } from './worker-record.js';
import type { ImagedWorkers } from './workers-image.js';
import { WorkersImage } from './workers-image.js';

const NAME = 0;
const HASH = 1;
const LEAF = 2;
const CATEGORY = 3;
const POSITION = 4;
const PREVIOUS = 5;
const NEXT = 6;
const INTS = 7;

/** About what a worker takes on the heap. */
export const WORKER_BYTES = 1_000;

/** Categories of the ordered index: bit 0: active, bit 1: has reported itself; HIDDEN: in no listing. */
const ACTIVE = 1;
const REPORTED = 2;
const HIDDEN = 4;
const SHOWN_MASK = 0b01111;
const ALL_CATEGORIES = 0b11111;

/** At which moment, and after how many pauses in which others may have changed something, workers are looked at. */
export interface WorkerWindow {
  now: Micros;
  pauses: number;
}

/**
 * The workers of a namespace, in listings ordered by name that can be limited to active ones without looking at the
 * others: clients make about one new worker id every ten CPU-seconds.
 */
export class WorkerDirectory {
  private readonly records: (WorkerRecord | undefined)[] = [];
  private readonly table = new RecordTable({ floats: 0, ints: INTS });
  private readonly names = new ByteStore();
  private readonly index: NameIndex;
  private readonly order: OrderedIndex;
  /** Active workers by their expiration. */
  private readonly expirations: DueHeap;
  /** Inactive ones in the order they became so. */
  private readonly inactive: LinkedList;
  /** Those that became inactive while others wait for the end of their time to take effect, who did so before. */
  private readonly later = new Set<number>();
  private backlog: Promise<void> | undefined;
  /** The others are those whose time was over by then. */
  private backlogUntil: Micros = -Infinity;
  /** When the time of the last one was over that is inactive by itself: where the clock is before that, it has been set back. */
  private lastEnd = -Infinity;
  /** How everything was when a snapshot began that is being read. Whatever changes a worker keeps it there first. */
  image: WorkersImage | undefined;

  constructor(private readonly pace: Pace) {
    const { table, names, records } = this;
    this.index = new NameIndex({
      hashOf: (id) => table.getInt(id, HASH),
      hasName: (id, name) => names.equalsName(table.getInt(id, NAME) >>> 0, name),
    });
    this.order = new OrderedIndex(
      {
        compareName: (id, name) => names.compareName(table.getInt(id, NAME) >>> 0, name),
        leafOf: (id) => table.getInt(id, LEAF),
        setLeafOf: (id, leaf) => table.setInt(id, LEAF, leaf),
        categoryOf: (id) => table.getInt(id, CATEGORY),
        rankOf: () => 0,
      },
      { categories: HIDDEN + 1, ranked: HIDDEN },
    );
    this.expirations = new DueHeap(table, POSITION, (id) => records[id]!.inactiveAt);
    this.inactive = new LinkedList(table, PREVIOUS, NEXT);
  }

  /**
   * Lets the expirations that have passed take effect. Where they are very many, only some do at once, and the others in slices:
   * until then such a worker stands among the active ones, and whoever looks has to ask for its time too.
   */
  settle(now: Micros): void {
    if (this.lastEnd > now) this.revive(now);
    for (let left = this.pace.large; this.expirations.earliest() <= now; left--) {
      if (left > 0) this.expireFirst();
      else {
        this.backlogUntil = now;
        return void (this.backlog ??= this.settleInSlices());
      }
    }
  }

  /** As settle, until all have. */
  async settled(now: Micros): Promise<void> {
    this.settle(now);
    await this.backlog;
  }

  private async settleInSlices(): Promise<void> {
    const slices = this.pace.slices();
    do {
      await slices.next();
      while (this.expirations.earliest() <= this.backlogUntil) {
        this.expireFirst();
        if (slices.isOver()) break;
      }
    } while (this.expirations.earliest() <= this.backlogUntil);
    for (const id of this.later) {
      this.later.delete(id);
      this.inactive.append(id);
      if (slices.isOver()) await slices.next();
    }
    this.backlog = undefined;
  }

  private expireFirst(): void {
    const id = this.expirations.first();
    const worker = this.at(id);
    this.expirations.remove(id);
    this.inactive.append(id);
    this.noteEnd(worker);
    this.categorize(worker, false);
  }

  private noteEnd({ deactivated, expiration }: WorkerRecord): void {
    if (!deactivated) this.lastEnd = Math.max(this.lastEnd, expiration);
  }

  /** The clock has been set back: those whose time was over, and is so no more, are active again. They are the last of the inactive ones. */
  private revive(now: Micros): void {
    this.backlogUntil = Math.min(this.backlogUntil, now);
    for (let id = this.inactive.tail; id !== 0;) {
      const worker = this.at(id);
      if (worker.inactiveAt <= now) break;
      id = this.inactive.previous(id);
      if (!worker.isActive(now)) continue;
      this.inactive.remove(worker.id);
      this.enter(worker, now);
    }
    for (const id of this.later) {
      const worker = this.at(id);
      if (!worker.isActive(now)) continue;
      this.later.delete(id);
      this.enter(worker, now);
    }
    this.lastEnd = now;
  }

  /** It is inactive from now on, after all others that are. */
  private enterInactive(worker: WorkerRecord): void {
    this.noteEnd(worker);
    if (this.backlog) this.later.add(worker.id);
    else this.inactive.append(worker.id);
  }

  private isInHeap({ id }: WorkerRecord): boolean {
    return this.table.getInt(id, POSITION) !== 0;
  }

  /** The worker of an id that some attempt carries. */
  at(id: number): WorkerRecord {
    return this.records[id]!;
  }

  find(name: ByteName): WorkerRecord | undefined {
    const id = this.index.find(name, hashName(name));
    const worker = id === 0 ? undefined : this.at(id);
    return worker?.retired ? undefined : worker;
  }

  /** The worker of that name; a new one is active for 15 minutes or, when it is only named by another, not active. */
  ensure(name: ByteName, now: Micros, active = true): WorkerRecord {
    const hash = hashName(name);
    const id = this.index.find(name, hash);
    const known = id === 0 ? undefined : this.at(id);
    if (known && !known.retired) return known;
    // Those that became inactive earlier enter the list before this one.
    this.settle(now);
    const worker = known ?? this.create(name, hash);
    this.keep(worker);
    worker.retired = false;
    Object.assign(worker, newWorkerTimes(now, active));
    this.enter(worker, now);
    return worker;
  }

  /** It goes as a whole, and what it holds with it. */
  giveUp(): void {
    const tables = [this.table, this.names, this.index, this.order, this.expirations];
    givenUp(
      tables.reduce((sum, { bytesReserved }) => sum + bytesReserved, 0),
      this,
    );
  }

  /** Whether there are none that can be seen. */
  get isEmpty(): boolean {
    return !this.records.some((worker) => worker !== undefined && !worker.retired);
  }

  /** A worker that an attempt or another worker names, out of sight until it is restored itself. */
  named(name: ByteName): WorkerRecord {
    const hash = hashName(name);
    const id = this.index.find(name, hash);
    if (id !== 0) return this.at(id);
    const worker = this.create(name, hash);
    worker.retired = true;
    return worker;
  }

  /** Brings named workers into sight whose fields have been set; those not active, in the order they became so. */
  restored(workers: readonly WorkerRecord[], isActive: (worker: WorkerRecord) => boolean): void {
    const inactive: WorkerRecord[] = [];
    for (const worker of workers) {
      worker.retired = false;
      const active = isActive(worker);
      if (active) this.expirations.add(worker.id);
      else inactive.push(worker);
      this.categorize(worker, active);
    }
    inactive.sort((a, b) => a.inactiveAt - b.inactiveAt);
    for (const worker of inactive) this.enterInactive(worker);
  }

  /** Changes the times of a worker and whether it is active, by `change`. */
  update(worker: WorkerRecord, now: Micros, change: () => void): void {
    this.keep(worker);
    this.settle(now);
    if (this.isInHeap(worker)) this.expirations.remove(worker.id);
    else if (!this.later.delete(worker.id)) this.inactive.remove(worker.id);
    change();
    this.enter(worker, now);
  }

  /** Makes a worker inactive. One that is so already stays inactive since when it was. */
  deactivate(worker: WorkerRecord, now: Micros): void {
    this.keep(worker);
    this.settle(now);
    // One whose time is over, and has yet to take effect, becomes inactive among the others of which it is, in their order.
    const wasActive = this.isInHeap(worker) && worker.isActive(now);
    if (wasActive) this.expirations.remove(worker.id);
    deactivateWorker(worker, now);
    if (!wasActive) return;
    this.enterInactive(worker);
    this.categorize(worker, false);
  }

  /** It has been given something. */
  gave(worker: WorkerRecord, claim: LatestClaim, now: Micros): void {
    this.keep(worker);
    worker.lastClaim = now;
    worker.latestClaim = claim;
  }

  /** What it was given last no longer counts. */
  forgetClaim(worker: WorkerRecord): void {
    if (worker.latestClaim === undefined) return;
    this.keep(worker);
    worker.latestClaim = undefined;
  }

  /** To be called before anything of a worker changes that a snapshot tells of. */
  keep(worker: WorkerRecord): void {
    if (this.image !== undefined) this.image.keep(worker);
  }

  /** How its workers are now: it is told of every change from here to `endImage`. */
  beginImage(now: Micros): WorkersImage {
    const { records, order } = this;
    const at = (id: number): WorkerRecord | undefined => records[id];
    const workers: ImagedWorkers = {
      after: (name) => at(order.after(name, ALL_CATEGORIES)),
      next: ({ id }) => at(order.next(id, ALL_CATEGORIES)),
    };
    return (this.image = new WorkersImage(workers, now, records.length));
  }

  endImage(): void {
    this.image = undefined;
  }

  /**
   * The workers that a query selects, in the order of their names, undefined for a step in which none is found. Between two
   * steps others may change them, of which the window then tells.
   */
  *listed(query: WorkerQuery, window: Readonly<WorkerWindow>): Generator<WorkerRecord | undefined> {
    let mask = SHOWN_MASK;
    for (let category = 0; category < HIDDEN; category++) {
      const wanted = (!query.active || category & ACTIVE) && (!query.reported || category & REPORTED);
      if (!wanted) mask &= ~(1 << category);
    }
    let left = query.limit ?? Infinity;
    let seen = window.pauses;
    let id = this.order.after(query.previous ?? null, mask);
    while (id !== 0 && left > 0) {
      const worker = this.at(id);
      const isWanted = !query.active || worker.isActive(window.now);
      if (isWanted) left--;
      yield isWanted ? worker : undefined;
      id = window.pauses === seen ? this.order.next(id, mask) : this.order.after(worker.name, mask);
      seen = window.pauses;
    }
  }

  /**
   * Removes `budget` workers at most that have been inactive for `age` or are beyond the newest `count` inactive ones, in
   * steps between which others may change. A worker stays while an attempt of it is pending or a child of it is known; one
   * that has other attempts goes out of sight, and its record stays to name them.
   * @returns how many it removed
   */
  *retiring(limit: RetentionLimit, now: Micros, budget: number): Generator<number, number> {
    let removed = 0;
    let stayed = 0;
    let next = this.inactive.head;
    // Those that stay keep their place, and are cheap to pass by.
    for (let looks = 4 * budget; next !== 0 && removed < budget && looks > 0; looks--) {
      const worker = this.at(next);
      if (!isExceeded(limit, worker.inactiveAt, now, this.inactive.size - stayed)) break;
      next = this.inactive.next(worker.id);
      if (!mayBeForgotten(worker.children.size > 0, () => worker.claiming > 0 || holdsWork(worker, now))) stayed++;
      else {
        this.inactive.remove(worker.id);
        this.retireOne(worker);
        removed++;
      }
      yield 1;
      // The next one may have gone from the list meanwhile: then it is to be begun anew, in another round.
      if (next !== 0 && !this.isListedInactive(next)) break;
    }
    return removed;
  }

  private isListedInactive(id: number): boolean {
    const worker = this.records[id];
    return worker !== undefined && !worker.retired && !this.isInHeap(worker) && !this.later.has(id);
  }

  private retireOne(worker: WorkerRecord): void {
    this.keep(worker);
    worker.parent?.children.delete(worker);
    worker.parent = undefined;
    worker.reported = false;
    worker.mode = '';
    worker.data = EMPTY_DATA;
    worker.latestClaim = undefined;
    worker.lastClaim = undefined;
    worker.forgetDone();
    worker.retired = true;
    this.categorize(worker, false);
    this.forgetRetired(worker);
  }

  /** Drops the record of a retired worker that no attempt names any more. */
  forgetRetired(worker: WorkerRecord): void {
    if (!worker.retired || worker.attempts.size > 0 || this.records[worker.id] !== worker) return;
    if (this.image) {
      this.image.leaving.add(worker);
      return;
    }
    this.order.remove(worker.id);
    this.index.remove(worker.id);
    this.names.release(this.table.getInt(worker.id, NAME) >>> 0);
    this.table.free(worker.id);
    this.records[worker.id] = undefined;
  }

  private create(name: ByteName, hash: number): WorkerRecord {
    const id = this.table.allocate();
    const worker = new WorkerRecord(id, name);
    this.image?.added(id);
    noteHeap(WORKER_BYTES + name.length);
    this.records[id] = worker;
    this.table.setInt(id, NAME, this.names.putName(name));
    this.table.setInt(id, HASH, hash);
    this.table.setInt(id, CATEGORY, HIDDEN);
    this.index.insert(id);
    this.order.insert(id, name);
    return worker;
  }

  private enter(worker: WorkerRecord, now: Micros): void {
    const active = worker.isActive(now);
    if (active) this.expirations.add(worker.id);
    else this.enterInactive(worker);
    this.categorize(worker, active);
  }

  private categorize(worker: WorkerRecord, active: boolean): void {
    const hidden = worker.retired || worker.name === '';
    const from = this.table.getInt(worker.id, CATEGORY);
    const to = hidden ? HIDDEN : (active ? ACTIVE : 0) | (worker.reported ? REPORTED : 0);
    if (from === to) return;
    this.table.setInt(worker.id, CATEGORY, to);
    this.order.moved(worker.id, from, to);
  }
}

/** What a long change is doing at a spec may be to a worker's attempts: until then it counts as at work. */
function holdsWork(worker: WorkerRecord, now: Micros): boolean {
  for (const work of worker.attempts.keys()) {
    if (!work.isDropped && (work.spec.isBusy(now) || work.attempts.hasPending(worker, now))) return true;
  }
  return false;
}
