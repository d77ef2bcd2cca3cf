import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import { NO_REASON } from '../../domain/cause.js';
import type { EncodedData } from '../../domain/data.js';
import type { UnitsPort } from '../../domain/unit-port.js';
import { settle } from '../../domain/unit-rules.js';
import type { NewWorkUnit, WorkUnitCounts, WorkUnitQuery, WorkUnitStatus } from '../../domain/work-unit.js';
import { noCounts, WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import type { WorkObserver } from '../../domain/work-observer.js';
import { AttemptLog, type RecordedWork } from './attempt-log.js';
import { FailedUnits } from './failed-units.js';
import type { Keeper } from './keeper.js';
import { atOnce } from './pace.js';
import { ByteStore } from './structures/byte-store.js';
import { DueHeap } from './structures/due-heap.js';
import { LinkedList } from './structures/linked-list.js';
import { hashName, NameIndex } from './structures/name-index.js';
import { givenUp } from './structures/off-heap.js';
import { OrderedIndex } from './structures/ordered-index.js';
import type { ShownUnits } from './unit-slot.js';
import { UnitSlot } from './unit-slot.js';
import type { StatusCode } from './unit-table.js';
import {
  AVAILABLE,
  DELAYED,
  FAILED,
  NEXT,
  PENDING,
  POSITION,
  PREVIOUS,
  statusCode,
  statusMask,
  UnitTable,
} from './unit-table.js';
import type { WorkerDirectory } from './worker-directory.js';
import type { AttemptedSpec } from './worker-record.js';

/** Attempts that go in one step with their unit: half a millisecond. */
const ATTEMPTS_PER_PART = 1_000;

/** What a unit is put back with. */
export interface RestoredUnit {
  readonly name: ByteName;
  readonly data: EncodedData;
  readonly priority: number;
  readonly notBefore: Micros;
  readonly status: StatusCode;
  readonly moment: Micros;
  readonly tries: number;
  readonly failures?: number;
  readonly lapse?: Micros;
}

/** The spec whose units and attempts they are. */
export interface SpecOfWork extends AttemptedSpec {
  /** To be told when units have changed. */
  changed(): void;
}

/**
 * The units and attempts of one work spec, and the only place that moves a unit between the structures of its statuses.
 *
 * Every unit is in the name index and the ordered index, and by its status in one more structure: available and finished
 * units in a list by the moment they became so; failed ones by their causes; pending and delayed ones in a heap by the moment that ends it. No
 * operation here costs time in proportion to the number of units; `settle` costs in proportion to the leases and delays
 * that ran out since the last look.
 */
export class SpecWork implements RecordedWork, ShownUnits, UnitsPort {
  readonly bytes = new ByteStore();
  readonly units = new UnitTable();
  readonly attempts: AttemptLog;
  readonly order: OrderedIndex;
  private readonly index: NameIndex;
  private readonly leases: DueHeap;
  private readonly delays: DueHeap;
  private readonly available: LinkedList;
  readonly finished: LinkedList;
  readonly failed: FailedUnits;
  /** Whether the spec has gone, or has other units now. Workers may know it for a while yet. */
  isDropped = false;
  /** How everything was when a snapshot began that is being read. Whatever changes a unit or an attempt keeps it there first. */
  image: Keeper | undefined;
  private readonly slot: UnitSlot;
  /** Of the name that was looked for last. */
  private hashOfFound = 0;

  constructor(
    /** Whose units they are, or were. */
    readonly spec: SpecOfWork,
    workers: WorkerDirectory,
    readonly observer: WorkObserver,
  ) {
    const { bytes, units } = this;
    this.attempts = new AttemptLog(this, workers);
    this.slot = new UnitSlot(this);
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
    this.failed = new FailedUnits(units, {
      compareName: (id, name) => bytes.compareName(units.name(id), name),
      nameOf: (id) => this.nameOf(id),
    });
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
        if (lease <= delay) yield* leases.takingDue(Math.min(delay, now), this.runOut);
        else yield* delays.takingDue(Math.min(lease, now), this.runOut);
      }
    } finally {
      order.endRun();
    }
  }

  /** The heap has let go of the unit already. At the moment at which it ran out, it is delayed if it was not to run even then. */
  private readonly runOut = (unit: number): void => settle(this.unit(unit), this.units.moment(unit));

  /** When the first lease or delay runs out, Infinity: there is none. */
  earliestDue(): Micros {
    return Math.min(this.leases.earliest(), this.delays.earliest());
  }

  /** It goes as a whole, and what it holds with it. */
  giveUp(): void {
    const { bytes, units, attempts, index, order, leases, delays, failed } = this;
    const tables = [bytes, units.records, attempts.table.records, index, order, leases, delays, failed];
    givenUp(
      tables.reduce((sum, { bytesReserved }) => sum + bytesReserved, -bytes.largeBytesInUse),
      this,
    );
  }

  /** @returns the unit of a name; 0: there is none */
  idOf(name: ByteName): number {
    return this.index.find(name, hashName(name));
  }

  get size(): number {
    return this.units.records.size;
  }

  count(status: StatusCode): number {
    return this.order.count(status);
  }

  /** Whether no unit is left to be done. */
  get isAtRest(): boolean {
    return this.count(AVAILABLE) + this.count(DELAYED) + this.count(PENDING) === 0;
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

  /** As the rules see it, until they are asked about another one. */
  unit(id: number): UnitSlot {
    return this.slot.at(id);
  }

  find(name: ByteName): UnitSlot | undefined {
    this.hashOfFound = hashName(name);
    const unit = this.index.find(name, this.hashOfFound);
    return unit === 0 ? undefined : this.slot.at(unit);
  }

  create({ name, data, priority }: NewWorkUnit, notBefore: Micros, status: WorkUnitStatus, moment: Micros): void {
    const { units } = this;
    const unit = units.records.allocate();
    this.image?.added(unit);
    units.setName(unit, this.bytes.putName(name));
    units.setHash(unit, this.hashOfFound);
    units.setData(unit, this.putData(data));
    units.setPriority(unit, priority);
    units.setNotBefore(unit, notBefore);
    this.index.insert(unit);
    units.setStatus(unit, statusCode(status));
    units.setMoment(unit, moment);
    this.order.insert(unit, name);
    this.enter(unit);
  }

  noteAdded(now: Micros): void {
    this.observer.added(1, now);
  }

  /**
   * Puts in a unit as a snapshot has it, in the order of names. Those that are neither pending nor delayed are in no list
   * before `restored` has been called.
   */
  restore(content: RestoredUnit): number {
    const { units } = this;
    const unit = units.records.allocate();
    units.setName(unit, this.bytes.putName(content.name));
    units.setHash(unit, hashName(content.name));
    units.setData(unit, this.putData(content.data));
    units.setPriority(unit, content.priority);
    units.setNotBefore(unit, content.notBefore);
    units.setTries(unit, content.tries);
    if (content.failures) units.setFailures(unit, content.failures);
    if (content.lapse !== undefined) units.setLapse(unit, content.lapse);
    units.setStatus(unit, content.status);
    units.setMoment(unit, content.moment);
    this.index.insert(unit);
    this.order.insert(unit, content.name);
    if (content.status === PENDING || content.status === DELAYED) this.enter(unit);
    return unit;
  }

  /** Lists the units that were restored in the order of their moments. @param causes - why the failed ones did */
  restored(units: readonly number[], causes: ReadonlyMap<number, string>): void {
    const listed = units.filter((unit) => {
      const status = this.units.status(unit);
      return status !== PENDING && status !== DELAYED;
    });
    listed.sort((a, b) => this.units.moment(a) - this.units.moment(b));
    for (const unit of listed) this.enter(unit, causes.get(unit));
  }

  /** Replaces a unit's own data. */
  replaceData(unit: number, data: EncodedData): void {
    this.keep(unit);
    const ref = this.putData(data);
    this.dropData(this.units.data(unit));
    this.units.setData(unit, ref);
  }

  setPriority(unit: number, priority: number): void {
    const before = this.units.priority(unit);
    if (before === priority) return;
    this.keep(unit);
    this.units.setPriority(unit, priority);
    this.order.reranked(unit, before);
  }

  /** Moves a unit to a status, or to another moment in the same. */
  move(unit: number, to: StatusCode, moment: Micros, cause?: string): void {
    this.keep(unit);
    const from = this.units.status(unit);
    this.leave(unit, from);
    this.units.setStatus(unit, to);
    this.units.setMoment(unit, moment);
    if (from !== to) this.order.moved(unit, from, to);
    this.enter(unit, cause);
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
    units.free(unit);
    // There is one less only now.
    this.spec.changed();
    return false;
  }

  /** How many units a query may have to look at, at most. */
  reachOf({ names, statuses, limit = Infinity, failure }: WorkUnitQuery): number {
    if (names) return names.length;
    if (failure !== undefined) return Math.min(this.failed.countOf(failure), limit);
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

  private enter(unit: number, cause?: string): void {
    this.spec.changed();
    const status = this.units.status(unit);
    if (status === PENDING) this.leases.add(unit);
    else if (status === DELAYED) this.delays.add(unit);
    else if (status === FAILED) this.failed.add(unit, cause ?? NO_REASON);
    else this.listOf(status).append(unit);
  }

  private leave(unit: number, status: StatusCode): void {
    this.spec.changed();
    if (status === PENDING) this.leases.remove(unit);
    else if (status === DELAYED) this.delays.remove(unit);
    else if (status === FAILED) this.failed.remove(unit);
    else this.listOf(status).remove(unit);
  }

  private listOf(status: StatusCode): LinkedList {
    return status === AVAILABLE ? this.available : this.finished;
  }
}
