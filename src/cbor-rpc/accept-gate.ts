/** Shortest and longest time, in milliseconds, that requests are held back while connections keep coming. */
const MIN_HOLD_MS = 5;
const MAX_HOLD_MS = 50;

/**
 * Lets clients in before it lets those inside go on. Node accepts one connection per turn of the event loop, however many
 * wait, and a turn in which hundreds of clients are answered takes many milliseconds: when all workers of a fleet
 * connect at once, the last would wait for the square of their number. So while connections keep coming, requests are
 * held back, and turns are short: for as long at most as the last requests held back took, that is half of the time.
 */
export class AcceptGate {
  private closed = false;
  /** A connection has come since the last look. */
  private came = false;
  private closedAt = 0;
  private holdMs = MIN_HOLD_MS;
  private waiting: (() => void)[] = [];

  /** @param clock - tells milliseconds */
  constructor(private readonly clock = () => performance.now()) {}

  /** Whether requests are to be handed to `hold` instead of being carried out. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** A connection has been accepted. */
  connectionCame(): void {
    this.came = true;
    if (this.closed) return;
    this.closed = true;
    this.closedAt = this.clock();
    setImmediate(this.look);
  }

  /** Keeps work for when the gate is open again: at the end of the first turn in which no connection came. */
  hold(work: () => void): void {
    this.waiting.push(work);
  }

  private readonly look = (): void => {
    const now = this.clock();
    if (this.came && now - this.closedAt < this.holdMs) {
      this.came = false;
      setImmediate(this.look);
      return;
    }
    this.closed = false;
    this.came = false;
    const { waiting } = this;
    this.waiting = [];
    for (const work of waiting) work();
    this.holdMs = Math.min(Math.max(this.clock() - now, MIN_HOLD_MS), MAX_HOLD_MS);
  };
}
