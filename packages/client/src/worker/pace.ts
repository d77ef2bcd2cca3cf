/** Over so long it is measured how fast units are begun, and no more are held than are begun in so long. In milliseconds. */
const WINDOW_MS = 100;

/** How many units are begun, and so how many it makes sense to hold beforehand. */
export class Pace {
  private begun = 0;
  private since = performance.now();
  private last = 0;

  count(): void {
    this.begun++;
  }

  /** Units that are begun within a window at the pace of late. */
  perWindow(): number {
    const now = performance.now();
    const passed = now - this.since;
    if (passed < WINDOW_MS) return Math.max(this.last, this.begun);
    this.last = Math.floor((this.begun * WINDOW_MS) / passed);
    this.begun = 0;
    this.since = now;
    return this.last;
  }
}
