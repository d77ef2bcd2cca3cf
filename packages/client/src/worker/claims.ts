import { ConnectionError } from '../connection-error.js';
import type { ClaimedAttempt } from '../rest/attempt.js';
import { CoordinateError } from '../rest/coordinate-error.js';
import type { AttemptResult, ClaimRequest, WorkerHandle } from '../rest/worker.js';
import { Backoff, pause } from '../waiting.js';
import type { Logger } from './logger.js';

/** Of one request: the daemon has nothing to say of it, and it is enough. */
const MOST_UNITS = 1000;
/** The pauses of who is answered at once though it asked to wait: by a daemon that knows no waiting, or that is about to stop. */
const EMPTY_MS = { first: 50, longest: 1_000 };
/** Those of who cannot claim. */
const AWAY_MS = { first: 100, longest: 5_000 };
/** What is done at the end with what nobody knows of may take so long. */
const GIVE_BACK_MS = 5_000;

interface Source {
  /** How many units there is room for now. */
  readonly room: () => number;
  readonly accept: (units: ClaimedAttempt[]) => void;
  /** Whether an address is that of a unit that was accepted, and of which the daemon has not taken the report. */
  readonly isHeld: (url: string) => boolean;
  readonly log: Logger;
}

/** Claims units whenever there is room for some, and waits in the daemon where there are none. */
export class Claims {
  private readonly stopped = new AbortController();
  private wake: (() => void) | undefined;
  /** Whether there may be units that were claimed, of which the answer was lost. */
  private mayHaveLost = false;
  private isAway = false;
  private looping: Promise<void> | undefined;

  constructor(
    private readonly worker: WorkerHandle,
    private readonly asked: Omit<ClaimRequest, 'units' | 'wait' | 'signal'>,
    private readonly wait: number,
    private readonly source: Source,
  ) {}

  begin(): void {
    this.looping = this.loop();
  }

  /** There is room for more. */
  more(): void {
    this.wake?.();
  }

  /** Claims nothing more; resolves when nothing more can come. What nobody knows of is given back. */
  async stop(): Promise<void> {
    this.stopped.abort();
    this.wake?.();
    await this.looping;
  }

  /** What was claimed without anybody hearing of it is not to wait for the end of its lease. */
  async giveBackLost(): Promise<void> {
    if (!this.mayHaveLost) return;
    const unknown: string[] = [];
    for await (const { url } of this.worker.activeAttempts({ timeout: GIVE_BACK_MS })) {
      if (!this.source.isHeld(url)) unknown.push(url);
    }
    if (unknown.length > 0) {
      const outcomes = unknown.map((attempt) => ({ attempt, outcome: 'expired' as const }));
      const results: AttemptResult[] = await this.worker.finish(outcomes, { timeout: GIVE_BACK_MS });
      const back = results.filter(({ error }) => !error).length;
      this.source.log.info({ units: back }, 'gave back units whose claim was not answered');
    }
    this.mayHaveLost = false;
  }

  private async loop(): Promise<void> {
    const { signal } = this.stopped;
    let empty: Backoff | undefined;
    let away: Backoff | undefined;
    while (!signal.aborted) {
      const units = Math.min(this.source.room(), MOST_UNITS);
      if (units <= 0) {
        await new Promise<void>((resolve) => (this.wake = resolve));
        this.wake = undefined;
        continue;
      }
      const asked = performance.now();
      try {
        await this.giveBackLost();
        const claimed = await this.worker.claimBriefly({ ...this.asked, units, wait: this.wait, signal });
        this.back();
        away = undefined;
        if (claimed.length > 0) {
          empty = undefined;
          this.source.accept(claimed);
        } else if (performance.now() - asked < this.wait / 2) {
          empty ??= new Backoff(EMPTY_MS.first, EMPTY_MS.longest);
          await pause(empty.next(), signal);
        }
      } catch (error) {
        this.mayHaveLost ||= mayBeCarriedOut(error);
        if (signal.aborted) return;
        this.away(error);
        away ??= new Backoff(AWAY_MS.first, AWAY_MS.longest);
        await pause(away.next(), signal);
      }
    }
  }

  private away(error: unknown): void {
    if (!this.isAway) this.source.log.warn({ err: error }, 'no work can be claimed; asking again until it can');
    this.isAway = true;
  }

  private back(): void {
    if (this.isAway) this.source.log.info({}, 'work can be claimed again');
    this.isAway = false;
  }
}

/** Whether units may have been claimed all the same. A daemon that says when to ask again has done nothing. */
function mayBeCarriedOut(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.sent;
  return !(error instanceof CoordinateError) || (error.status >= 500 && error.retryAfter === undefined);
}
