/** Keeps what a snapshot that is being read still needs of units and attempts. */
export interface Keeper {
  /** A unit is about to change. */
  keep(unit: number): void;
  /** An attempt is about to change, and with it its unit. */
  keepAttempt(attempt: number): void;
  /** A new unit has got its id. */
  added(unit: number): void;
  /** A unit, which has been kept, and all of its attempts, is about to go. */
  deleted(unit: number): void;
}

/** Counts how often others may have changed something. */
export interface Pauses {
  count: number;
}
