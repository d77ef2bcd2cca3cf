import { WorkRecorder } from '../../../live/history/recorder/work-recorder.js';
import type { SpanNumbers } from '../../../live/history/recorder/span-numbers.js';
import { addNumbers } from '../../../live/history/recorder/span-numbers.js';
import type { Micros } from '../../../domain/time.js';
import type { WorkObserver, WorkObservers } from '../../../domain/work-observer.js';
import type { ConnectionPool } from '../wire/connection-pool.js';
import type { Statement } from '../wire/statement.js';
import { OutcomeUnknownError } from '../../../domain/errors.js';
import type { Minute } from './minutes.js';
import { addingMinutes } from './minutes.js';
import type { Done } from './done-counts.js';
import { addingDone, DoneCounts } from './done-counts.js';

/** Between two times that what has happened is written, in milliseconds. */
const PERIOD_MS = 5_000;
/** So many minutes of specs, or workers, are written by one statement. */
const CHUNK = 500;
/** So many are kept for a database that is away; what happens then is little. */
const MOST = 20_000;

/** What this daemon counts of the work of one spec. */
interface Counting {
  readonly namespace: string;
  readonly workSpec: string;
  readonly recorder: WorkRecorder;
}

/**
 * Writes down what happens to work, some seconds after it has: sums, which each daemon adds to what the database has. A daemon
 * that dies takes those seconds of the history along.
 */
export class HistoryWriter {
  private readonly counting = new Map<number, Counting>();
  /** What is to be written, by spec and minute. */
  private minutes = new Map<string, Minute>();
  private readonly done = new DoneCounts();
  private writing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    private readonly pool: ConnectionPool,
    private readonly observers: WorkObservers,
  ) {}

  /** Who is to be told of the work of a spec, by the id of its history. */
  observerOf(historyId: number, namespace: string, workSpec: string): WorkObserver {
    const known = this.counting.get(historyId);
    if (known?.workSpec === workSpec && known.namespace === namespace) return known.recorder;
    this.later();
    const next = this.observers.workOf(namespace, workSpec);
    const recorder = new WorkRecorder(this.alsoWorkers(historyId, next), (start, numbers) =>
      this.note(historyId, start, numbers, recorder.lastClaim),
    );
    this.counting.set(historyId, { namespace, workSpec, recorder });
    return recorder;
  }

  /**
   * Writes all that has happened until now.
   * @throws StorageUnavailableError; what can't have been written is written the next time
   */
  flush(): Promise<void> {
    const written = this.writing.then(() => this.write());
    this.writing = written.catch(() => undefined);
    return written;
  }

  /** Writes what there is to write for the last time. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    this.isClosed = true;
    await this.flush().catch(() => undefined);
  }

  private later(): void {
    if (this.timer || this.isClosed) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const again = (): void => {
        if (this.counting.size > 0 || this.minutes.size > 0) this.later();
      };
      void this.flush().then(again, again);
    }, PERIOD_MS).unref();
  }

  /** Has counted what workers finish, besides what is to be told. */
  private alsoWorkers(historyId: number, next: WorkObserver): WorkObserver {
    return {
      added: (units, now) => next.added(units, now),
      claimed: (since, now) => next.claimed(since, now),
      ended: (outcome, start, end, worker) => {
        if (outcome === 'finished') this.done.add(historyId, worker, end);
        next.ended(outcome, start, end, worker);
      },
    };
  }

  private note(historyId: number, start: Micros, numbers: SpanNumbers, lastClaim: Micros): void {
    this.add({ historyId, start, numbers: numbers.slice(), lastClaim });
  }

  private add(minute: Minute): void {
    const key = `${minute.historyId} ${minute.start}`;
    const known = this.minutes.get(key);
    if (!known) {
      if (this.minutes.size < MOST) this.minutes.set(key, minute);
      return;
    }
    addNumbers(known.numbers, minute.numbers);
    known.lastClaim = Math.max(known.lastClaim, minute.lastClaim);
  }

  private async write(): Promise<void> {
    for (const [historyId, { recorder }] of this.counting) {
      if (recorder.present) recorder.handOver();
      else this.counting.delete(historyId);
    }
    const minutes = [...this.minutes.values()];
    this.minutes = new Map();
    const done = this.done.take();
    try {
      await this.inChunks(minutes, addingMinutes, (left) => left.forEach((minute) => this.add(minute)));
    } catch (error) {
      this.done.putBack(done);
      throw error;
    }
    await this.inChunks(done, addingDone, (left: readonly Done[]) => this.done.putBack(left));
  }

  /** Writes some things; takes those back that can't have been written. */
  private async inChunks<T>(
    things: readonly T[],
    adding: (some: readonly T[]) => Statement,
    putBack: (left: readonly T[]) => void,
  ): Promise<void> {
    for (let at = 0; at < things.length; at += CHUNK) {
      try {
        await this.pool.query(adding(things.slice(at, at + CHUNK)));
      } catch (error) {
        // What may have been written is not written again: a gap is better than what never was.
        putBack(things.slice(error instanceof OutcomeUnknownError ? at + CHUNK : at));
        throw error;
      }
    }
  }
}
