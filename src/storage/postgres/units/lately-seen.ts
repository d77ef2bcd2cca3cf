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

  has(id: number): boolean {
    const at = this.seen.get(id);
    if (at === undefined || at >= this.clock() - FORGET_MS) return at !== undefined;
    this.seen.delete(id);
    return false;
  }

  hasAny(ids: readonly number[]): boolean {
    return this.seen.size > 0 && ids.some((id) => this.has(id));
  }
}
