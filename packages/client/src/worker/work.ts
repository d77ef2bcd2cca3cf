import type { Name } from '../names.js';
import type { ClaimedAttempt } from '../rest/attempt.js';
import type { CoordinateError } from '../rest/coordinate-error.js';

/** A unit that the worker has claimed. */
export class Work {
  /** Why it is no longer the worker's. */
  lost: CoordinateError | undefined;
  /** Whether its report is on the way, which says by itself whether it came in time. */
  isReporting = false;

  constructor(
    /** Of this process. */
    readonly id: number,
    readonly attempt: ClaimedAttempt,
  ) {}

  get spec(): string {
    return this.attempt.spec;
  }

  get unit(): Name {
    return this.attempt.unit;
  }
}
