import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import type { EncodedData } from '../../../domain/data.js';
import type { NewWorkUnit } from '../../../domain/work-unit.js';
import type { SpecName } from '../units/spec-directory.js';
import type { SpecHead } from '../units/spec-head.js';
import type { Job } from './job.js';
import type { LockedRows } from './locked-rows.js';

/** A change of units of one work spec. Many are carried out in one transaction, one after another. */
export interface UnitChange<T> {
  readonly target: SpecName;
  /** The units to lock. */
  readonly names: readonly ByteName[];
  /** Whether their data are needed, given the spec. */
  needsData?(spec: SpecHead): boolean;
  /** The attempt that it is about, of the first unit: looked for in the history when it is not the latest. */
  readonly attemptNumber?: number;
  /** The worker whose record it makes if need be, and keeps from being removed, unless it is an end. */
  readonly worker?: ByteName;
  /**
   * Changes what has been locked; called again from the start when the transaction has to be.
   * @returns what gives the answer once the transaction has ended. What either throws is the answer too; what `apply`
   * throws comes before it has changed anything.
   */
  apply(rows: LockedRows): () => T;
  /** What it adds, if that is all it does. */
  readonly units?: readonly NewWorkUnit[];
  /** What it does to a pending attempt of the unit, where it ends that: `apply` and this come to the same. */
  readonly end?: StraightEnd<T>;
}

export type ChangeJob = Job<UnitChange<unknown>>;

/** The end of an attempt, as most changes of units are: of one that is pending and whose lease runs. */
export interface StraightEnd<T> {
  readonly status: 'finished' | 'failed';
  readonly data: EncodedData | undefined;
  /** Why it fails, where it does. */
  readonly cause: string | undefined;
  /** Who must hold the unit (and so has a record as a worker); undefined: whoever does. */
  readonly worker: ByteName | undefined;
  /** Which attempt it must be; undefined: whichever it is. */
  readonly attempt?: { readonly number: number; readonly start: Micros };
  answer(attempt: { readonly end: Micros; readonly expiration: Micros }): T;
}
