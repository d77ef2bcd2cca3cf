import type { Duration } from './duration.js';
import { milliseconds } from './duration.js';

export interface CallOptions {
  /** Ends the call, which then throws the reason of the signal. */
  readonly signal?: AbortSignal;
  /** How long the call may take, whatever is tried again included, in place of the client's. */
  readonly timeout?: Duration;
}

/** A timer of more milliseconds is over at once. */
const LONGEST = 2 ** 31 - 1;

/** The end of the time that something may take, or of the wish for it. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: ReturnType<typeof setTimeout>;
  private readonly ends: number;
  private readonly onAbort = (): void => this.controller.abort(this.given?.reason);

  constructor(
    timeout: Duration,
    private readonly given?: AbortSignal,
  ) {
    const ms = Math.min(milliseconds(timeout), LONGEST);
    this.ends = Date.now() + ms;
    this.timer = setTimeout(() => {
      this.controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError'));
    }, ms);
    if (given?.aborted) this.onAbort();
    else given?.addEventListener('abort', this.onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Whether it was its own time that is over, and nobody gave up before. */
  get isOver(): boolean {
    return this.signal.aborted && !this.given?.aborted;
  }

  get left(): number {
    return this.ends - Date.now();
  }

  /** To be called at the end of what it is for. */
  done(): void {
    clearTimeout(this.timer);
    this.given?.removeEventListener('abort', this.onAbort);
  }
}

/** Resolves after so many milliseconds, or when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over, { once: true });
  });
}

/** The pauses between tries, in milliseconds: doubled up to a limit, and shortened at random so that clients spread. */
export class Backoff {
  private last: number;

  constructor(
    first = 50,
    private readonly longest = 2_000,
  ) {
    this.last = first / 2;
  }

  next(): number {
    this.last = Math.min(2 * this.last, this.longest);
    return this.last * (0.5 + Math.random() / 2);
  }
}
