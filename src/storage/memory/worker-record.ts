import type { Attempt, AttemptRecord, AttemptStatus } from '../../domain/attempt.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import { ZERO_TIME } from '../../domain/time.js';
import type { WorkerPort } from '../../domain/worker-rules.js';
import { isWorkerActive } from '../../domain/worker-rules.js';
import type { EncodedData } from '../../domain/data.js';
import { EMPTY_DATA } from '../../domain/data.js';
import type { WorkerTold } from '../../domain/worker-told.js';
import { toldBy } from '../../domain/worker-told.js';
import { RecentDone } from '../../live/history/recorder/recent-done.js';
import type { WorkSpec } from '../../domain/work-spec.js';
import type { AttemptTable } from './attempt-table.js';
import type { Gate, Holdable } from './gate.js';
import type { LinkedList } from './structures/linked-list.js';
import type { UnitTable } from './unit-table.js';

/** A worker's attempts at the units of one spec. */
export interface WorkerAttempts {
  /** Still in status pending, those that are no longer their unit's active ones included. */
  readonly pending: LinkedList;
  readonly ended: LinkedList;
}

/** A spec as seen from a worker that has attempts at units of it. */
export interface AttemptedSpec extends Holdable {
  readonly definition: WorkSpec;
  readonly gate: Gate;
  isBusy(now: Micros): boolean;
}

/** The work of one spec, as seen from there: it may be that of the spec no longer. */
export interface AttemptedWork {
  readonly spec: AttemptedSpec;
  readonly isDropped: boolean;
  /** There from the moment of a snapshot on until that has been read, if the units were there at that moment. */
  readonly image: object | undefined;
  readonly units: UnitTable;
  readonly attempts: AttemptsAtSpec;
}

/** The attempts at the units of one spec, as who comes by way of a worker asks for them. */
export interface AttemptsAtSpec {
  readonly table: AttemptTable;
  listOf(worker: WorkerRecord, pendingOnly: boolean): Generator<number, number[]>;
  hasPending(worker: WorkerRecord, now: Micros): boolean;
  hasCompleted(unit: number, worker: WorkerRecord, number: number): boolean;
  statusNow(attempt: number, now: Micros): AttemptStatus;
  isRefused(attempt: number): boolean;
  heldBy(worker: WorkerRecord, now: Micros): number;
  record(attempt: number, workSpec: string, now: Micros): AttemptRecord;
  read(attempt: number, workSpec: string, now: Micros): Attempt;
}

/** What a claim gave a worker. The numbers tell an attempt that is gone from a later one in its record. */
export interface LatestClaim {
  readonly work: AttemptedWork;
  readonly attempts: readonly { readonly id: number; readonly number: number }[];
}

/** A worker. There are far fewer of these than of units, so that they are plain objects. */
export class WorkerRecord implements WorkerPort {
  parent: WorkerRecord | undefined;
  readonly children = new Set<WorkerRecord>();
  mode = '';
  private ownData: EncodedData = EMPTY_DATA;
  lastUpdate: Micros = ZERO_TIME;
  expiration: Micros = ZERO_TIME;
  deactivated = false;
  inactiveAt: Micros = ZERO_TIME;
  reported = false;
  /** Removed by retention: nobody sees it, but its attempts keep its name; it comes back when it is named again. */
  retired = false;
  /** How many claims that take longer are under way for it: it must not go meanwhile. */
  claiming = 0;
  lastClaim: Micros | undefined;
  /** What its latest claim gave it. */
  latestClaim: LatestClaim | undefined;
  readonly attempts = new Map<AttemptedWork, WorkerAttempts>();
  private recentlyDone: RecentDone | undefined;
  /** What its data tell, once somebody has asked. */
  private known: WorkerTold | undefined;

  constructor(
    readonly id: number,
    readonly name: ByteName,
  ) {}

  get data(): EncodedData {
    return this.ownData;
  }
  set data(data: EncodedData) {
    this.ownData = data === EMPTY_DATA ? data : Buffer.from(data);
    this.known = undefined;
  }

  /** What its data tell of it. */
  get told(): WorkerTold {
    return (this.known ??= toldBy(this.ownData));
  }

  /** It has finished a unit. */
  finished(end: Micros): void {
    (this.recentlyDone ??= new RecentDone()).add(end);
  }

  /** How many units it has finished in the last hour. */
  doneLately(now: Micros): number {
    return this.recentlyDone?.within(now) ?? 0;
  }

  forgetDone(): void {
    this.recentlyDone = undefined;
  }

  isActive(now: Micros): boolean {
    return isWorkerActive(this, now);
  }
}
