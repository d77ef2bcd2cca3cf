import { WorkRecorder } from '../../../live/history/recorder/work-recorder.js';
import type { SpanNumbers } from '../../../live/history/recorder/span-numbers.js';
import { addNumbers } from '../../../live/history/recorder/span-numbers.js';
import type { Micros } from '../../../domain/time.js';
import type { WorkObserver, WorkObservers } from '../../../domain/work-observer.js';
import type { ConnectionPool } from '../wire/connection-pool.js';
import { OutcomeUnknownError } from '../../../domain/errors.js';
import type { Minute } from './minutes.js';
import { addingMinutes } from './minutes.js';

/** Between two times that what has happened is written, in milliseconds. */
const PERIOD_MS = 5_000;
/** So many minutes of specs are written by one statement. */
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
    const recorder = new WorkRecorder(this.observers.workOf(namespace, workSpec), (start, numbers) =>
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
    for (let at = 0; at < minutes.length; at += CHUNK) {
      try {
        await this.pool.query(addingMinutes(minutes.slice(at, at + CHUNK)));
      } catch (error) {
        // What may have been written is not written again: a gap is better than what never was.
        const isMaybeWritten = error instanceof OutcomeUnknownError;
        for (const minute of minutes.slice(isMaybeWritten ? at + CHUNK : at)) this.add(minute);
        throw error;
      }
    }
  }
}
