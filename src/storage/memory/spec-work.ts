import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import type { EncodedData } from '../../domain/data.js';
import type { WorkUnitCounts, WorkUnitQuery } from '../../domain/work-unit.js';
import { noCounts, WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import type { WorkObserver } from '../storage-observer.js';
import { AttemptLog, type RecordedWork } from './attempt-log.js';
import type { Keeper } from './keeper.js';
import { atOnce } from './pace.js';
import { ByteStore } from './structures/byte-store.js';
import { DueHeap } from './structures/due-heap.js';
import { LinkedList } from './structures/linked-list.js';
import { hashName, NameIndex } from './structures/name-index.js';
import { givenUp } from './structures/off-heap.js';
import { OrderedIndex } from './structures/ordered-index.js';
import type { StatusCode } from './unit-table.js';
import {
  AVAILABLE,
  DELAYED,
  FINISHED,
  NEXT,
  PENDING,
  POSITION,
  PREVIOUS,
  statusMask,
  UnitTable,
} from './unit-table.js';
import type { WorkerDirectory } from './worker-directory.js';
import type { AttemptedSpec } from './worker-record.js';

/** Attempts that go in one step with their unit: half a millisecond. */
const ATTEMPTS_PER_PART = 1_000;

/** What a unit is added with. */
export interface UnitContent {
  name: ByteName;
  data: EncodedData;
  priority: number;
  notBefore: Micros;
}

/** The spec whose units and attempts they are. */
export interface SpecOfWork extends AttemptedSpec {
  /** To be told when units have changed. */
  changed(): void;
}

/**
 * The units and attempts of one work spec, and the only place that moves a unit between statuses.
 *
 * Every unit is in the name index and the ordered index, and by its status in one more structure: available, finished and
 * failed units in a list by the moment they became so; pending and delayed ones in a heap by the moment that ends it. No
 * operation here costs time in proportion to the number of units; `settle` costs in proportion to the leases and delays
 * that ran out since the last look.
 */
export class SpecWork implements RecordedWork {
  readonly bytes = new ByteStore();
  readonly units = new UnitTable();
  readonly attempts: AttemptLog;
  readonly order: OrderedIndex;
  private readonly index: NameIndex;
  private readonly leases: DueHeap;
  private readonly delays: DueHeap;
  private readonly available: LinkedList;
  readonly finished: LinkedList;
  readonly failed: LinkedList;
  /** Whether the spec has gone, or has other units now. Workers may know it for a while yet. */
  isDropped = false;
  /** How everything was when a snapshot began that is being read. Whatever changes a unit or an attempt keeps it there first. */
  image: Keeper | undefined;

  constructor(
    /** Whose units they are, or were. */
    readonly spec: SpecOfWork,
    workers: WorkerDirectory,
    private readonly observer: WorkObserver,
  ) {
    const { bytes, units } = this;
    this.attempts = new AttemptLog(this, workers);
    this.index = new NameIndex({
      hashOf: (id) => units.hash(id),
      hasName: (id, name) => bytes.equalsName(units.name(id), name),
    });
    this.order = new OrderedIndex(
      {
        compareName: (id, name) => bytes.compareName(units.name(id), name),
        leafOf: (id) => units.leaf(id),
        setLeafOf: (id, leaf) => units.setLeaf(id, leaf),
        categoryOf: (id) => units.status(id),
        rankOf: (id) => units.priority(id),
      },
      { categories: WORK_UNIT_STATUSES.length, ranked: AVAILABLE },
    );
    const momentOf = (id: number) => units.moment(id);
    this.leases = new DueHeap(units.records, POSITION, momentOf);
    this.delays = new DueHeap(units.records, POSITION, momentOf);
    this.available = new LinkedList(units.records, PREVIOUS, NEXT);
    this.finished = new LinkedList(units.records, PREVIOUS, NEXT);
    this.failed = new LinkedList(units.records, PREVIOUS, NEXT);
  }

  /** Whether a lease or a delay has run out by now whose end has not taken effect. */
  isDue(now: Micros): boolean {
    return this.leases.earliest() <= now || this.delays.earliest() <= now;
  }

  /** Whether more than so many leases, or so many delays, have run out by now. */
  areDue(now: Micros, more: number): boolean {
    return this.leases.hasDue(now, more) || this.delays.hasDue(now, more);
  }

  /** Lets the leases and delays that have run out by now take effect. Every operation begins with it. */
  settle(now: Micros): void {
    if (this.isDue(now)) atOnce(this.settling(now));
  }

  /**
   * As settle, in steps between which nobody may look at the units. In the order in which they ran out, so that units line
   * up by the moment they became available.
   */
  *settling(now: Micros): Generator<number, void> {
    const { leases, delays, order } = this;
    order.beginRun();
    try {
      for (;;) {
        const lease = leases.earliest();
        const delay = delays.earliest();
        if (lease > now && delay > now) return;
        if (lease <= delay) yield* leases.takingDue(Math.min(delay, now), this.expire);
        else yield* delays.takingDue(Math.min(lease, now), this.endDelay);
      }
    } finally {
      order.endRun();
    }
  }

  private readonly expire = (unit: number): void => {
    this.keep(unit);
    const attempt = this.units.active(unit);
    const ranOut = this.units.moment(unit);
    this.attempts.end(attempt, 'expired', ranOut);
    this.observer.ended('expired', this.attempts.table.start(attempt), ranOut);
    this.attempts.table.setLate(attempt, true);
    this.units.setActive(unit, 0);
    // The heap has let go of the unit already. It is delayed where it was not to run even then.
    this.enterIdle(unit, PENDING, ranOut, ranOut);
  };

  private readonly endDelay = (unit: number): void => {
    this.keep(unit);
    const ended = this.units.moment(unit);
    this.enterIdle(unit, DELAYED, ended, ended);
  };

  /** When the first lease or delay runs out, Infinity: there is none. */
  earliestDue(): Micros {
    return Math.min(this.leases.earliest(), this.delays.earliest());
  }

  /** It goes as a whole, and what it holds with it. */
  giveUp(): void {
    const { bytes, units, attempts, index, order, leases, delays } = this;
    const tables = [bytes, units.records, attempts.table.records, index, order, leases, delays];
    givenUp(
      tables.reduce((sum, { bytesReserved }) => sum + bytesReserved, -bytes.largeBytesInUse),
      this,
    );
  }

  find(name: ByteName): number {
    return this.index.find(name, hashName(name));
  }

  get size(): number {
    return this.units.records.size;
  }

  count(status: StatusCode): number {
    return this.order.count(status);
  }

  counts(): WorkUnitCounts {
    const counts = noCounts();
    WORK_UNIT_STATUSES.forEach((status, code) => (counts[status] = this.order.count(code)));
    return counts;
  }

  /** Since when the unit that has waited longest has been available. */
  oldestAvailable(): Micros | undefined {
    return this.available.head === 0 ? undefined : this.units.moment(this.available.head);
  }

  /** Adds a unit or, where the name exists, gives it new content; history stays. */
  put(content: UnitContent, now: Micros): number {
    const hash = hashName(content.name);
    const existing = this.index.find(content.name, hash);
    if (existing !== 0) {
      this.replace(existing, content, now);
      return existing;
    }
    const { units } = this;
    const unit = units.records.allocate();
    this.image?.added(unit);
    units.setName(unit, this.bytes.putName(content.name));
    units.setHash(unit, hash);
    units.setData(unit, this.putData(content.data));
    units.setPriority(unit, content.priority);
    units.setNotBefore(unit, content.notBefore);
    this.index.insert(unit);
    const delayed = content.notBefore > now;
    units.setStatus(unit, delayed ? DELAYED : AVAILABLE);
    units.setMoment(unit, delayed ? content.notBefore : now);
    this.order.insert(unit, content.name);
    this.enter(unit);
    return unit;
  }

  /**
   * Puts in a unit as a snapshot has it, in the order of names. Those that are neither pending nor delayed are in no list
   * before `restored` has been called.
   */
  restore(content: UnitContent & { status: StatusCode; moment: Micros; tries: number }): number {
    const { units } = this;
    const unit = units.records.allocate();
    units.setName(unit, this.bytes.putName(content.name));
    units.setHash(unit, hashName(content.name));
    units.setData(unit, this.putData(content.data));
    units.setPriority(unit, content.priority);
    units.setNotBefore(unit, content.notBefore);
    units.setTries(unit, content.tries);
    units.setStatus(unit, content.status);
    units.setMoment(unit, content.moment);
    this.index.insert(unit);
    this.order.insert(unit, content.name);
    if (content.status === PENDING || content.status === DELAYED) this.enter(unit);
    return unit;
  }

  /** Lists the units that were restored in the order of their moments. */
  restored(units: readonly number[]): void {
    const listed = units.filter((unit) => {
      const status = this.units.status(unit);
      return status !== PENDING && status !== DELAYED;
    });
    listed.sort((a, b) => this.units.moment(a) - this.units.moment(b));
    for (const unit of listed) this.enter(unit);
  }

  /** The rule of adding a unit again: a pending one stays so, any other has no active attempt afterwards. */
  replace(unit: number, content: Omit<UnitContent, 'name'>, now: Micros): void {
    this.keep(unit);
    const data = this.putData(content.data);
    this.dropData(this.units.data(unit));
    this.units.setData(unit, data);
    this.setPriority(unit, content.priority);
    this.units.setNotBefore(unit, content.notBefore);
    this.forgetTries(unit);
    if (this.units.status(unit) !== PENDING) this.release(unit, now);
  }

  /** Takes the active attempt away, whatever it is; the attempt itself does not change. */
  clear(unit: number, now: Micros): void {
    this.keep(unit);
    this.forgetTries(unit);
    if (this.units.active(unit) !== 0) this.release(unit, now);
  }

  /** Ends lateness and begins the count of max_retries anew. */
  private forgetTries(unit: number): void {
    this.units.setTries(unit, 0);
    this.attempts.forgetLateness(this.units.latest(unit));
  }

  /** The unit has no active attempt from now on, and reads available or delayed by its not_before. */
  release(unit: number, now: Micros): void {
    this.keep(unit);
    const from = this.units.status(unit);
    this.units.setActive(unit, 0);
    if (from === AVAILABLE && this.units.notBefore(unit) <= now) return; // it has waited since long before
    this.leave(unit, from);
    this.enterIdle(unit, from, now, now);
  }

  /** The attempt is the unit's active one from now on, and the unit reads as it does. */
  hold(unit: number, attempt: number, status: StatusCode, moment: Micros): void {
    this.keep(unit);
    const from = this.units.status(unit);
    this.leave(unit, from);
    this.units.setActive(unit, attempt);
    this.move(unit, from, status, moment);
  }

  setPriority(unit: number, priority: number): void {
    const before = this.units.priority(unit);
    if (before === priority) return;
    this.keep(unit);
    this.units.setPriority(unit, priority);
    this.order.reranked(unit, before);
  }

  setNotBefore(unit: number, moment: Micros, now: Micros): void {
    this.keep(unit);
    this.units.setNotBefore(unit, moment);
    const status = this.units.status(unit);
    if (status === AVAILABLE || status === DELAYED) this.release(unit, now);
  }

  delete(unit: number): void {
    while (this.deletePart(unit));
  }

  /**
   * Deletes a unit, or of a history that is very long so much as one step may take.
   * @returns whether it is still there, and must be seen by nobody before the rest has gone
   */
  deletePart(unit: number): boolean {
    const { units } = this;
    this.keep(unit);
    const rest = this.attempts.deleteFrom(units.latest(unit), ATTEMPTS_PER_PART);
    units.setLatest(unit, rest);
    if (rest !== 0) return true;
    this.image?.deleted(unit);
    this.leave(unit, units.status(unit));
    this.order.remove(unit);
    this.index.remove(unit);
    this.bytes.release(units.name(unit));
    this.dropData(units.data(unit));
    units.records.free(unit);
    return false;
  }

  /** How many units a query may have to look at, at most. */
  reachOf({ names, statuses, limit = Infinity }: WorkUnitQuery): number {
    if (names) return names.length;
    const mask = statusMask(statuses);
    let units = 0;
    for (let status = 0; mask >> status; status++) if ((mask >> status) & 1) units += this.order.count(status);
    return Math.min(units, limit);
  }

  nameOf(unit: number): ByteName {
    return this.bytes.readName(this.units.name(unit));
  }

  /** Keeps data and returns their reference; the empty dictionary needs no room. */
  putData(data: EncodedData): number {
    return data.length === 1 && data[0] === 0xa0 ? 0 : this.bytes.put(data);
  }

  dropData(ref: number): void {
    if (ref !== 0) this.bytes.release(ref);
  }

  /** Data kept by putData, not to be written to. They stay as they are whatever becomes of the reference. */
  readData(ref: number): EncodedData {
    return ref === 0 ? Uint8Array.of(0xa0) : this.bytes.read(ref);
  }

  /** To be called before anything of a unit changes. */
  keep(unit: number): void {
    if (this.image !== undefined) this.image.keep(unit);
  }

  private enterIdle(unit: number, from: StatusCode, since: Micros, now: Micros): void {
    const notBefore = this.units.notBefore(unit);
    if (notBefore > now) this.move(unit, from, DELAYED, notBefore);
    else this.move(unit, from, AVAILABLE, Math.max(since, notBefore));
  }

  private move(unit: number, from: StatusCode, to: StatusCode, moment: Micros): void {
    this.units.setStatus(unit, to);
    this.units.setMoment(unit, moment);
    if (from !== to) this.order.moved(unit, from, to);
    this.enter(unit);
  }

  private enter(unit: number): void {
    this.spec.changed();
    const status = this.units.status(unit);
    if (status === PENDING) this.leases.add(unit);
    else if (status === DELAYED) this.delays.add(unit);
    else this.listOf(status).append(unit);
  }

  private leave(unit: number, status: StatusCode): void {
    this.spec.changed();
    if (status === PENDING) this.leases.remove(unit);
    else if (status === DELAYED) this.delays.remove(unit);
    else this.listOf(status).remove(unit);
  }

  private listOf(status: StatusCode): LinkedList {
    return status === AVAILABLE ? this.available : status === FINISHED ? this.finished : this.failed;
  }
}
