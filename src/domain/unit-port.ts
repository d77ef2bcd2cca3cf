import type { AttemptOutcome } from './attempt-outcome.js';
import type { AttemptStatus } from './attempt.js';
import type { EncodedData } from './data.js';
import type { ByteName } from './names.js';
import type { Retrying } from './retry-rules.js';
import type { Micros } from './time.js';
import type { NewWorkUnit, WorkUnitStatus } from './work-unit.js';

// What the rules of this folder read and write, as a storage backend implements it. The backend says how state is kept, the
// rules say what becomes of it. An implementation need not be one object per unit: it may stand for one after another, as
// long as it stays where it is while a rule has it.

/** One attempt, as a backend keeps it. */
export interface AttemptPort {
  readonly number: number;
  readonly worker: ByteName;
  readonly start: Micros;
  readonly status: AttemptStatus;
  /** The end of its lease. */
  expiration: Micros;
  /**
   * Its lease ran out by itself and its unit has had no other attempt, clear or re-add since. Of one that has ended in another way and
   * is its unit's active one: the unit's data have been edited since then, and are what it reads as (see isOverruled).
   */
  late: boolean;
  /** What its worker gave it; undefined: nothing yet. Not to be written to, and to be used at once. */
  ownData: EncodedData | undefined;
  /** What it shows: its own data, else those that its unit had when it began. As ownData. */
  readonly data: EncodedData;
  /** Sets the status, and when it ended: ZERO_TIME while it is pending. */
  become(status: AttemptStatus, end: Micros): void;
  /** Tells who looks on that it has come to an end. */
  noteEnd(outcome: AttemptOutcome, end: Micros): void;
}

/**
 * One work unit, as a backend keeps it. Its latest attempt is its active one exactly when it reads pending, finished or failed.
 * @typeParam W - what the backend knows a worker by
 */
export interface UnitPort<W> {
  readonly status: WorkUnitStatus;
  /**
   * The moment that matters in its status: available: since when; delayed: until when; pending: the lease's end;
   * finished, failed: when it ended.
   */
  readonly moment: Micros;
  notBefore: Micros;
  priority: number;
  /** Its own data; what its attempts show stays when they are replaced. As AttemptPort.ownData. */
  data: EncodedData;
  /** Attempts since it was last added, re-added or cleared, which is what max_retries limits. */
  tries: number;
  /** Failures since then that its spec's policy of retrying counts; 0 where the spec has none. */
  failures: number;
  /**
   * What is to follow if the lease of its latest attempt runs out, where that counts as a failure: how long it rests then; below 0:
   * it stays failed (see retry-rules.ts). Undefined: it does not count.
   */
  lapse: Micros | undefined;
  readonly latest: AttemptPort | undefined;
  /** Sets the status, and the moment that matters in it. @param cause - why it failed, where that is its status: see cause.ts */
  enter(status: WorkUnitStatus, moment: Micros, cause?: string): void;
  /** Records a new attempt, which is pending, as the latest one, with the unit's data as they are now. */
  begin(worker: W, number: number, start: Micros, expiration: Micros): void;
}

/** The units of one work spec. */
export interface UnitsPort {
  /** @returns undefined when there is none of that name */
  find(name: ByteName): UnitPort<unknown> | undefined;
  /** Makes a unit of a name that `find` has just not found. `notBefore` and `moment` are those of the new unit. */
  create(unit: NewWorkUnit, notBefore: Micros, status: WorkUnitStatus, moment: Micros): void;
  /** Tells who looks on that a unit has been added, or added again. */
  noteAdded(now: Micros): void;
}

/** What a change of a unit asks of its work spec and of what is around it. */
export interface SpecPort<W> {
  /** The record of a worker, made if need be. */
  worker(name: ByteName, now: Micros): W;
  /** Makes the record of a worker who reports, if need be and while there is room. */
  noteReporter(name: ByteName, now: Micros): void;
  /** The number of an attempt that begins; 0 where it gets one when it is written. */
  nextNumber(): number;
  /** Whether the spec names a next one that could take what finished units put out. */
  readonly chains: boolean;
  /** What becomes of failures; undefined: they are for good. */
  readonly retrying: Retrying | undefined;
  /** To be called before anything changes by what stores so many bytes of data. @throws when there is no room for them */
  admit(bytes: number): void;
  /**
   * Reads the units that finished data describe, before anything changes. @throws when there is no room for them; or what makes
   * the backend carry out the change from its beginning once it has read them
   */
  readOutput(data: EncodedData): void;
  /** Adds what was read last to the next spec, once the attempt has finished. */
  addOutput(now: Micros): void;
}
