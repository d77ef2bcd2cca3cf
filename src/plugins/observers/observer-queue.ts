import { inTime, LATE } from '../../timing/in-time.js';
import { messageOf } from '../plugin-error.js';
import type { EventObserver, WorkEvent } from './work-event.js';

/** So many events wait for an observer at most. Of more the oldest are dropped. */
export const MOST_WAITING = 1_000;
/** So long an observer may take for one, in milliseconds. */
const LONGEST_MS = 300_000;

/** Events on their way to one observer, which hurts nobody when it throws, hangs or is slow. */
export class ObserverQueue {
  private readonly waiting: WorkEvent[] = [];
  private isBusy = false;
  private isOver = false;
  private dropped = 0;
  /** Ends what it is at. */
  private current: AbortController | undefined;

  /** @param warn - says what is wrong with it @param longestMs - how long it may take for one event */
  constructor(
    private readonly observer: EventObserver,
    private readonly warn: (problem: string) => void,
    private readonly longestMs = LONGEST_MS,
  ) {}

  add(event: WorkEvent): void {
    if (this.isOver) return;
    this.waiting.push(event);
    if (this.waiting.length > MOST_WAITING) {
      this.waiting.shift();
      // It is said when it begins, and how many there were when it is over.
      if (this.dropped++ === 0) this.warn(`is too slow: of more than ${MOST_WAITING} events the oldest are dropped`);
    }
    if (!this.isBusy) void this.tell();
  }

  /** What waits now is told to nobody. */
  end(): void {
    this.isOver = true;
    this.current?.abort();
    const left = this.waiting.splice(0).length;
    if (left > 0) this.warn(`has not been told of ${left} events: the daemon ends`);
  }

  private async tell(): Promise<void> {
    this.isBusy = true;
    // Whoever tells the events is not kept.
    await Promise.resolve();
    for (let event = this.waiting.shift(); event !== undefined; event = this.waiting.shift()) {
      await this.tellOne(event);
    }
    this.isBusy = false;
    if (this.dropped > 0) this.warn(`was too slow: ${this.dropped} events were dropped`);
    this.dropped = 0;
  }

  private async tellOne(event: WorkEvent): Promise<void> {
    this.current = new AbortController();
    try {
      const outcome = await inTime(this.longestMs, (signal) => this.observer.observe(event, signal), this.current);
      if (outcome === LATE) this.warn(`takes more than ${this.longestMs / 1000} s for one event: it gets the next one`);
    } catch (error) {
      // What it was at when the daemon ended is no fault of its own.
      if (!this.isOver) this.warn(`throws: ${messageOf(error)}`);
    }
  }
}
