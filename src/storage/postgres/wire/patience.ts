import { StorageUnavailableError } from '../../../domain/errors.js';

/** How long a request waits for the database where the URL does not say otherwise, in milliseconds. */
export const DEFAULT_REQUEST_TIMEOUT_MS = 10_000;
/** In so many steps that time is counted. */
const STEPS = 20;
/** The length of a step where there is no limit. */
const STEP_MS = 500;

/**
 * How long the requests of a daemon wait for its database: for an answer, for a connection, for their turn in a batch.
 * Waiting is counted in steps of one timer rather than by a clock: who waits need not have a timer each, and a process that
 * stood still itself takes that for one step, not for a database that did not answer.
 */
export class Patience {
  /** Steps so far: since when somebody waits. */
  now = 0;
  /** Why the database can't be reached at the moment, as far as is known. */
  trouble: StorageUnavailableError | undefined;
  private readonly stepMs: number;
  private limit: number;
  private hurries = false;
  private readonly looks = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;

  /** @param ms - how long; 0: for ever */
  constructor(readonly ms: number = DEFAULT_REQUEST_TIMEOUT_MS) {
    this.stepMs = ms === 0 ? STEP_MS : ms / STEPS;
    this.limit = ms === 0 ? Infinity : STEPS;
  }

  /** Whether who has waited since a step has waited for long enough. @param more - in milliseconds, what it may take longer */
  isOver(since: number, more = 0): boolean {
    return this.now - since > this.limit + (this.hurries ? 0 : more / this.stepMs);
  }

  /** The same of what is to take less, in milliseconds. */
  isOverAfter(since: number, ms: number): boolean {
    return this.now - since > Math.min(this.limit, Math.ceil(ms / this.stepMs));
  }

  /** From now on nothing waits for longer than that, in milliseconds: the daemon is about to end. */
  hasten(ms: number): void {
    this.hurries = true;
    this.limit = Math.min(this.limit, Math.ceil(ms / this.stepMs));
  }

  /** Calls `look` at each step, until it is no longer to be. */
  watch(look: () => void): void {
    this.looks.add(look);
    this.timer ??= setInterval(this.step, this.stepMs).unref();
  }

  unwatch(look: () => void): void {
    this.looks.delete(look);
    if (this.looks.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private readonly step = (): void => {
    this.now++;
    for (const look of this.looks) look();
  };

  /** What is told to who has waited since a step for an answer, or for what else. */
  overdue(since: number, what = 'the database did not answer'): StorageUnavailableError {
    const seconds = Math.max(1, Math.round(((this.now - since - 1) * this.stepMs) / 1000));
    return new StorageUnavailableError(`${what} in ${seconds} s`);
  }

  /** What is told to who has waited for a connection or for a turn: why there is none, where that is known. */
  refusal(since: number, what?: string): StorageUnavailableError {
    return this.trouble ?? this.overdue(since, what);
  }
}
