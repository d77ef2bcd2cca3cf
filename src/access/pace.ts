import type { Rate } from '../config/config.js';

/**
 * Keeps a caller to a rate: who has been quiet may make as many requests at once as it may in all of that time, and then so
 * many more as time goes by. One number says all of it: the moment at which what was used is made up for.
 */
export class Pace {
  private madeUpFor = 0;
  private readonly msEach: number;

  /** @param clock tells milliseconds */
  constructor(
    readonly rate: Rate,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.msEach = rate.perMs / rate.requests;
  }

  /** A request is made. @returns how long it is too early, in milliseconds, and then it is not counted; 0: it may be made */
  take(): number {
    const now = this.clock();
    const used = Math.max(this.madeUpFor, now) + this.msEach;
    // The sums of very many small steps are a little off.
    const early = used - now - this.rate.perMs * (1 + Number.EPSILON * 64);
    if (early > 0) return early;
    this.madeUpFor = used;
    return 0;
  }
}
