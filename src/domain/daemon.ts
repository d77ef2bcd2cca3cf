import type { Micros } from './time.js';

/** So many daemons of a storage are told of. */
export const MOST_DAEMONS = 1_000;

/** A daemon that has a storage open, as it said of itself there. */
export interface DaemonSign {
  /** Made up when its process began. */
  readonly id: string;
  readonly version: string;
  /** The newest change of the tables that it knows; absent: the storage has no tables, or a version that does not say so. */
  readonly migration?: string;
  /** The machine that it runs on; absent: a version that does not say so. */
  readonly host?: string;
  /** Its process there. */
  readonly pid?: number;
  /** When it opened the storage. */
  readonly since: Micros;
  /** Its last sign of life, by the storage's clock; absent: a version that gives none. */
  readonly seen?: Micros;
}
