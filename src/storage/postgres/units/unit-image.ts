import { expireDetached, hasRunOut } from '../../../domain/attempt-rules.js';
import { ATTEMPT_STATUSES } from '../../../domain/attempt.js';
import { causeNumber, NO_REASON, UNKNOWN } from '../../../domain/cause.js';
import type { EncodedData } from '../../../domain/data.js';
import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import { ZERO_TIME } from '../../../domain/time.js';
import type { UnitPort } from '../../../domain/unit-port.js';
import { isIdle, settle } from '../../../domain/unit-rules.js';
import type { WorkUnitStatus } from '../../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import { positions } from '../wire/positions.js';
import { bytesOf, byteNameOfRow } from '../wire/values.js';
import type { Row } from '../wire/statement.js';
import type { AttemptEnd, AttemptHolder } from './attempt-image.js';
import { asked, AttemptImage, NO_HOLDER } from './attempt-image.js';
import { AVAILABLE, FAILED, PENDING, unitStatusCode } from './codes.js';

/** The columns that UnitImage.read takes, as IMAGE has them; `u` is the row of the unit. */
export const IMAGE_COLUMNS = `u.name, u.status, u.moment, u.rank, u.not_before, u.tries, u.attempts, u.late,
  u.attempt_number, u.attempt_worker, u.attempt_start, u.attempt_end, u.attempt_expiration, u.attempt_status,
  u.cause, u.cause_attempt, u.failures, u.lapse`;
/** What the latest attempt shows: its own data where set, else the unit's when it began. */
export const ATTEMPT_DATA = 'coalesce(u.attempt_data, u.attempt_start_data, u.data)';
const IMAGE = positions(
  ...(['name', 'status', 'moment', 'rank', 'notBefore', 'tries', 'attempts', 'late'] as const),
  ...(['number', 'worker', 'start', 'end', 'expiration', 'attemptStatus', 'cause', 'causeAttempt'] as const),
  ...(['failures', 'lapse'] as const),
);
/** The cause of what was ended by who knew of none. */
export const UNKNOWN_NUMBER = causeNumber(UNKNOWN);

/** How many they are. */
export const IMAGE_WIDTH = Object.keys(IMAGE).length;

/** The latest attempt in a row of IMAGE_COLUMNS; or one of the history, for which the columns of the unit are null. */
function latestOf(row: Row, at: number, holder: AttemptHolder): AttemptImage {
  return new AttemptImage(
    holder,
    Number(row[at + IMAGE.number]),
    byteNameOfRow(row[at + IMAGE.worker]!),
    Number(row[at + IMAGE.start]),
    Number(row[at + IMAGE.end]),
    Number(row[at + IMAGE.expiration]),
    ATTEMPT_STATUSES[Number(row[at + IMAGE.attemptStatus])],
    row[at + IMAGE.late] === 't',
  );
}

/** Whether a row of IMAGE_COLUMNS is of a unit and its latest attempt: not one of the history, nor of nothing. */
export function isOfUnit(row: Row, at: number): boolean {
  return row[at + IMAGE.status] !== null;
}

/** An attempt in a row of IMAGE_COLUMNS, whose unit status is null when it is one of the history; undefined: there is none. */
export function readStoredAttempt(row: Row, at: number, now: Micros): AttemptImage | undefined {
  if (isOfUnit(row, at)) return UnitImage.read(0, row, at, now).latest;
  const past = latestOf(row, at, NO_HOLDER);
  expireDetached(past, now);
  return past;
}

/** Whether an attempt in a row of IMAGE_COLUMNS that is no longer its unit's active one has run out, and is stored as pending. */
export function isYetToExpire(row: Row, at: number, now: Micros): boolean {
  const status = row[at + IMAGE.attemptStatus];
  if (status === null || (isOfUnit(row, at) && Number(row[at + IMAGE.status]) === PENDING)) return false;
  return hasRunOut(ATTEMPT_STATUSES[Number(status)], Number(row[at + IMAGE.expiration]), now);
}

/** The number of the attempt in a row of IMAGE_COLUMNS. */
export function numberOfImage(row: Row, at: number): number {
  return Number(row[at + IMAGE.number]);
}

/** The name of the unit in a row of IMAGE_COLUMNS. */
export function nameOfImage(row: Row, at: number): ByteName {
  return byteNameOfRow(row[at + IMAGE.name]!);
}

