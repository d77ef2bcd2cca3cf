import { causeOf, NO_REASON, OTHER } from '../../domain/cause.js';
import type { ByteName } from '../../domain/names.js';
import type { SnapshotAttempt, SnapshotRecord, SnapshotUnit } from '../../domain/snapshot.js';
import type { Micros } from '../../domain/time.js';
import { hasPassed } from '../../domain/time.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { AttemptTable } from './attempt-table.js';
import type { Keeper, Pauses } from './keeper.js';
import type { SpecWork } from './spec-work.js';
import type { ByteRef } from './structures/byte-store.js';
import { givenUp } from './structures/off-heap.js';
import { OrderedIndex } from './structures/ordered-index.js';
import { SparseInts } from './structures/sparse-numbers.js';
import { ALL_STATUSES, AVAILABLE, FAILED, POSITION, UnitTable } from './unit-table.js';

/** The mark of a unit of which nothing more is needed: it has been read, or was not there. */
const DONE = -1;

/**
 * The units of one spec, with their attempts, as they were at the moment at which this was made, while others go on
 * changing them: whoever changes one that has not been read tells before, and then its record is copied. What has not been
 * changed is read where it is. So nobody waits, and at most everything that there was is there twice.
 */
export class SpecImage implements Keeper {
  private ownCopies: Copies | undefined;

  /** @param lastNumber - no attempt that there was had a greater number */
  constructor(
    readonly work: SpecWork,
    private readonly now: Micros,
    private readonly lastNumber: number,
  ) {}

  keep(unit: number): void {
    this.copies.keep(unit);
  }

  keepAttempt(attempt: number): void {
    const { table } = this.work.attempts;
    const { copies } = this;
    if (copies.keep(table.unit(attempt)) && table.number(attempt) <= this.lastNumber) copies.keepAttempt(attempt);
  }

  added(unit: number): void {
    this.copies.marks.set(unit, DONE);
  }

  deleted(unit: number): void {
    const { copies } = this;
    const copy = copies.marks.get(unit);
    copies.marks.set(unit, DONE);
    if (copy > 0) copies.gone.insert(copy, copies.nameOf(copy));
  }

  /**
   * Everything, in the order of names, undefined for a step in which nothing is found. Whenever others may change something
   * between two steps, `pauses` is to count one more.
   */
  *records(pauses: Readonly<Pauses>): Generator<SnapshotRecord | undefined> {
    const { work } = this;
    let last: ByteName | null = null;
    let seen = -1;
    let unit = 0;
    let copy = 0;
    for (;;) {
      if (pauses.count !== seen) {
        seen = pauses.count;
        unit = work.order.after(last, ALL_STATUSES);
        copy = this.ownCopies?.gone.after(last, ALL_STATUSES) ?? 0;
      }
      if (unit === 0 && copy === 0) return;
      // One that went and one that has got its name since: that one is passed over in its turn.
      if (copy !== 0 && (unit === 0 || this.copies.compareName(copy, work.nameOf(unit)) <= 0)) {
        const { gone } = this.copies;
        const read = copy;
        last = this.copies.nameOf(read);
        copy = gone.next(read, ALL_STATUSES);
        gone.remove(read);
        try {
          yield* this.unit(this.copies.units, read, last);
        } finally {
          this.copies.drop(read);
        }
      } else {
        const read = unit;
        last = work.nameOf(read);
        unit = work.order.next(read, ALL_STATUSES);
        yield* this.present(read, last);
      }
    }
  }

  /** Lets go of what is kept, in steps. Nothing may be told any more. */
  *release(): Generator<number, void> {
    if (this.ownCopies) yield* this.ownCopies.release();
    this.ownCopies = undefined;
  }

  private *present(unit: number, name: ByteName): Generator<SnapshotRecord | undefined> {
    const marks = this.copies.marks;
    const copy = marks.get(unit);
    if (copy === DONE) {
      yield undefined;
      return;
    }
    yield* copy > 0 ? this.unit(this.copies.units, copy, name) : this.unit(this.work.units, unit, name);
    // It may have been changed, or deleted, while a long history was read.
    const since = marks.get(unit);
    if (since > 0) this.copies.drop(since);
    marks.set(unit, DONE);
  }

  private *unit(units: UnitTable, unit: number, name: ByteName): Generator<SnapshotRecord | undefined> {
    const data = units.data(unit);
    const latest = units.latest(unit);
    yield this.unitRecord(units, unit, name);
    if (latest === 0) return;
    const history: number[] = [];
    for (let attempt = latest; attempt !== 0; attempt = this.earlier(attempt)) {
      history.push(attempt);
      if (history.length > 1) yield undefined;
    }
    for (let at = history.length; at-- > 0;) {
      const attempt = history[at];
      yield this.attemptRecord(attempt, data, at === 0);
      this.ownCopies?.dropAttempt(attempt);
    }
  }

  private unitRecord(units: UnitTable, unit: number, name: ByteName): SnapshotUnit {
    return {
      kind: 'work unit',
      name,
      data: this.work.readData(units.data(unit)),
      priority: units.priority(unit),
      notBefore: units.notBefore(unit),
      status: WORK_UNIT_STATUSES[units.status(unit)],
      moment: units.moment(unit),
      tries: units.tries(unit),
      failures: units.failures(unit) || undefined,
      lapse: units.lapse(unit),
      cause: units.status(unit) === FAILED ? this.namedCause(units, unit) : undefined,
    };
  }

