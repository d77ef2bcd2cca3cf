import type { AttemptStatus } from '../../../domain/attempt.js';
import { ATTEMPT_STATUSES } from '../../../domain/attempt.js';
import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import { hasPassed, ZERO_TIME } from '../../../domain/time.js';
import type { EncodedData } from '../../../domain/data.js';
import type { WorkUnitStatus } from '../../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import type { AttemptOutcome } from '../../../domain/attempt-outcome.js';
import { positions } from '../wire/positions.js';
import { bytesOf, byteNameOfRow } from '../wire/values.js';
import type { Row } from '../wire/statement.js';
import { AVAILABLE, DELAYED, FAILED, FINISHED, PENDING } from './codes.js';

/** An attempt as it is stored, without its data. */
export interface StoredAttempt {
  /** 0 until the database gives one out. */
  number: number;
  worker: ByteName;
  start: Micros;
  end: Micros;
  expiration: Micros;
  status: AttemptStatus;
  /** Its lease ran out by itself and its unit has had no other attempt, clear or re-add since. */
  late: boolean;
}

/** That an attempt came to its end, for those who look on. */
export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  readonly start: Micros;
  readonly end: Micros;
}

/** The columns that UnitImage.read takes, as IMAGE has them; `u` is the row of the unit. */
export const IMAGE_COLUMNS = `u.name, u.status, u.moment, u.rank, u.not_before, u.tries, u.attempts, u.late,
  u.attempt_number, u.attempt_worker, u.attempt_start, u.attempt_end, u.attempt_expiration, u.attempt_status`;
/** What the latest attempt shows: its own data where set, else the unit's when it began. */
export const ATTEMPT_DATA = 'coalesce(u.attempt_data, u.attempt_start_data, u.data)';
const IMAGE = positions(
  ...(['name', 'status', 'moment', 'rank', 'notBefore', 'tries', 'attempts', 'late'] as const),
  ...(['number', 'worker', 'start', 'end', 'expiration', 'attemptStatus'] as const),
);
/** How many they are. */
export const IMAGE_WIDTH = Object.keys(IMAGE).length;

/** The latest attempt in a row of IMAGE_COLUMNS; or one of the history, for which the columns of the unit are null. */
function latestOf(row: Row, at: number): StoredAttempt {
  return {
    number: Number(row[at + IMAGE.number]),
    worker: byteNameOfRow(row[at + IMAGE.worker]!),
    start: Number(row[at + IMAGE.start]),
    end: Number(row[at + IMAGE.end]),
    expiration: Number(row[at + IMAGE.expiration]),
    status: ATTEMPT_STATUSES[Number(row[at + IMAGE.attemptStatus])],
    late: row[at + IMAGE.late] === 't',
  };
}

/** Whether a row of IMAGE_COLUMNS is of a unit and its latest attempt: not one of the history, nor of nothing. */
export function isOfUnit(row: Row, at: number): boolean {
  return row[at + IMAGE.status] !== null;
}

/** An attempt in a row of IMAGE_COLUMNS, whose unit status is null when it is one of the history; undefined: there is none. */
export function readStoredAttempt(row: Row, at: number, now: Micros): StoredAttempt | undefined {
  if (isOfUnit(row, at)) return UnitImage.read(0, row, at, now).latest;
  const past = latestOf(row, at);
  expireDetached(past, false, now);
  return past;
}

/** The name of the unit in a row of IMAGE_COLUMNS. */
export function nameOfImage(row: Row, at: number): ByteName {
  return byteNameOfRow(row[at + IMAGE.name]!);
}

/** A change that can't be made in the transaction of an earlier one to the same unit: it has to wait for the next. */
export class ChangedInThisTransaction extends Error {}

/**
 * A work unit as a transaction sees and changes it, and the only place that moves a unit between statuses. It holds the
 * unit's latest attempt, which is its active one exactly when the unit reads pending, finished or failed. What is set here
 * is written at the end of the transaction.
 */
