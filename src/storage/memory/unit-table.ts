import type { WorkUnitStatus } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { SparseFloats, SparseInts } from './structures/sparse-numbers.js';
import { RecordTable } from './structures/record-table.js';

const PRIORITY = 0;
const NOT_BEFORE = 1;
const MOMENT = 2;
const FLOATS = 3;

const NAME = 0;
const HASH = 1;
const DATA = 2;
const LEAF = 3;
/** Its place in the heap of leases or of delays: a field of DueHeap. Of a failed unit, its cause: a field of FailedUnits. */
export const POSITION = 4;
/** Its neighbours among the available, finished or failed units, in the order of their moments: fields of LinkedList. */
export const PREVIOUS = 5;
export const NEXT = 6;
const STATUS = 7;
const LATEST = 8;
const ATTEMPTS = 9;
const TRIES = 10;
/** Its leaf in the index of the failed units of its cause. */
const CAUSE_LEAF = 11;
const INTS = 12;

/** A work unit status as the number it is stored as: its place in WORK_UNIT_STATUSES. */
export type StatusCode = number;

export const AVAILABLE: StatusCode = WORK_UNIT_STATUSES.indexOf('available');
export const DELAYED: StatusCode = WORK_UNIT_STATUSES.indexOf('delayed');
export const PENDING: StatusCode = WORK_UNIT_STATUSES.indexOf('pending');
export const FINISHED: StatusCode = WORK_UNIT_STATUSES.indexOf('finished');
export const FAILED: StatusCode = WORK_UNIT_STATUSES.indexOf('failed');

export function statusCode(status: WorkUnitStatus): StatusCode {
  return WORK_UNIT_STATUSES.indexOf(status);
}

export const ALL_STATUSES = (1 << WORK_UNIT_STATUSES.length) - 1;

export function statusMask(statuses: readonly WorkUnitStatus[] | undefined): number {
  if (!statuses) return ALL_STATUSES;
  return statuses.reduce((mask, status) => mask | (1 << statusCode(status)), 0);
}

/** What only units have whose spec says how they are retried. */
interface RetryRecords {
  readonly failures: SparseInts;
  readonly lapses: SparseFloats;
}

/** The records of work units: 72 bytes each, outside the heap. References are into the byte store of the same spec. */
export class UnitTable {
  readonly records = new RecordTable({ floats: FLOATS, ints: INTS });
  private retried: RetryRecords | undefined;

  priority(id: number): number {
    return this.records.getFloat(id, PRIORITY);
  }
  setPriority(id: number, priority: number): void {
    this.records.setFloat(id, PRIORITY, priority);
  }

  notBefore(id: number): number {
    return this.records.getFloat(id, NOT_BEFORE);
  }
  setNotBefore(id: number, moment: number): void {
    this.records.setFloat(id, NOT_BEFORE, moment);
  }

  /**
   * The moment that matters in its status: available: since when; delayed: until when; pending: the lease's end;
   * finished, failed: when it ended.
   */
  moment(id: number): number {
    return this.records.getFloat(id, MOMENT);
  }
  setMoment(id: number, moment: number): void {
    this.records.setFloat(id, MOMENT, moment);
  }

  /** Reference of its name. */
  name(id: number): number {
    return this.records.getInt(id, NAME) >>> 0;
  }
  setName(id: number, ref: number): void {
    this.records.setInt(id, NAME, ref);
  }

  hash(id: number): number {
    return this.records.getInt(id, HASH);
  }
  setHash(id: number, hash: number): void {
    this.records.setInt(id, HASH, hash);
  }

  /** Reference of its own data; 0 is the empty dictionary. */
  data(id: number): number {
    return this.records.getInt(id, DATA) >>> 0;
  }
  setData(id: number, ref: number): void {
    this.records.setInt(id, DATA, ref);
  }

  /** Its leaf in the ordered index. */
  leaf(id: number): number {
    return this.records.getInt(id, LEAF);
  }
  setLeaf(id: number, leaf: number): void {
    this.records.setInt(id, LEAF, leaf);
  }

  /** While it is failed, its leaf among the units of its cause. */
  causeLeaf(id: number): number {
    return this.records.getInt(id, CAUSE_LEAF);
  }
  setCauseLeaf(id: number, leaf: number): void {
    this.records.setInt(id, CAUSE_LEAF, leaf);
  }

  status(id: number): StatusCode {
    return this.records.getInt(id, STATUS);
  }
  setStatus(id: number, status: StatusCode): void {
    this.records.setInt(id, STATUS, status);
  }

  /** Its active attempt, which its status is read from: the latest one, 0 while it reads available or delayed. */
  active(id: number): number {
    const status = this.status(id);
    return status === AVAILABLE || status === DELAYED ? 0 : this.latest(id);
  }

  /** Its latest attempt, from which its history goes back. */
  latest(id: number): number {
    return this.records.getInt(id, LATEST);
  }
  setLatest(id: number, attempt: number): void {
    this.records.setInt(id, LATEST, attempt);
  }

  /** How many attempts it has had. */
  attempts(id: number): number {
    return this.records.getInt(id, ATTEMPTS);
  }
  setAttempts(id: number, attempts: number): void {
    this.records.setInt(id, ATTEMPTS, attempts);
  }

  /** How many of them since it was last added, re-added or cleared, which is what max_retries limits. */
  tries(id: number): number {
    return this.records.getInt(id, TRIES);
  }
  setTries(id: number, tries: number): void {
    this.records.setInt(id, TRIES, tries);
  }

  /** Failures since then that count for retrying. */
  failures(id: number): number {
    return this.retried === undefined ? 0 : this.retried.failures.get(id);
  }
  setFailures(id: number, failures: number): void {
    this.retries.failures.set(id, failures);
  }

  /** What follows if its lease runs out, as UnitPort has it. */
  lapse(id: number): number | undefined {
    if (this.retried === undefined) return undefined;
    const lapse = this.retried.lapses.get(id);
    // 0 is none, as it is before any is set.
    return lapse === 0 ? undefined : lapse > 0 ? lapse - 1 : lapse;
  }
  setLapse(id: number, lapse: number | undefined): void {
    this.retries.lapses.set(id, lapse === undefined ? 0 : lapse >= 0 ? lapse + 1 : lapse);
  }

  /** A unit has the failures of another one of any table. */
  copyRetries(id: number, from: UnitTable, other: number): void {
    const { retried } = from;
    if (retried === undefined) return;
    this.retries.failures.set(id, retried.failures.get(other));
    this.retries.lapses.set(id, retried.lapses.get(other));
  }

  /** The record of a unit is given back. */
  free(id: number): void {
    if (this.retried !== undefined) {
      this.retried.failures.set(id, 0);
      this.retried.lapses.set(id, 0);
    }
    this.records.free(id);
  }

  private get retries(): RetryRecords {
    return (this.retried ??= { failures: new SparseInts(), lapses: new SparseFloats() });
  }
}
