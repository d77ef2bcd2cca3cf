import type { EncodedData } from '../../domain/data.js';
import type { Micros } from '../../domain/time.js';
import type { UnitPort } from '../../domain/unit-port.js';
import type { WorkUnitStatus } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import type { ShownAttempts, ShownData } from './attempt-slot.js';
import { AttemptSlot } from './attempt-slot.js';
import type { StatusCode, UnitTable } from './unit-table.js';
import { statusCode } from './unit-table.js';
import type { WorkerRecord } from './worker-record.js';

/** What keeps the units that a slot shows. */
export interface ShownUnits extends ShownData {
  readonly units: UnitTable;
  readonly attempts: ShownAttempts & {
    start(unit: number, worker: WorkerRecord, number: number, now: Micros, expiration: Micros): void;
    undoLatest(unit: number): void;
  };
  /** To be called before anything of a unit changes. */
  keep(unit: number): void;
  move(unit: number, to: StatusCode, moment: Micros, cause?: string): void;
  setPriority(unit: number, priority: number): void;
  replaceData(unit: number, data: EncodedData): void;
}

/**
 * One unit after another as the rules of the domain see it: there are millions of units, and one of these per work spec, so
 * that no object is made for a unit. Whoever has it uses it before anybody else comes to it, in the same turn.
 */
export class UnitSlot implements UnitPort<WorkerRecord> {
  id = 0;
  /** Apart from that of attempts that are addressed, which a rule may have in hand beside the latest one. */
  private readonly latestSlot: AttemptSlot;

  constructor(private readonly work: ShownUnits) {
    this.latestSlot = new AttemptSlot(work.attempts, work);
  }

  at(id: number): this {
    this.id = id;
    return this;
  }

  get status(): WorkUnitStatus {
    return WORK_UNIT_STATUSES[this.work.units.status(this.id)];
  }

  get moment(): Micros {
    return this.work.units.moment(this.id);
  }

  get notBefore(): Micros {
    return this.work.units.notBefore(this.id);
  }
  set notBefore(moment: Micros) {
    this.work.keep(this.id);
    this.work.units.setNotBefore(this.id, moment);
  }

  get priority(): number {
    return this.work.units.priority(this.id);
  }
  set priority(priority: number) {
    this.work.setPriority(this.id, priority);
  }

  get data(): EncodedData {
    return this.work.readData(this.work.units.data(this.id));
  }
  set data(data: EncodedData) {
    this.work.replaceData(this.id, data);
  }

  get tries(): number {
    return this.work.units.tries(this.id);
  }
  set tries(tries: number) {
    this.work.keep(this.id);
    this.work.units.setTries(this.id, tries);
  }

  get failures(): number {
    return this.work.units.failures(this.id);
  }
  set failures(failures: number) {
    this.work.keep(this.id);
    this.work.units.setFailures(this.id, failures);
  }

  get lapse(): Micros | undefined {
    return this.work.units.lapse(this.id);
  }
  set lapse(lapse: Micros | undefined) {
    this.work.keep(this.id);
    this.work.units.setLapse(this.id, lapse);
  }

  get latest(): AttemptSlot | undefined {
    const latest = this.work.units.latest(this.id);
    return latest === 0 ? undefined : this.latestSlot.at(latest);
  }

  enter(status: WorkUnitStatus, moment: Micros, cause?: string): void {
    this.work.move(this.id, statusCode(status), moment, cause);
  }

  begin(worker: WorkerRecord, number: number, start: Micros, expiration: Micros): void {
    this.work.attempts.start(this.id, worker, number, start, expiration);
  }

  /** The attempt before the latest one is the latest again, as if that had not been started. */
  forgetLatest(): void {
    this.work.attempts.undoLatest(this.id);
  }
}
