import type { AttemptRecord } from './attempt.js';
import type { ByteName } from './names.js';
import type { EncodedData } from './data.js';
import type { Micros } from './time.js';
import type { WorkerTold } from './worker-told.js';

export interface Worker {
  name: ByteName;
  parent?: ByteName;
  /** Sorted bytewise. */
  children: ByteName[];
  /** Not deactivated and not past its expiration. */
  active: boolean;
  mode: string;
  data: EncodedData;
  lastUpdate: Micros;
  expiration: Micros;
  /** When it last was given work; shows a worker that seems alive but does not fetch. */
  lastClaim?: Micros;
}

/** A worker in a listing; with its last claim where that was asked for, or is the order. */
export type WorkerSummary = Pick<Worker, 'name' | 'active' | 'mode' | 'parent' | 'lastClaim' | 'lastUpdate'> & {
  /** How many units it holds, where that was asked for. */
  units?: number;
  /** How many units it has finished in the last hour, where what it holds was asked for. */
  done?: number;
  /** What its data tell, likewise. */
  told?: WorkerTold;
};

/** Where a listing by last claim goes on. */
export type ClaimPlace = Pick<Worker, 'name' | 'lastClaim'>;

/**
 * The order by last claim: those first that were never given work, then those that have waited longest; by name where that is
 * the same.
 */
export function compareClaims(a: ClaimPlace, b: ClaimPlace): number {
  return (a.lastClaim ?? 0) - (b.lastClaim ?? 0) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

export interface WorkerQuery {
  /** Only those active now. */
  active?: boolean;
  /** Only those that have sent a heartbeat or update themselves. */
  reported?: boolean;
  /** Names strictly greater. */
  previous?: ByteName;
  limit?: number;
  /** Whether it is to be told when each was last given work, how many units it holds and has finished lately, and what its data tell. */
  held?: boolean;
  /** In the order of compareClaims; absent: by name. */
  byClaim?: boolean;
  /** With byClaim: those that come behind it. */
  after?: ClaimPlace;
}

/** A change of a worker's record, which comes into being where it is not there. All of it or none happens. */
export interface WorkerChange {
  /** Sets the parent, whose record is made if need be; null takes it away. A descendant or itself is refused. */
  parent?: ByteName | null;
  update?: WorkerUpdate;
  deactivate?: boolean;
}

/** A sign of life, which makes a worker active; absent data and mode stay as they are. */
export interface WorkerUpdate {
  data?: EncodedData;
  mode?: string;
  /** When the worker gave it; absent: now. */
  lastUpdate?: Micros;
  /** Until when it counts; absent: for `lifetime` from now on. */
  expiration?: Micros;
  lifetime?: Micros;
  /** While the worker is active, a moment that is absent stays as it is; one that is gone comes back from now on. */
  keepTimes?: boolean;
}

/** Numbers of active workers. */
export interface WorkerStats {
  workers: number;
  /** Those with a parent. */
  children: number;
}

/** A unit of a worker's latest claim that it has neither finished nor failed, for its parent to watch over. */
export interface ClaimedUnit {
  workSpec: string;
  /** Whether the spec's dictionary spells its name as a byte string. */
  nameIsBytes: boolean;
  workUnit: ByteName;
  data: EncodedData;
  /** The unit's pending attempt now, maybe another worker's; absent when nobody holds it. */
  holder?: AttemptRecord;
}