/** The cause of a failed unit in a row of IMAGE_COLUMNS, as `causeOf` of causes.sql.ts says. */
function storedCause(row: Row, at: number): number {
  const cause = row[at + IMAGE.cause];
  return cause !== null && row[at + IMAGE.causeAttempt] === row[at + IMAGE.number] ? Number(cause) : UNKNOWN_NUMBER;
}

/** A change that can't be made in the transaction of an earlier one to the same unit: it has to wait for the next. */
export class ChangedInThisTransaction extends Error {}

/** What the database has of a unit that a transaction changes, as far as what is written depends on it. */
interface StoredUnit {
  readonly status: number;
  readonly rank: number;
  readonly notBefore: Micros;
  readonly tries: number;
  readonly failures: number;
  readonly lapse: Micros | undefined;
  readonly cause: number | undefined;
}

/**
 * A work unit as a transaction sees it and the rules of the domain change it. It holds the unit's latest attempt, which is its
 * active one exactly when the unit reads pending, finished or failed. What is set here is written at the end of the transaction.
 */
export class UnitImage implements UnitPort<ByteName>, AttemptHolder {
  /** The status as it is stored, which is written. */
  code = AVAILABLE;
  moment: Micros = 0;
  /** Minus the priority, so that an ascending index starts with the highest. */
  rank = 0;
  private ownNotBefore: Micros = ZERO_TIME;
  private ownTries = 0;
  private ownFailures = 0;
  private ownLapse: Micros | undefined;
  /** All attempts. */
  attempts = 0;
  latest: AttemptImage | undefined;
  /** While it is failed: the number of the cause, which one that fails in this transaction is given when it is written. */
  cause: number | undefined;
  /** Why it has failed in this transaction. */
  newCause: string | undefined;

  /** In the database it is as it was read; undefined: it is not there yet. */
  stored: StoredUnit | undefined;
  dirty = false;
  deleted = false;
  /** Whether the attempts before the latest have been deleted already. */
  isHistoryGone = false;
  /** The ends of attempts that are written with it. */
  readonly ends: AttemptEnd[] = [];
  /** Whether something was done to it, more than that its lease or delay took effect. */
  private touched = false;
  /** New data of the unit, where they were set. */
  newData: EncodedData | undefined;
  /** What the database has, where it was asked for. */
  loadedData: EncodedData | undefined;
  /** Whether the latest attempt began in this transaction. */
  started = false;
  /** The attempt before one that began in this transaction: it goes into the history. */
  superseded: AttemptImage | undefined;
  /** Whether the unit's data were replaced under an attempt, which goes on showing those it began with. */
  keepsStartData = false;

  constructor(
    readonly workSpecId: number,
    readonly name: ByteName,
  ) {}

  /** Reads IMAGE_COLUMNS, and lets a lease or delay take effect that has run out by now. */
  static read(workSpecId: number, row: Row, at: number, now: Micros): UnitImage {
    const unit = new UnitImage(workSpecId, byteNameOfRow(row[at + IMAGE.name]!));
    unit.code = Number(row[at + IMAGE.status]);
    unit.moment = Number(row[at + IMAGE.moment]);
    unit.rank = Number(row[at + IMAGE.rank]);
    unit.ownNotBefore = Number(row[at + IMAGE.notBefore]);
    unit.ownTries = Number(row[at + IMAGE.tries]);
    unit.attempts = Number(row[at + IMAGE.attempts]);
    unit.ownFailures = Number(row[at + IMAGE.failures]);
    const lapse = row[at + IMAGE.lapse];
    if (lapse !== null) unit.ownLapse = Number(lapse);
    if (row[at + IMAGE.number] !== null) unit.latest = latestOf(row, at, unit);
    if (unit.code === FAILED) unit.cause = storedCause(row, at);
    unit.stored = {
      status: unit.code,
      rank: unit.rank,
      notBefore: unit.notBefore,
      tries: unit.tries,
      failures: unit.failures,
      lapse: unit.lapse,
      cause: unit.cause,
    };
    settle(unit, now);
    if (unit.latest && !unit.active) expireDetached(unit.latest, now);
    // That a detached attempt is over follows from its lease; who looks at it has it written, as `keepExpired` says.
    unit.dirty = unit.code !== unit.stored.status;
    unit.touched = false;
    // What failed by its lease just now reads so to who only looks.
    if (unit.newCause !== undefined) unit.cause = causeNumber(unit.newCause);
    return unit;
  }

