/** It is forgotten after so many milliseconds. */
const FORGET_MS = 5_000;
/** Of more nothing is remembered. */
const MOST = 50_000;

/** What was seen a moment ago, by numbers. */
export class LatelySeen {
  private readonly seen = new Map<number, number>();

  constructor(private readonly clock: () => number = () => performance.now()) {}

  note(ids: readonly number[]): void {
    const now = this.clock();
    if (this.seen.size + ids.length > MOST) this.seen.clear();
    for (const id of ids) this.seen.set(id, now);
  }

  hasAny(ids: readonly number[]): boolean {
    if (this.seen.size === 0) return false;
    const since = this.clock() - FORGET_MS;
    return ids.some((id) => {
      const at = this.seen.get(id);
      if (at !== undefined && at < since) this.seen.delete(id);
      return at !== undefined && at >= since;
    });
  }
}
