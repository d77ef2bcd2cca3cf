import type { RawCbor } from '../cbor/values.js';
import { ConnectionError } from '../connection-error.js';
import type { Data } from '../data/forms.js';
import type { Duration } from '../duration.js';
import type { Outcome } from '../rest/attempt.js';
import { CoordinateError } from '../rest/coordinate-error.js';
import type { WorkerHandle } from '../rest/worker.js';
import { Backoff, pause } from '../waiting.js';
import { tracebackOf } from './traceback.js';
import type { Work } from './work.js';

/** What is to be said of a unit. */
export interface Report {
  readonly work: Work;
  readonly outcome: Outcome;
  readonly data?: Data | RawCbor;
  readonly delay?: Duration;
  readonly final?: boolean;
  /** Whether it was sent before, and the answer lost: then it may have been carried out. */
  wasSent?: boolean;
  /** Whether it says that another one could not be said, so that there is nothing to be said of it. */
  readonly isLast?: boolean;
}

interface Listener {
  /** They are no longer held. */
  readonly onOver: (works: readonly Work[]) => void;
  /** A report was refused; nothing more can be done about that unit. */
  readonly onRefused: (report: Report, error: unknown) => void;
  /** So many could not be said before the time was over. */
  readonly onLeft: (reports: number) => void;
}

/** So many reports are enough to send them, and so are as many as came within so many milliseconds. */
const BATCH = 100;
const COLLECT_MS = 5;
/** So many are in one request at most: a daemon takes longer for each in a request that is much larger. */
const MOST_IN_REQUEST = 400;
/** So many requests are under way at a time. */
const REQUESTS = 4;

/** Errors that say that the unit is no longer the worker's. */
const FENCED = new Set(['ErrLostLease', 'ErrNotPending', 'ErrGone', 'ErrNoSuchWorkSpec', 'ErrNoSuchWorkUnit']);

/** Reports what became of units, in batches. While the daemon is away it keeps them, as long as there is a lease. */
export class Reporter {
  private queue: Report[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private soon: ReturnType<typeof setImmediate> | undefined;
  private requests = 0;
  private underWay = 0;
  private isAway = false;
  private backoff: Backoff | undefined;
  private readonly giveUp = new AbortController();
  private onEmpty: (() => void) | undefined;

  constructor(
    private readonly worker: WorkerHandle,
    private readonly listener: Listener,
  ) {}

  /** Reports that are not answered. */
  get size(): number {
    return this.queue.length + this.underWay;
  }

  add(report: Report): void {
    this.queue.push(report);
    if (this.queue.length >= MOST_IN_REQUEST) this.flush();
    // What ends in the same turn of the event loop goes along.
    else if (this.queue.length >= BATCH || this.requests === 0) this.flushSoon();
    else this.timer ??= setTimeout(() => this.flush(), COLLECT_MS);
  }

  /** The lease of a unit is over: what is not on its way is not sent. @returns whether it was here */
  drop(work: Work): boolean {
    const at = this.queue.findIndex((report) => report.work === work);
    if (at === -1) return false;
    this.queue.splice(at, 1);
    this.settled();
    return true;
  }

  /** Resolves when all is reported, or so much time is over, after which nothing more is sent. */
  async drain(ms: number): Promise<void> {
    this.flush();
    if (this.size > 0) {
      const late = new AbortController();
      const empty = new Promise<void>((resolve) => (this.onEmpty = resolve));
      await Promise.race([empty, pause(ms, late.signal)]);
      late.abort();
    }
    if (this.size > 0) this.listener.onLeft(this.size);
    this.giveUp.abort(new DOMException('the worker has stopped', 'AbortError'));
    clearTimeout(this.timer);
    if (this.soon) clearImmediate(this.soon);
  }

  private flushSoon(): void {
    if (!this.isAway) this.soon ??= setImmediate(() => this.flush());
  }

  private flush(): void {
    clearTimeout(this.timer);
    if (this.soon) clearImmediate(this.soon);
    this.timer = this.soon = undefined;
    while (this.queue.length > 0 && this.requests < REQUESTS && !this.isAway && !this.giveUp.signal.aborted) {
      void this.send(this.queue.splice(0, MOST_IN_REQUEST));
    }
  }

  private async send(reports: Report[]): Promise<void> {
    this.requests++;
    this.underWay += reports.length;
    for (const { work } of reports) work.isReporting = true;
    try {
      await this.say(reports);
    } finally {
      this.requests--;
      this.underWay -= reports.length;
      this.settled();
      this.flush();
    }
  }

  private async say(reports: Report[]): Promise<void> {
    const { signal } = this.giveUp;
    try {
      const refused = await this.worker.report(
        reports.map(({ work, outcome, data, delay, final }) => ({
          attempt: work.attempt,
          outcome,
          data,
          delay,
          final,
        })),
        { signal },
      );
      this.backoff = undefined;
      await this.read(reports, refused);
    } catch (error) {
      if (signal.aborted) return;
      if (isPassing(error)) await this.keep(reports, error);
      else if (reports.length === 1) await this.refused(reports[0], error);
      else await this.isolate(reports);
    }
  }

  private async read(reports: readonly Report[], refused: ReadonlyMap<number, CoordinateError>): Promise<void> {
    const taken = refused.size === 0 ? reports : reports.filter((_, i) => !refused.has(i));
    if (taken.length > 0) this.listener.onOver(taken.map(({ work }) => work));
    for (const [i, error] of refused) await this.refused(reports[i], error);
  }

  /** One that cannot be said is not to keep the others from being said. */
  private async isolate(reports: readonly Report[]): Promise<void> {
    const half = reports.length >> 1;
    await this.say(reports.slice(0, half));
    await this.say(reports.slice(half));
  }

  /** The daemon does not take it, or it cannot even be written down: then that is why the unit fails. */
  private async refused(report: Report, error: unknown): Promise<void> {
    const { work } = report;
    const isFenced = error instanceof CoordinateError && FENCED.has(error.error);
    if (isFenced && report.wasSent && (await this.wasCarriedOut(report))) return this.listener.onOver([work]);
    if (!isFenced && !report.isLast) {
      const data = { traceback: tracebackOf(error) };
      return this.say([{ work, outcome: 'failed', data, isLast: true }]);
    }
    this.listener.onRefused(report, error);
    this.listener.onOver([work]);
  }

  private async wasCarriedOut({ work, outcome }: Report): Promise<boolean> {
    try {
      return (await work.attempt.get({ signal: this.giveUp.signal })).status === outcome;
    } catch {
      return false;
    }
  }

  /** Said again later, except of those whose leases ended meanwhile. */
  private async keep(reports: readonly Report[], error: unknown): Promise<void> {
    for (const report of reports) {
      report.work.isReporting = false;
      report.wasSent = true;
      if (!report.work.lost) this.queue.push(report);
      else {
        this.listener.onRefused(report, error);
        this.listener.onOver([report.work]);
      }
    }
    this.isAway = true;
    this.backoff ??= new Backoff();
    await pause(this.backoff.next(), this.giveUp.signal);
    this.isAway = false;
  }

  private settled(): void {
    if (this.size === 0) this.onEmpty?.();
  }
}

/** Of requests that may be let in later: somebody may be changing who may do what, or asking too much. */
const LATER = new Set([401, 403, 408, 429]);

/** Whether it may be over by itself, or by what somebody does about the daemon. */
export function isPassing(error: unknown): boolean {
  if (error instanceof CoordinateError) return error.status >= 500 || LATER.has(error.status);
  return error instanceof ConnectionError || (error instanceof Error && error.name === 'TimeoutError');
}