  /** Why a unit failed, where its data do not say so: who reads the record finds out what they say. */
  private namedCause(units: UnitTable, unit: number): string | undefined {
    const { work } = this;
    const cause = work.failed.textAt(units.records.getInt(unit, POSITION));
    const latest = units.latest(unit);
    const copy = this.copies.attemptMarks.get(latest);
    const own = copy > 0 ? this.copies.attempts.ownData(copy) : work.attempts.table.ownData(latest);
    const told = own === 0 ? NO_REASON : causeOf(work.bytes.read(own));
    return cause === told || cause === OTHER ? undefined : cause;
  }

  private earlier(attempt: number): number {
    const copy = this.copies.attemptMarks.get(attempt);
    return copy > 0 ? this.copies.attempts.earlier(copy) : this.work.attempts.table.earlier(attempt);
  }

  /** @param unitData - reference of the unit's data */
  private attemptRecord(attempt: number, unitData: ByteRef, isLatest: boolean): SnapshotAttempt {
    const { work, now } = this;
    const copy = this.copies.attemptMarks.get(attempt);
    const table = copy > 0 ? this.copies.attempts : work.attempts.table;
    const at = copy > 0 ? copy : attempt;
    const own = table.ownData(at);
    const start = table.startData(at);
    const expiration = table.expiration(at);
    const status = table.status(at);
    // One that is no longer its unit's active one expires when somebody looks at it.
    const ranOut = status === 'pending' && hasPassed(expiration, now);
    return {
      kind: 'attempt',
      number: table.number(at),
      worker: work.attempts.nameOfWorker(table.worker(at)),
      status: ranOut ? 'expired' : status,
      start: table.start(at),
      end: ranOut ? expiration : table.end(at),
      expiration,
      late: table.late(at),
      data: own !== 0 ? work.bytes.read(own) : isLatest ? undefined : work.readData(start),
      startData: own !== 0 || !isLatest || start === unitData ? undefined : work.readData(start),
    };
  }

  /** Made when they are first needed: most specs of many do not change while all are read. */
  private get copies(): Copies {
    return (this.ownCopies ??= new Copies(this.work));
  }
}

/** Records of units and attempts as they were, and for each id of a unit or an attempt which is its. */
class Copies {
  /** The copy of each unit that has one, or DONE. */
  readonly marks = new SparseInts();
  readonly attemptMarks = new SparseInts();
  readonly units = new UnitTable();
  readonly attempts = new AttemptTable();
  /** The copies of units that are no more where they were. */
  readonly gone: OrderedIndex;

  constructor(private readonly work: SpecWork) {
    const { units } = this;
    this.gone = new OrderedIndex(
      {
        compareName: (copy, name) => this.compareName(copy, name),
        leafOf: (copy) => units.leaf(copy),
        setLeafOf: (copy, leaf) => units.setLeaf(copy, leaf),
        categoryOf: (copy) => units.status(copy),
        rankOf: (copy) => units.priority(copy),
      },
      { categories: WORK_UNIT_STATUSES.length, ranked: AVAILABLE },
    );
  }

  nameOf(copy: number): ByteName {
    return this.work.bytes.readName(this.units.name(copy));
  }

  compareName(copy: number, name: ByteName): number {
    return this.work.bytes.compareName(this.units.name(copy), name);
  }

  /** @returns whether it is needed */
  keep(unit: number): boolean {
    const mark = this.marks.get(unit);
    if (mark !== 0) return mark !== DONE;
    const { bytes, units } = this.work;
    const copy = this.units.records.copyOf(units.records, unit);
    this.units.copyRetries(copy, units, unit);
    bytes.retain(units.name(unit));
    retain(this.work, units.data(unit));
    if (units.status(unit) === FAILED) this.work.failed.retain(unit);
    this.marks.set(unit, copy);
    return true;
  }

  keepAttempt(attempt: number): void {
    if (this.attemptMarks.get(attempt) !== 0) return;
    const { table } = this.work.attempts;
    const copy = this.attempts.records.copyOf(table.records, attempt);
    retain(this.work, table.ownData(attempt));
    retain(this.work, table.startData(attempt));
    this.attemptMarks.set(attempt, copy);
  }

  drop(copy: number): void {
    const { work, units } = this;
    work.bytes.release(units.name(copy));
    work.dropData(units.data(copy));
    if (units.status(copy) === FAILED) work.failed.release(units.records.getInt(copy, POSITION));
    units.free(copy);
  }

  /** Drops the copy of an attempt, if it has one. */
  dropAttempt(attempt: number): void {
    const copy = this.attemptMarks.get(attempt);
    if (copy <= 0) return;
    this.attemptMarks.set(attempt, 0);
    this.dropCopyOfAttempt(copy);
  }

  *release(): Generator<number, void> {
    for (const copy of this.marks.positive()) {
      this.drop(copy);
      yield 1;
    }
    for (const copy of this.attemptMarks.positive()) {
      this.dropCopyOfAttempt(copy);
      yield 1;
    }
    for (let copy = this.gone.after(null, ALL_STATUSES); copy !== 0;) {
      const next = this.gone.next(copy, ALL_STATUSES);
      this.drop(copy);
      copy = next;
      yield 1;
    }
    const { units, attempts, gone } = this;
    givenUp(units.records.bytesReserved + attempts.records.bytesReserved + gone.bytesReserved, this);
  }

  private dropCopyOfAttempt(copy: number): void {
    const { work, attempts } = this;
    work.dropData(attempts.ownData(copy));
    work.dropData(attempts.startData(copy));
    attempts.records.free(copy);
  }
}

function retain({ bytes }: SpecWork, ref: ByteRef): void {
  if (ref !== 0) bytes.retain(ref);
}
