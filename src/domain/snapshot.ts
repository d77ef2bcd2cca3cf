import type { AttemptStatus } from './attempt.js';
import type { ByteName } from './names.js';
import type { Micros } from './time.js';
import type { WorkSpecDefinition } from './work-spec.js';
import type { EncodedData } from './data.js';
import type { WorkUnitStatus } from './work-unit.js';

/**
 * A storage at one moment, as a sequence of records: the head, then for each namespace the namespace, its work specs, each
 * followed by its units in the order of their names, each of these followed by its attempts in the order of their numbers,
 * and then its workers. Leases and delays that have run out by that moment have taken effect.
 */
export type SnapshotRecord =
  SnapshotHead | SnapshotNamespace | SnapshotSpec | SnapshotUnit | SnapshotAttempt | SnapshotWorker;

export interface SnapshotHead {
  readonly kind: 'head';
  /** When it was taken. */
  readonly takenAt: Micros;
  /** The last number that was given to an attempt: none up to it is given again. */
  readonly lastAttemptNumber: number;
  /** How many units there are, for those who watch; what follows decides. */
  readonly units: number;
}

interface SnapshotNamespace {
  readonly kind: 'namespace';
  readonly name: string;
}

export interface SnapshotSpec {
  readonly kind: 'work spec';
  readonly definition: WorkSpecDefinition;
  /** When the bucket of its rate limit is full, where it is not yet. */
  readonly fullAt?: Micros;
}

export interface SnapshotUnit {
  readonly kind: 'work unit';
  readonly name: ByteName;
  readonly data: EncodedData;
  readonly priority: number;
  readonly notBefore: Micros;
  /** Pending, finished and failed: that of its last attempt, which is its active one. */
  readonly status: WorkUnitStatus;
  /** Available: since when; delayed: until when; pending: the end of the lease; finished, failed: when it ended. */
  readonly moment: Micros;
  /** Attempts since it was last added, re-added or cleared. */
  readonly tries: number;
  /** Failures since then that count for retrying, and what follows if its lease runs out: as UnitPort has them. Absent: none. */
  readonly failures?: number;
  readonly lapse?: Micros;
  /** Why it failed, where that is not what the data of its last attempt say. */
  readonly cause?: string;
}

export interface SnapshotAttempt {
  readonly kind: 'attempt';
  readonly number: number;
  readonly worker: ByteName;
  readonly status: AttemptStatus;
  readonly start: Micros;
  /** ZERO_TIME until it ends. */
  readonly end: Micros;
  readonly expiration: Micros;
  /** Its lease ran out by itself and its unit has had no other attempt, clear or re-add since. */
  readonly late: boolean;
  /** Its own data. Those of an attempt that another one has come after are given whole, its own or not. */
  readonly data?: EncodedData;
  /** The unit's data when it began, where it has none of its own and those have been replaced. */
  readonly startData?: EncodedData;
}

export interface SnapshotWorker {
  readonly kind: 'worker';
  readonly name: ByteName;
  readonly parent?: ByteName;
  readonly mode: string;
  readonly data: EncodedData;
  readonly lastUpdate: Micros;
  readonly expiration: Micros;
  readonly deactivated: boolean;
  /** Since when it has not been active, where it is not. */
  readonly inactiveSince?: Micros;
  /** Whether it has sent a heartbeat or update itself. */
  readonly reported: boolean;
  readonly lastClaim?: Micros;
  /** What it was given last, and has not finished or failed since: its attempts from one number to another. */
  readonly claim?: { readonly workSpec: string; readonly first: number; readonly last: number };
}

/** Records as they come, many at a time. */
export type SnapshotRecords = AsyncIterable<readonly SnapshotRecord[]>;

/** A snapshot can only be put into a storage that holds nothing: no work specs and no workers. */
export class StorageNotEmptyError extends Error {
  constructor() {
    super('the storage is not empty: a dump can only be restored into one that holds no work specs and no workers');
    this.name = 'StorageNotEmptyError';
  }
}

/** How many of each kind. */
export interface SnapshotCounts {
  namespaces: number;
  workSpecs: number;
  workUnits: number;
  attempts: number;
  workers: number;
}

export function noSnapshotCounts(): SnapshotCounts {
  return { namespaces: 0, workSpecs: 0, workUnits: 0, attempts: 0, workers: 0 };
}

export function countRecord(counts: SnapshotCounts, { kind }: SnapshotRecord): void {
  if (kind === 'work unit') counts.workUnits++;
  else if (kind === 'attempt') counts.attempts++;
  else if (kind === 'worker') counts.workers++;
  else if (kind === 'work spec') counts.workSpecs++;
  else if (kind === 'namespace') counts.namespaces++;
}
