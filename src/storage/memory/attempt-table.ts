import { ATTEMPT_STATUSES } from '../../domain/attempt.js';
import type { AttemptStatus } from '../../domain/attempt.js';
import { RecordTable } from './structures/record-table.js';

const NUMBER = 0;
const START = 1;
const END = 2;
const EXPIRATION = 3;
const FLOATS = 4;

const UNIT = 0;
const WORKER = 1;
const STATUS = 2;
const LATE = 3;
const OWN_DATA = 4;
const START_DATA = 5;
const EARLIER = 6;
/** Its neighbours among the pending, or among the ended, attempts of its worker at this spec: fields of LinkedList. */
export const PREVIOUS = 7;
export const NEXT = 8;
const INTS = 9;

/** The records of attempts: 72 bytes each, outside the heap. References are into the byte store of the same spec. */
export class AttemptTable {
  readonly records = new RecordTable({ floats: FLOATS, ints: INTS });

  /** Grows with every attempt of the storage. */
  number(id: number): number {
    return this.records.getFloat(id, NUMBER);
  }
  setNumber(id: number, number: number): void {
    this.records.setFloat(id, NUMBER, number);
  }

  start(id: number): number {
    return this.records.getFloat(id, START);
  }
  setStart(id: number, moment: number): void {
    this.records.setFloat(id, START, moment);
  }

  end(id: number): number {
    return this.records.getFloat(id, END);
  }
  setEnd(id: number, moment: number): void {
    this.records.setFloat(id, END, moment);
  }

  expiration(id: number): number {
    return this.records.getFloat(id, EXPIRATION);
  }
  setExpiration(id: number, moment: number): void {
    this.records.setFloat(id, EXPIRATION, moment);
  }

  unit(id: number): number {
    return this.records.getInt(id, UNIT);
  }
  setUnit(id: number, unit: number): void {
    this.records.setInt(id, UNIT, unit);
  }

  /** Its worker's id in the namespace. */
  worker(id: number): number {
    return this.records.getInt(id, WORKER);
  }
  setWorker(id: number, worker: number): void {
    this.records.setInt(id, WORKER, worker);
  }

  status(id: number): AttemptStatus {
    return ATTEMPT_STATUSES[this.records.getInt(id, STATUS)];
  }
  setStatus(id: number, status: AttemptStatus): void {
    this.records.setInt(id, STATUS, ATTEMPT_STATUSES.indexOf(status));
  }

  /** Whether its lease ran out by itself and its unit has had no other attempt, clear or re-add since. */
  late(id: number): boolean {
    return this.records.getInt(id, LATE) !== 0;
  }
  setLate(id: number, late: boolean): void {
    this.records.setInt(id, LATE, late ? 1 : 0);
  }

  /** Reference of the data that its worker gave it; 0 = none. */
  ownData(id: number): number {
    return this.records.getInt(id, OWN_DATA) >>> 0;
  }
  setOwnData(id: number, ref: number): void {
    this.records.setInt(id, OWN_DATA, ref);
  }

  /** Reference of the unit's data when it began; 0 is the empty dictionary. */
  startData(id: number): number {
    return this.records.getInt(id, START_DATA) >>> 0;
  }
  setStartData(id: number, ref: number): void {
    this.records.setInt(id, START_DATA, ref);
  }

  /** The attempt at the same unit before it, 0 = none. */
  earlier(id: number): number {
    return this.records.getInt(id, EARLIER);
  }
  setEarlier(id: number, attempt: number): void {
    this.records.setInt(id, EARLIER, attempt);
  }
}
