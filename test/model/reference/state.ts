import type { Encodable } from '../../../src/cbor/index.js';
import { encode } from '../../../src/cbor/index.js';

/**
 * What the reference model holds: plain objects in plain lists. It shares no rule with the code under test, only the
 * shapes of questions and answers; whatever can be looked up by going over everything is looked up so.
 */
export interface RefNamespace {
  name: string;
  specs: RefSpec[];
  workers: RefWorker[];
}

export interface RefSpec {
  name: string;
  fields: SpecFields;
  meta: RefMeta;
  units: RefUnit[];
  /** When the bucket of its rate limit is full if nothing more is handed out. */
  fullAt: number;
  /** Whether the clock has been set back behind a moment of it, which counts no longer. */
  isCorrected?: boolean;
  slots: RefSlots | undefined;
}

/** What a definition says, in the words of its dictionary. */
export interface SpecFields {
  priority?: number;
  weight?: number;
  disabled?: boolean;
  continuous?: boolean;
  interval?: number;
  min_gb?: number;
  max_running?: number;
  max_getwork?: number;
  max_retries?: number;
  then?: string;
  runtime?: string;
  flow?: FlowFields;
}

// Types, since only those are dictionaries to the compiler.
export type FlowFields = {
  retry?: RetryFields;
  /** Specs that must have nothing left to be done. */
  after?: string[];
  rate_limit?: RateFields;
  schedule?: ScheduleFields;
};

export type ScheduleFields = {
  cron: CronName;
  timezone: string;
  overlap?: 'skip' | 'buffer' | 'allow';
  /** In seconds. */
  catch_up?: number;
  catch_up_all?: boolean;
};

/** The expressions whose slots the reference model knows. */
export type CronName = '*/5 * * * * *' | '*/2 * * * *' | '*/30 * * * *' | '30 2 * * *';

export interface RefSlots {
  next: number;
  last: number;
  buffered: number;
  missed: number;
}

export type RateFields = {
  units: number;
  /** In seconds. */
  per: number;
  burst: number;
};

export type RetryFields = {
  attempts: number;
  backoff?: 'fixed' | 'linear' | 'exponential';
  /** In seconds, as the others. */
  delay?: number;
  max_delay?: number;
  except?: string[];
  expired?: boolean;
};

export interface RefMeta {
  priority: number;
  weight: number;
  paused: boolean;
  continuous: boolean;
  canBeContinuous: boolean;
  minMemoryGb: number;
  intervalNs: bigint;
  nextContinuous: number;
  lastContinuous: number;
  maxRunning: number;
  maxAttemptsReturned: number;
  maxRetries: number;
  nextWorkSpecName: string;
  runtime: string;
}

export type Data = Readonly<Record<string, Encodable>>;

export interface RefUnit {
  name: string;
  data: Data;
  priority: number;
  notBefore: number;
  /** Whether it has been available since before the clock was set back, and stays so until something becomes of it. */
  isReady: boolean;
  attempts: RefAttempt[];
  active: RefAttempt | undefined;
  /** The latest event that ends the lateness of its attempts: another attempt, a clear, a re-add. */
  disturbed: number;
  /** The event since which attempts count against max_retries: added, re-added or cleared. */
  countedSince: number;
}

export type RefStatus = 'pending' | 'expired' | 'finished' | 'failed' | 'retryable' | 'cancelled' | 'recalled';

export interface RefAttempt {
  /** The event at which it began. */
  born: number;
  /** What the backend calls it; set once the backend has answered. */
  number: number;
  namespace: string;
  spec: string;
  unit: string;
  worker: string;
  status: RefStatus;
  /** Whether it only said that its unit has been tried too often: as long as it is failed, it is nothing its worker did. */
  refused: boolean;
  own: Data | undefined;
  /** The data of its unit when it began. */
  first: Data;
  start: number;
  end: number;
  expiration: number;
  /** Whether its unit has been given other data since it ended, while it was its active one. */
  overruled: boolean;
  /** The event at which its lease ran out by itself while it was its unit's active attempt. */
  ranOut: number | undefined;
  /** The event at which it failed, or its lease ran out, and that counts for retrying. */
  countedAt: number | undefined;
  /** What follows if its lease runs out, where that counts: the pause, and whether there is to be none. */
  onLapse: { pause: number; fails: boolean; always: boolean } | undefined;
}

export interface RefWorker {
  name: string;
  parent: string | undefined;
  mode: string;
  data: Data;
  lastUpdate: number;
  expiration: number;
  deactivated: boolean;
  reported: boolean;
  /** Since when it has not been active, where that is not its expiration. */
  inactiveSince: number | undefined;
  lastClaim: number | undefined;
  latestClaim: RefAttempt[];
}

export const NEVER = -62_135_596_800_000_000;
export const QUARTER_HOUR = 900_000_000;

const forms = new WeakMap<Data, string>();

/** The encoded form of data as hexadecimal digits. */
export function hexOf(data: Data): string {
  let form = forms.get(data);
  if (form === undefined) forms.set(data, (form = encode(data).toString('hex')));
  return form;
}
