import type { ByteName, WorkerPrefix } from './names.js';
import type { EncodedData } from './data.js';
import type { WorkUnitStatus } from './work-unit.js';
import type { Micros } from './time.js';

/** A worker's word on a unit it names by spec and name, not by attempt: how workers of the CBOR-RPC interface report. */
export interface WorkUnitReport {
  workSpec: string;
  workUnit: ByteName;
  /** What the worker says the unit is now; absent: only a sign of life, or new data. */
  status?: ReportedStatus;
  data?: EncodedData;
  /** Lease of whatever is pending afterwards; zero or less gives the unit back at once. */
  lifetime: Micros;
  /** With `available`, of what is pending: it is to be done again after so long, as by a retry; absent: the attempt expires. */
  delay?: Micros;
  /**
   * Who reports. A worker that says so is fenced: it changes nothing while another holds the unit. Most clients never
   * say; a new attempt is then of the worker of the unit's latest attempt, else of the worker with the empty name.
   */
  worker?: ByteName;
  /** It changes nothing while a worker holds the unit whose name does not begin so; absent: whoever holds it. */
  workers?: WorkerPrefix;
}

export type ReportedStatus = 'available' | 'pending' | 'finished' | 'failed';

/** What a report does to the unit. */
export type ReportEffect =
  /** Nothing, and the answer is no. */
  | 'nothing'
  /** Nothing, and the answer is yes: the worker repeats what is known. */
  | 'keep'
  /** The data become the unit's own, as by adding it again with its priority and not_before. */
  | 'replace data'
  /** The late attempt, else a new one, goes to the reported status. */
  | 'bring home'
  /** The active attempt makes the transition of that name. */
  | 'renew'
  | 'expire'
  | 'retry'
  | 'finish'
  | 'fail'
  /** The unit has no active attempt afterwards. */
  | 'clear'
  /** The report makes no sense from here: an error. */
  | 'refuse';

const FROM_IDLE: Record<ReportedStatus, ReportEffect> = {
  available: 'keep',
  pending: 'bring home',
  finished: 'bring home',
  failed: 'bring home',
};

const EFFECTS: Record<WorkUnitStatus, Record<ReportedStatus | 'none', ReportEffect>> = {
  available: { ...FROM_IDLE, none: 'nothing' },
  delayed: { ...FROM_IDLE, none: 'nothing' },
  pending: { none: 'renew', available: 'expire', pending: 'renew', finished: 'finish', failed: 'fail' },
  finished: { none: 'keep', available: 'clear', pending: 'refuse', finished: 'keep', failed: 'keep' },
  failed: { none: 'keep', available: 'clear', pending: 'refuse', finished: 'finish', failed: 'keep' },
};

/** What a report does, by the unit's present status. */
export function effectOf(
  unit: WorkUnitStatus,
  reported: ReportedStatus | undefined,
  hasData: boolean,
  hasDelay = false,
): ReportEffect {
  const effect = EFFECTS[unit][reported ?? 'none'];
  if (hasDelay && effect === 'expire') return 'retry';
  const idle = unit === 'available' || unit === 'delayed';
  return idle && hasData && effect !== 'bring home' ? 'replace data' : effect;
}

/** The answer to a report. */
export type ReportAnswer =
  | { changed: true }
  | { changed: false; reason?: 'no such work unit' }
  | { changed: false; reason: 'held by another'; holder: ByteName }
  /** The attempt that the word is of, as far as can be told, has been stopped. */
  | { changed: false; reason: 'cancelled' }
  /** pending was reported of a unit that is finished or failed. */
  | { changed: false; reason: 'refused'; unit: WorkUnitStatus };
