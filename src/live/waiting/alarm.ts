/** So long at most does a timer of the system run here, in milliseconds: what is due later is looked at again then. */
const LONGEST_MS = 60_000;

/** One timer for whatever is due at some time or other. Moments are milliseconds of `performance.now()`. */
export class Alarm {
  private timer: NodeJS.Timeout | undefined;
  private at = Infinity;

  constructor(private readonly ring: () => void) {}

  /** It rings then, or before. */
  setFor(moment: number): void {
    if (moment >= this.at) return;
    clearTimeout(this.timer);
    this.at = moment;
    const ms = Math.min(LONGEST_MS, Math.max(0, Math.ceil(moment - performance.now())));
    this.timer = setTimeout(this.rings, ms);
    this.timer.unref();
  }

  off(): void {
    clearTimeout(this.timer);
    this.at = Infinity;
  }

  private readonly rings = (): void => {
    this.at = Infinity;
    this.ring();
  };
}
