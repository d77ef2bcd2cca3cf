import type { WorkUnitStatus } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { RecordTable } from './structures/record-table.js';

const PRIORITY = 0;
const NOT_BEFORE = 1;
const MOMENT = 2;
const FLOATS = 3;

const NAME = 0;
const HASH = 1;
const DATA = 2;
const LEAF = 3;
const POSITION = 4;
const PREVIOUS = 5;
const NEXT = 6;
const STATUS = 7;
const ACTIVE = 8;
const LATEST = 9;
const ATTEMPTS = 10;
const TRIES = 11;
const INTS = 12;

/** A work unit status as the number it is stored as: its place in WORK_UNIT_STATUSES. */
export type StatusCode = number;

export const AVAILABLE: StatusCode = WORK_UNIT_STATUSES.indexOf('available');
export const DELAYED: StatusCode = WORK_UNIT_STATUSES.indexOf('delayed');
export const PENDING: StatusCode = WORK_UNIT_STATUSES.indexOf('pending');
export const FINISHED: StatusCode = WORK_UNIT_STATUSES.indexOf('finished');
export const FAILED: StatusCode = WORK_UNIT_STATUSES.indexOf('failed');

export const ALL_STATUSES = (1 << WORK_UNIT_STATUSES.length) - 1;

export function statusMask(statuses: readonly WorkUnitStatus[] | undefined): number {
  if (!statuses) return ALL_STATUSES;
  return statuses.reduce((mask, status) => mask | (1 << WORK_UNIT_STATUSES.indexOf(status)), 0);
}

/** The records of work units: 72 bytes each, outside the heap. References are into the byte store of the same spec. */
export class UnitTable extends RecordTable {
  constructor() {
    super({ floats: FLOATS, ints: INTS });
  }

  priority(id: number): number {
    return this.getFloat(id, PRIORITY);
  }
  setPriority(id: number, priority: number): void {
    this.setFloat(id, PRIORITY, priority);
  }

  notBefore(id: number): number {
    return this.getFloat(id, NOT_BEFORE);
  }
  setNotBefore(id: number, moment: number): void {
    this.setFloat(id, NOT_BEFORE, moment);
  }

  /**
   * The moment that matters in its status: available: since when; delayed: until when; pending: the lease's end;
   * finished, failed: when it ended.
   */
  moment(id: number): number {
    return this.getFloat(id, MOMENT);
  }
  setMoment(id: number, moment: number): void {
    this.setFloat(id, MOMENT, moment);
  }

  /** Reference of its name. */
  name(id: number): number {
    return this.getInt(id, NAME) >>> 0;
  }
  setName(id: number, ref: number): void {
    this.setInt(id, NAME, ref);
  }

  hash(id: number): number {
    return this.getInt(id, HASH);
  }
  setHash(id: number, hash: number): void {
    this.setInt(id, HASH, hash);
  }

  /** Reference of its own data; 0 is the empty dictionary. */
  data(id: number): number {
    return this.getInt(id, DATA) >>> 0;
  }
  setData(id: number, ref: number): void {
    this.setInt(id, DATA, ref);
  }

  /** Its leaf in the ordered index. */
  leaf(id: number): number {
    return this.getInt(id, LEAF);
  }
  setLeaf(id: number, leaf: number): void {
    this.setInt(id, LEAF, leaf);
  }

  /** Its place in the heap of leases or of delays. */
  position(id: number): number {
    return this.getInt(id, POSITION);
  }
  setPosition(id: number, position: number): void {
    this.setInt(id, POSITION, position);
  }

  /** Its neighbours among the available, finished or failed units, in the order of their moments. */
  previous(id: number): number {
    return this.getInt(id, PREVIOUS);
  }
  setPrevious(id: number, other: number): void {
    this.setInt(id, PREVIOUS, other);
  }
  next(id: number): number {
    return this.getInt(id, NEXT);
  }
  setNext(id: number, other: number): void {
    this.setInt(id, NEXT, other);
  }

  status(id: number): StatusCode {
    return this.getInt(id, STATUS);
  }
  setStatus(id: number, status: StatusCode): void {
    this.setInt(id, STATUS, status);
  }

  /** Its active attempt, 0 = none. */
  active(id: number): number {
    return this.getInt(id, ACTIVE);
  }
  setActive(id: number, attempt: number): void {
    this.setInt(id, ACTIVE, attempt);
  }

  /** Its latest attempt, from which its history goes back. */
  latest(id: number): number {
    return this.getInt(id, LATEST);
  }
  setLatest(id: number, attempt: number): void {
    this.setInt(id, LATEST, attempt);
  }

  /** How many attempts it has had. */
  attempts(id: number): number {
    return this.getInt(id, ATTEMPTS);
  }
  setAttempts(id: number, attempts: number): void {
    this.setInt(id, ATTEMPTS, attempts);
  }

  /** How many of them since it was last added, re-added or cleared, which is what max_retries limits. */
  tries(id: number): number {
    return this.getInt(id, TRIES);
  }
  setTries(id: number, tries: number): void {
    this.setInt(id, TRIES, tries);
  }
}
