/** What takes room. */
interface Kept {
  /** How many bytes it takes. */
  readonly reserved: number;
  /** Takes less room. @returns whether it has any left */
  shrink(): boolean;
}

/** Beside its spans, a history takes about so many bytes, and a place among those of which one is to go. */
const OWN_BYTES = 700;
/** So many histories are made smaller at most whenever one becomes larger: each takes about a millisecond. */
const AT_ONCE = 4;

/**
 * The memory that all histories may take together. Where that is not enough, those are told more coarsely that have been used
 * least lately: by the hour, and then not so far back.
 */
export class HistoryRoom {
  private bytes = 0;
  /** What each takes, those first that have not been used for longest. */
  private readonly taken = new Map<Kept, number>();

  constructor(private readonly most = Infinity) {}

  /** How many bytes all take together. */
  get reserved(): number {
    return this.bytes;
  }

  /** Something has been added to a history. */
  used(history: Kept): void {
    this.bytes -= this.taken.get(history) ?? 0;
    this.taken.delete(history);
    this.take(history);
    for (let left = AT_ONCE; left > 0 && this.bytes > this.most; left--) if (!this.shrinkOne()) return;
  }

  /** It may take less than before. */
  changed(history: Kept): void {
    const before = this.taken.get(history);
    if (before === undefined) return;
    this.bytes -= before;
    this.take(history);
  }

  forget(history: Kept): void {
    this.bytes -= this.taken.get(history) ?? 0;
    this.taken.delete(history);
  }

  private take(history: Kept): void {
    const bytes = OWN_BYTES + history.reserved;
    this.taken.set(history, bytes);
    this.bytes += bytes;
  }

  /** @returns whether there is one left that takes anything */
  private shrinkOne(): boolean {
    for (const history of this.taken.keys()) {
      if (history.shrink()) this.changed(history);
      else this.forget(history);
      return true;
    }
    return false;
  }
}