export class UnitImage {
  status = AVAILABLE;
  /**
   * The moment that matters in its status: available: since when; delayed: until when; pending: the lease's end;
   * finished, failed: when it ended.
   */
  moment: Micros = 0;
  /** Minus the priority, so that an ascending index starts with the highest. */
  rank = 0;
  notBefore: Micros = ZERO_TIME;
  /** Attempts since it was last added, re-added or cleared, which is what max_retries limits. */
  tries = 0;
  /** All attempts. */
  attempts = 0;
  latest: StoredAttempt | undefined;

  /** In the database it is as it was read; undefined: it is not there yet. */
  stored: { readonly status: number; readonly rank: number } | undefined;
  dirty = false;
  deleted = false;
  /** The ends of attempts that are written with it. */
  readonly ends: AttemptEnd[] = [];
  /** Whether something was done to it, more than that its lease or delay took effect. */
  private touched = false;
  /** New data of the unit, where they were set. */
  data: EncodedData | undefined;
  /** Own data of the latest attempt, where they were set. */
  attemptData: EncodedData | undefined;
  /** What the database has of both, where they were asked for. */
  loaded: { readonly data: EncodedData; readonly attemptData: EncodedData | undefined } | undefined;
  /** Whether the latest attempt began in this transaction. */
  started = false;
  /** The attempt before one that began in this transaction: it goes into the history. */
  superseded: StoredAttempt | undefined;
  /** Whether its own fields have changed: priority, data, the count of tries; for a started one, not_before too. */
  private isRewritten = false;
  /** Whether the unit's data were replaced under an attempt, which goes on showing those it began with. */
  keepsStartData = false;

  constructor(
    readonly workSpecId: number,
    readonly name: ByteName,
  ) {}

  /** Reads IMAGE_COLUMNS, and lets a lease or delay take effect that has run out by now. */
  static read(workSpecId: number, row: Row, at: number, now: Micros): UnitImage {
    const unit = new UnitImage(workSpecId, byteNameOfRow(row[at + IMAGE.name]!));
    unit.status = Number(row[at + IMAGE.status]);
    unit.moment = Number(row[at + IMAGE.moment]);
    unit.rank = Number(row[at + IMAGE.rank]);
    unit.notBefore = Number(row[at + IMAGE.notBefore]);
    unit.tries = Number(row[at + IMAGE.tries]);
    unit.attempts = Number(row[at + IMAGE.attempts]);
    if (row[at + IMAGE.number] !== null) unit.latest = latestOf(row, at);
    unit.stored = { status: unit.status, rank: unit.rank };
    unit.settle(now);
    return unit;
  }

  /** A unit that is locked, and deleted without being read. */
  static toDelete(workSpecId: number, name: ByteName, status: number): UnitImage {
    const unit = new UnitImage(workSpecId, name);
    unit.status = status;
    unit.stored = { status, rank: 0 };
    unit.delete();
    return unit;
  }

  get workUnitStatus(): WorkUnitStatus {
    return WORK_UNIT_STATUSES[this.status];
  }

  /** The attempt that the status is read from. */
  get active(): StoredAttempt | undefined {
    return this.status === AVAILABLE || this.status === DELAYED ? undefined : this.latest;
  }

  /** The active attempt's data where that has its own, else the unit's; undefined when they were not asked for. */
  get effectiveData(): EncodedData | undefined {
    const before = this.started ? undefined : this.loaded?.attemptData;
    return this.attemptData ?? before ?? this.data ?? this.loaded?.data;
  }

  /** Whether all that happened is that an attempt began (and maybe ended), as the counts of attempts show. */
  get isFreshStart(): boolean {
    return this.started && !this.isRewritten;
  }

  /** Whether nothing but the state of the latest attempt, the status and not_before have changed. */
  get isAttemptChange(): boolean {
    return this.latest !== undefined && !this.started && !this.isRewritten;
  }

