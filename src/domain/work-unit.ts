import type { CauseId } from './cause.js';
import type { EncodedData } from './data.js';
import type { ByteName } from './names.js';
import type { Micros } from './time.js';
import { laterBy, ZERO_TIME } from './time.js';
import type { AttemptRecord } from './attempt.js';

/** What a work unit reads as: that of its active attempt, or without one available or delayed, as the time is. */
export const WORK_UNIT_STATUSES = ['available', 'delayed', 'pending', 'finished', 'failed'] as const;
export type WorkUnitStatus = (typeof WORK_UNIT_STATUSES)[number];

/** Units per status. */
export type WorkUnitCounts = Record<WorkUnitStatus, number>;

export function noCounts(): WorkUnitCounts {
  return { available: 0, delayed: 0, pending: 0, finished: 0, failed: 0 };
}

/** How the work of one spec stands. */
export interface SpecCondition {
  namespace: string;
  workSpec: string;
  counts: WorkUnitCounts;
  /** How long the unit that has been available longest has been so; undefined: none is available. */
  oldestAvailable: Micros | undefined;
  /** Until when nothing of it is handed out because of its rate limit; undefined: something may be. */
  limitedUntil: Micros | undefined;
}

/** One line of a summary: how many units of a spec are in a status. Lines with a count of zero are left out. */
export interface SummaryRecord {
  namespace: string;
  workSpec: string;
  status: WorkUnitStatus;
  count: number;
}

export interface WorkUnitMeta {
  /** Higher runs first within its spec. Finite. */
  priority: number;
  /** Not handed out before this moment; ZERO_TIME = at once. */
  notBefore: Micros;
}

export const DEFAULT_UNIT_META: Readonly<WorkUnitMeta> = { priority: 0, notBefore: ZERO_TIME };

/** A unit to add, with a delay (counted from the moment of adding) or a moment, whichever its client speaks in. */
export interface NewWorkUnit {
  name: ByteName;
  data: EncodedData;
  priority: number;
  /** Microseconds from the moment of adding until it may run; wins over notBefore. */
  delay?: Micros;
  notBefore?: Micros;
}

/** Units to add, in their order; may be gone through more than once. */
export type NewWorkUnits = Iterable<NewWorkUnit> & {
  readonly length: number;
  /** How many bytes they have, where that is known without going through them; their names have been checked then. */
  readonly encodedBytes?: number;
};

/** A work unit as it reads at the moment of asking. */
export interface WorkUnit extends WorkUnitMeta {
  name: ByteName;
  status: WorkUnitStatus;
  /** The active attempt's data where that is set, else the unit's own, and those where they have been edited since it ended. */
  data: EncodedData;
  /** The pending, finished or failed attempt that the status is read from. */
  activeAttempt?: AttemptRecord;
  /** Why it failed, where it did. */
  failure?: CauseId;
}

/** Those of the units that a query selects that are pending. */
export function onlyPending(query: WorkUnitQuery): WorkUnitQuery {
  const { statuses } = query;
  return { ...query, statuses: !statuses || statuses.includes('pending') ? ['pending'] : [] };
}

/** How much there is to read of a unit. */
export interface MeasuredUnit {
  name: ByteName;
  /** Length of the data that the unit shows. */
  bytes: number;
}

/** Selects units of one spec. Every absent part does not restrict; an empty list selects nothing. */
export interface WorkUnitQuery {
  names?: readonly ByteName[];
  statuses?: readonly WorkUnitStatus[];
  /** Names strictly greater, bytewise. */
  previous?: ByteName;
  /** The first so many in bytewise order. */
  limit?: number;
  /** Those that are failed by this cause: a number of causeNumber. */
  failure?: number;
  /** Names that begin so. */
  prefix?: ByteName;
  /** Names that have this in them. What is not empty makes the storage look at all names that the rest of the query leaves. */
  contains?: ByteName;
  /** Those that this worker holds: pending, by an attempt of it. */
  worker?: ByteName;
}

/** Names that a query with `contains` has found. */
export interface NameSearch {
  readonly names: ByteName[];
  /** How many names were looked at. */
  readonly looked: number;
  /** The last of them, behind which there may be more; absent: there are none. */
  readonly lookedTo?: ByteName;
}

/** How many units a query selects, of those that were looked at. */
export interface SelectedCounts {
  readonly counts: WorkUnitCounts;
  /** How many units were looked at. */
  readonly looked: number;
  /** The last of them, behind which there may be more; absent: there are none. */
  readonly lookedTo?: ByteName;
}

/** One search, and one count, looks at so many names at most. */
export const MOST_LOOKS = 50_000;

/** What units failed by that are failed now. */
export interface FailureGroup {
  readonly id: CauseId;
  readonly cause: string;
  readonly count: number;
  /** When the first and the last of them failed. */
  readonly first: Micros;
  readonly last: Micros;
  /** Some of them, the first by name. */
  readonly examples: readonly ByteName[];
}

/** Of each cause so many units are named as examples. */
export const FAILURE_EXAMPLES = 3;

/** Sets a unit's own fields; absent ones stay. */
export interface WorkUnitChange extends Partial<WorkUnitMeta> {
  /** Its own data; from then on it reads so, whatever its active attempt says. */
  data?: EncodedData;
  /** Whether it has no active attempt afterwards. */
  clear?: boolean;
}

/** Set on all, or added to each. */
export type PriorityChange = { to: number } | { by: number };

/** The time a unit may start, of the two ways to say it. */
export function notBeforeOf(unit: Pick<NewWorkUnit, 'delay' | 'notBefore'>, now: Micros): Micros {
  if (unit.delay === undefined) return unit.notBefore ?? ZERO_TIME;
  return laterBy(unit.delay, now);
}

/** A priority that has been added to; priorities stay finite. */
export function adjustedPriority(priority: number, by: number): number {
  return Math.min(Math.max(priority + by, -Number.MAX_VALUE), Number.MAX_VALUE);
}
