/** How long those that share it may go on in one turn of the event loop, all together, in milliseconds. */
const TURN_MS = 8;
/** How much longer those may go on who are done sooner than waiting takes. */
const MORE_MS = 12;

/**
 * The time that the clients of a server share in each turn of the event loop, as far as they have much to be done. Each of them
 * may be done with soon, but hundreds come in one turn: when its time is over, the others wait for the next one, in the order in
 * which they came.
 */
export class SharedTurn {
  private end = 0;
  private waiting: (() => void)[] = [];
  private isLettingOn = false;
  /** Whether the next turn is seen to. */
  private isAwaited = false;

  /** Whether one has to wait, by `hold`: the time of this turn is over, or others wait for the next. */
  get isOver(): boolean {
    if (this.waiting.length > 0 && !this.isLettingOn) return true;
    return this.left() < 0;
  }

  /** Whether even one has to wait whose work takes less time than waiting does: there are thousands of such in this turn. */
  get isLongOver(): boolean {
    return this.left() < -MORE_MS;
  }

  /** Milliseconds that are left of this turn, which begins when it is first asked for. */
  private left(): number {
    const now = performance.now();
    if (this.end === 0) {
      this.end = now + TURN_MS;
      this.awaitNext();
    }
    return this.end - now;
  }

  /** Has somebody go on when it is their turn, which they may take up as long as `isOver` says that they may. */
  hold(goOn: () => void): void {
    this.waiting.push(goOn);
    this.awaitNext();
  }

  private awaitNext(): void {
    if (this.isAwaited) return;
    this.isAwaited = true;
    setImmediate(this.begin);
  }

  private readonly begin = (): void => {
    this.isAwaited = false;
    this.end = 0;
    const { waiting } = this;
    this.waiting = [];
    this.isLettingOn = true;
    let done = 0;
    // At least one of them has its turn in each.
    while (done < waiting.length && (done === 0 || !this.isOver)) waiting[done++]();
    this.isLettingOn = false;
    this.waiting = [...waiting.slice(done), ...this.waiting];
    if (this.waiting.length > 0) this.awaitNext();
  };
}