  private settle(now: Micros): void {
    const { latest } = this;
    if (this.status === PENDING && hasPassed(this.moment, now)) {
      latest!.status = 'expired';
      latest!.end = this.moment;
      latest!.late = true;
      this.ends.push({ outcome: 'expired', start: latest!.start, end: this.moment });
      this.enterIdle(this.moment, now);
    } else if (this.status === DELAYED && hasPassed(this.moment, now)) {
      this.enterIdle(this.moment, now);
    } else if (latest) expireDetached(latest, this.active === latest, now);
  }

  /** Content of a unit that is added, whether it is there already or not. */
  put(content: { data: EncodedData; priority: number; notBefore: Micros }, now: Micros): void {
    if (this.deleted) throw new ChangedInThisTransaction();
    if (this.stored && this.latest && this.data === undefined) this.keepsStartData = true;
    this.data = content.data;
    this.setPriority(content.priority);
    this.notBefore = content.notBefore;
    this.forgetTries();
    if (!this.stored) this.enterIdle(now, now);
    else if (this.status !== PENDING) this.release(now);
    this.touch();
  }

  /** Takes the active attempt away, whatever it is; the attempt itself does not change. */
  clear(now: Micros): void {
    this.forgetTries();
    if (this.active) this.release(now);
    this.touch();
  }

  private forgetTries(): void {
    this.tries = 0;
    this.isRewritten = true;
    if (this.latest) this.latest.late = false;
  }

  /** It has no active attempt from now on, and reads available or delayed by its not_before. */
  release(now: Micros): void {
    if (this.status === AVAILABLE && this.notBefore <= now) return; // it has waited since long before
    this.enterIdle(now, now);
  }

  /** The latest attempt is the active one from now on, and the unit reads as it does. */
  hold(status: 'pending' | 'finished' | 'failed', moment: Micros): void {
    this.status = status === 'pending' ? PENDING : status === 'finished' ? FINISHED : FAILED;
    this.moment = moment;
    this.touch();
  }

  /** Marks that it was changed by a request, and has to be written. */
  touch(): void {
    this.touched = true;
    this.dirty = true;
  }

  /** Records a new pending attempt as the latest. What it supersedes goes into the history as the database has it. */
  start(worker: ByteName, number: number, now: Micros, expiration: Micros): StoredAttempt {
    if (this.touched) throw new ChangedInThisTransaction();
    this.superseded = this.latest && { ...this.latest };
    this.started = true;
    this.latest = { number, worker, start: now, end: ZERO_TIME, expiration, status: 'pending', late: false };
    this.attempts++;
    this.tries++;
    this.hold('pending', expiration);
    return this.latest;
  }

  get priority(): number {
    return 0 - this.rank;
  }

  setPriority(priority: number): void {
    this.rank = 0 - priority;
    this.isRewritten = true;
    this.touch();
  }

  setNotBefore(moment: Micros, now: Micros): void {
    this.notBefore = moment;
    this.isRewritten = true;
    if (!this.active) this.release(now);
    this.touch();
  }

  delete(): void {
    this.deleted = true;
    this.touch();
  }

  private enterIdle(since: Micros, now: Micros): void {
    const delayed = this.notBefore > now;
    this.status = delayed ? DELAYED : AVAILABLE;
    this.moment = delayed ? this.notBefore : Math.max(since, this.notBefore);
    this.dirty = true;
  }
}

/** An attempt that is no longer its unit's active one expires when it is looked at, and is not late then. */
export function expireDetached(attempt: StoredAttempt, isHeld: boolean, now: Micros): void {
  if (isHeld || attempt.status !== 'pending' || !hasPassed(attempt.expiration, now)) return;
  attempt.status = 'expired';
  attempt.end = attempt.expiration;
}

/** An attempt of the history, as a transaction sees and changes it. */
export class PastAttempt {
  dirty = false;
  readonly ends: AttemptEnd[] = [];
  /** Own data, where they were set. */
  data: EncodedData | undefined;

  constructor(
    readonly unit: UnitImage,
    readonly attempt: StoredAttempt,
  ) {}
}

/** Data as a row has them, undefined for null. */
export function dataOf(text: string | null): Buffer | undefined {
  return text === null ? undefined : bytesOf(text);
}
