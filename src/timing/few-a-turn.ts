import { OnceATurn } from './once-a-turn.js';

/** What it takes to end a connection, in what it takes to end one request that waits on it. */
export const CONNECTION_WEIGHT = 16;
/** So much of that is done in one turn of the event loop without anybody having to wait. */
const LEAST = 32 * CONNECTION_WEIGHT;
/** Where very much waits, this part of it is done in each turn, so that it does not become more and more; but no more than so much. */
const PART = 1 / 64;
const MOST = 4 * LEAST;

interface Step {
  readonly weight: number;
  readonly take: () => void;
}

/** Spreads the ends of connections over turns of the event loop. Whoever has thousands of them open may close them all at once. */
export class FewATurn {
  /** What this turn has taken already. */
  private done = 0;
  private waiting: Step[] = [];
  private isHurried = false;
  /** Of all that wait. */
  private weight = 0;
  private readonly next = new OnceATurn(() => this.begin());

  /** The daemon is about to stop: all that waits is done now, and what comes later at once. */
  hurry(): void {
    this.isHurried = true;
    this.weight = 0;
    for (const { take } of this.waiting.splice(0)) take();
  }

  /** Takes a step when it is its turn: now, or after those that wait. */
  add(weight: number, take: () => void): void {
    if (this.isHurried) return take();
    if (this.waiting.length === 0 && this.done < LEAST) {
      this.done += weight;
      take();
    } else {
      this.waiting.push({ weight, take });
      this.weight += weight;
    }
    this.next.await();
  }

  private begin(): void {
    const { waiting } = this;
    // Those that did not have to wait belong to this turn as well.
    const most = Math.min(Math.max(LEAST, this.weight * PART), MOST) - this.done;
    this.done = 0;
    if (waiting.length === 0) return;
    let taken = 0;
    while (taken < waiting.length && this.done < most) this.done += waiting[taken++].weight;
    this.weight -= this.done;
    for (const { take } of waiting.splice(0, taken)) take();
    if (waiting.length > 0) this.done = 0;
    this.next.await();
  }
}
