import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import { ZERO_TIME } from '../../domain/time.js';
import type { EncodedData } from '../../domain/work-unit.js';
import { EMPTY_DATA } from '../../domain/work-unit.js';
import type { LinkedList } from './structures/linked-list.js';
import type { SpecWork } from './spec-work.js';

/** A worker's attempts at the units of one spec. */
export interface WorkerAttempts {
  /** Still in status pending, those that are no longer their unit's active ones included. */
  readonly pending: LinkedList;
  readonly ended: LinkedList;
}

/** A worker. There are far fewer of these than of units, so that they are plain objects. */
export class WorkerRecord {
  parent: WorkerRecord | undefined;
  readonly children = new Set<WorkerRecord>();
  mode = '';
  data: EncodedData = EMPTY_DATA;
  lastUpdate: Micros = ZERO_TIME;
  expiration: Micros = ZERO_TIME;
  deactivated = false;
  /** Since when it has not been active, where it is not. */
  inactiveSince: Micros = ZERO_TIME;
  /** Whether it has sent a heartbeat or update itself. */
  reported = false;
  /** Removed by retention: nobody sees it, but its attempts keep its name; it comes back when it is named again. */
  retired = false;
  /** How many claims that take longer are under way for it: it must not go meanwhile. */
  claiming = 0;
  lastClaim: Micros | undefined;
  /** What its latest claim gave it. The numbers tell an attempt that is gone from a later one in its record. */
  latestClaim: { work: SpecWork; attempts: { id: number; number: number }[] } | undefined;
  readonly attempts = new Map<SpecWork, WorkerAttempts>();

  constructor(
    readonly id: number,
    readonly name: ByteName,
  ) {}

  isActive(now: Micros): boolean {
    return !this.deactivated && now < this.expiration;
  }
}
