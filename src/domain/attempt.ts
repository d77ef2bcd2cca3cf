import type { Awaitable } from './awaitable.js';
import type { ByteName, WorkerPrefix } from './names.js';
import type { EncodedData } from './data.js';
import type { Micros } from './time.js';

/** The statuses that clients see. */
export const SHOWN_STATUSES = ['pending', 'expired', 'finished', 'failed', 'retryable'] as const;
export type ShownStatus = (typeof SHOWN_STATUSES)[number];

/**
 * The statuses that are stored. One that was stopped is told from one that failed, or was retried, by itself: it is `cancelled`
 * where that failed its unit, `recalled` where its unit was given back.
 */
export const ATTEMPT_STATUSES = [...SHOWN_STATUSES, 'cancelled', 'recalled'] as const;
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number];

/** Whether an attempt was stopped by somebody else than its worker. */
export function isStopped(status: AttemptStatus): status is 'cancelled' | 'recalled' {
  return status === 'cancelled' || status === 'recalled';
}

/** What clients see of a status; that an attempt was stopped they see beside it. */
export function shownStatus(status: AttemptStatus): ShownStatus {
  if (status === 'cancelled') return 'failed';
  return status === 'recalled' ? 'retryable' : status;
}

/** Addresses one attempt of a namespace for ever: a name is used again, a number never. */
export interface AttemptRef {
  workSpec: string;
  workUnit: ByteName;
  worker: ByteName;
  start: Micros;
  /** Grows with every attempt of a storage, so that equal start times stay apart. */
  number: number;
}

/** An attempt without its data. */
export interface AttemptRecord extends AttemptRef {
  status: AttemptStatus;
  /** ZERO_TIME until it ends. */
  end: Micros;
  expiration: Micros;
}

export interface Attempt extends AttemptRecord {
  /** Its own data where set, else what the unit's were when it began. */
  data: EncodedData;
}

/** A certain unit that a worker wants to begin, whatever its state. */
export interface MakeRequest {
  worker: ByteName;
  workSpec: string;
  workUnit: ByteName;
  /** Length of the lease. */
  lifetime: Micros;
  /** It is refused while a worker holds the unit whose name does not begin so; absent: whoever holds it. */
  workers?: WorkerPrefix;
}

export interface ClaimRequest {
  worker: ByteName;
  /** How many units at most; at least 1. */
  units: number;
  /**
   * How many bytes the units may have together, with their names and their spec's; the first fits whatever it has. A claim
   * that reaches it gives out less. Absent = any number.
   */
  maxBytes?: number;
  /** Length of the lease. */
  lifetime: Micros;
  /** Limits the specs considered; absent or empty = any. Unknown names are ignored. */
  workSpecs?: readonly string[];
  /** Limits the runtimes, compared exactly; absent or empty = any. */
  runtimes?: readonly string[];
  /** Specs that need more memory are left out; absent or ≤ 0 = no limit. */
  availableGb?: number;
  /** Nothing is made where the namespace is not there; else it is made. */
  onlyInExisting?: boolean;
}

/** What was claimed, all of one spec; `workSpec` is absent when there was nothing. */
export interface Claim {
  workSpec?: string;
  /** Whether the spec's dictionary spells its name as a byte string. */
  nameIsBytes: boolean;
  attempts: Attempt[];
  /** Whether there is no such namespace, where none was to be made. */
  noNamespace?: boolean;
}

export const NO_CLAIM: Readonly<Claim> = { nameIsBytes: false, attempts: [] };
export const NO_NAMESPACE: Readonly<Claim> = { ...NO_CLAIM, noNamespace: true };

/** A change that a worker asks for on an attempt. */
export type WorkerAction = 'renew' | 'expire' | 'finish' | 'fail' | 'retry';

/** A change of an attempt: of its worker, or by who stops it. `cancel` fails its unit, `recall` gives it back. */
export type AttemptAction = WorkerAction | 'cancel' | 'recall';

export interface AttemptChange {
  ref: AttemptRef;
  action: AttemptAction;
  /** Becomes the attempt's own data; absent leaves them. */
  data?: EncodedData;
  /** renew: the new lease from now on; zero or less expires. */
  duration?: Micros;
  /** retry: until the unit may start again, from now on; zero or more. */
  delay?: Micros;
  /** fail: what the worker calls the cause; absent: what the data say. cancel: the reason, which the cause tells of. */
  cause?: string;
  /** fail: it is for good, whatever the spec's policy of retrying says. */
  final?: boolean;
}

/** How the attempts of units are stopped. */
export interface Cancellation {
  /** Why, for people; absent or empty: nobody said. */
  reason?: string;
  /** Whether the units are given back; else they are failed. */
  release?: boolean;
  /** Units that a worker holds whose name does not begin so are left alone; absent: whoever holds them. */
  workers?: WorkerPrefix;
}

/** Which attempts are meant: a worker's in status pending, all of its, those of it that were stopped, or its direct children's in status pending. */
export type AttemptsOf = 'active' | 'all' | 'stopped' | 'of children';

/** A list of attempts that is read in windows, oldest first: each attempt as it is when it is read, without its data. */
export interface AttemptList {
  /** How many attempts are held in memory for it. */
  readonly held: number;
  /** The next ones. @returns fewer than `most` when there are no more */
  next(most: number): Awaitable<AttemptRecord[]>;
}