  /** A unit that is locked, and deleted without being read. */
  static toDelete(
    workSpecId: number,
    name: ByteName,
    { code, cause, attempts }: Pick<UnitImage, 'code' | 'cause' | 'attempts'>,
  ): UnitImage {
    const unit = new UnitImage(workSpecId, name);
    unit.code = code;
    unit.attempts = attempts;
    unit.stored = { status: code, rank: 0, notBefore: ZERO_TIME, tries: 0, failures: 0, lapse: undefined, cause };
    unit.delete();
    return unit;
  }

  get status(): WorkUnitStatus {
    return WORK_UNIT_STATUSES[this.code];
  }

  /** The attempt that the status is read from. */
  get active(): AttemptImage | undefined {
    return isIdle(this.status) ? undefined : this.latest;
  }

  get notBefore(): Micros {
    return this.ownNotBefore;
  }
  set notBefore(moment: Micros) {
    this.ownNotBefore = moment;
    this.touch();
  }

  get priority(): number {
    return 0 - this.rank;
  }
  set priority(priority: number) {
    this.rank = 0 - priority;
    this.touch();
  }

  get tries(): number {
    return this.ownTries;
  }
  set tries(tries: number) {
    this.ownTries = tries;
    this.touch();
  }

  get failures(): number {
    return this.ownFailures;
  }
  set failures(failures: number) {
    this.ownFailures = failures;
    this.touch();
  }

  get lapse(): Micros | undefined {
    return this.ownLapse;
  }
  set lapse(lapse: Micros | undefined) {
    this.ownLapse = lapse;
    this.touch();
  }

  /** To be read only where it was asked for. */
  get data(): EncodedData {
    return this.newData ?? asked(this.loadedData);
  }
  set data(data: EncodedData) {
    if (this.stored && this.latest && this.newData === undefined) this.keepsStartData = true;
    this.newData = data;
    this.touch();
  }

  /** Whether fields have changed that are the unit's own: priority, data, the counts of tries and failures; of a started one, not_before too. */
  private get isRewritten(): boolean {
    const { stored, started } = this;
    return (
      stored === undefined ||
      this.newData !== undefined ||
      this.rank !== stored.rank ||
      this.tries !== stored.tries + (started ? 1 : 0) ||
      this.failures !== stored.failures ||
      this.lapse !== stored.lapse ||
      (started && this.notBefore !== stored.notBefore)
    );
  }

  /** Whether all that happened is that an attempt began (and maybe ended), as the counts of attempts show. */
  get isFreshStart(): boolean {
    return this.started && !this.isRewritten;
  }

  /** Whether nothing but the state of the latest attempt, the status and not_before have changed. */
  get isAttemptChange(): boolean {
    return this.latest !== undefined && !this.started && !this.isRewritten;
  }

  enter(status: WorkUnitStatus, moment: Micros, cause?: string): void {
    this.code = unitStatusCode(status);
    this.moment = moment;
    this.cause = undefined;
    this.newCause = status === 'failed' ? (cause ?? NO_REASON) : undefined;
    this.touch();
  }

  /** Marks that it was changed by a request, and has to be written. */
  touch(): void {
    this.touched = true;
    this.dirty = true;
  }

  /** What the new attempt supersedes goes into the history as the database has it. @throws ChangedInThisTransaction */
  begin(worker: ByteName, number: number, start: Micros, expiration: Micros): void {
    if (this.touched) throw new ChangedInThisTransaction();
    this.superseded = this.latest;
    this.started = true;
    this.latest = new AttemptImage(this, number, worker, start, ZERO_TIME, expiration, 'pending', false);
    this.attempts++;
    this.touch();
  }

  delete(): void {
    this.deleted = true;
    this.touch();
  }
}

/** An attempt of the history, as a transaction sees and changes it. */
export class PastAttempt implements AttemptHolder {
  dirty = false;
  readonly ends: AttemptEnd[] = [];
  readonly attempt: AttemptImage;

  /** @param read - makes its image */
  constructor(
    readonly unit: UnitImage,
    read: (holder: AttemptHolder) => AttemptImage,
    now: Micros,
  ) {
    this.attempt = read(this);
    expireDetached(this.attempt, now);
    this.dirty = false;
  }

  touch(): void {
    this.dirty = true;
  }
}

/** Data as a row has them, undefined for null. */
export function dataOf(text: string | null): Buffer | undefined {
  return text === null ? undefined : bytesOf(text);
}
