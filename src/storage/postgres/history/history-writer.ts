import { WorkRecorder } from '../../../live/history/recorder/work-recorder.js';
import type { SpanNumbers } from '../../../live/history/recorder/span-numbers.js';
import { addNumbers } from '../../../live/history/recorder/span-numbers.js';
import type { Micros } from '../../../domain/time.js';
import type { WorkObserver, WorkObservers } from '../../../domain/work-observer.js';
import type { ConnectionPool } from '../wire/connection-pool.js';
import { unlessHeld } from '../wire/failures.js';
import { ONCE } from '../wire/held-things.js';
import type { Statement } from '../wire/statement.js';
import { OutcomeUnknownError } from '../../../domain/errors.js';
import type { Minute } from './minutes.js';
import { addingMinutes, lookingForMinutes } from './minutes.js';
import type { Done } from './done-counts.js';
import { addingDone, DoneCounts, lookingForDone } from './done-counts.js';

/** Between two times that what has happened is written, in milliseconds. */
const PERIOD_MS = 5_000;
/** So many minutes of specs, or workers, are written by one statement. */
const CHUNK = 500;
/** So many are kept for a database that is away; what happens then is little. */
const MOST = 20_000;

/** How something is written. */
interface Written<T> {
  adding(some: readonly T[]): Statement;
  /** Which of it the database has, and which of that nobody holds. */
  looking(some: readonly T[]): [existing: Statement, free: Statement];
}

const MINUTES_OF_WORK: Written<Minute> = { adding: addingMinutes, looking: lookingForMinutes };
const DONE: Written<Done> = { adding: addingDone, looking: lookingForDone };

/** What is put aside grows no further than that. */
function keep<T>(before: readonly T[], more: readonly T[]): readonly T[] {
  return [...before, ...more].slice(0, MOST);
}

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
  /** What another session keeps locked, which is looked for from time to time only. */
  private heldMinutes: readonly Minute[] = [];
  private heldDone: readonly Done[] = [];
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
   * @param withHeld - also what another session kept locked before, if it does so no longer
   * @throws StorageUnavailableError; what can't have been written is written the next time
   */
  flush(withHeld = false): Promise<void> {
    const written = this.writing.then(() => this.write(withHeld));
    this.writing = written.catch(() => undefined);
    return written;
  }

  /** Writes what there is to write for the last time. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    this.isClosed = true;
    await this.flush(true).catch(() => undefined);
  }

  private later(): void {
    if (this.timer || this.isClosed) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const again = (): void => {
        const held = this.heldMinutes.length + this.heldDone.length;
        if (this.counting.size > 0 || this.minutes.size > 0 || held > 0) this.later();
      };
      void this.flush(true).then(again, again);
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

  private async write(withHeld: boolean): Promise<void> {
    if (withHeld) await this.lookForHeld();
    for (const [historyId, { recorder }] of this.counting) {
      if (recorder.present) recorder.handOver();
      else this.counting.delete(historyId);
    }
    const minutes = [...this.minutes.values()];
    this.minutes = new Map();
    const done = this.done.take();
    try {
      await this.inChunks(
        minutes,
        MINUTES_OF_WORK,
        (left) => left.forEach((minute) => this.add(minute)),
        (held) => {
          this.heldMinutes = keep(this.heldMinutes, held);
        },
      );
    } catch (error) {
      this.done.putBack(done);
      throw error;
    }
    await this.inChunks(
      done,
      DONE,
      (left) => this.done.putBack(left),
      (held) => {
        this.heldDone = keep(this.heldDone, held);
      },
    );
  }

  /** Has written with the others what nobody holds any more. */
  private async lookForHeld(): Promise<void> {
    const { heldMinutes, heldDone } = this;
    if (heldMinutes.length + heldDone.length === 0) return;
    const minutes = await this.partOf(heldMinutes, MINUTES_OF_WORK);
    const done = await this.partOf(heldDone, DONE);
    this.heldMinutes = minutes.held;
    this.heldDone = done.held;
    for (const minute of minutes.free) this.add(minute);
    this.done.putBack(done.free);
  }

  /** Tells apart what another session holds. */
  private async partOf<T>(things: readonly T[], written: Written<T>): Promise<{ held: T[]; free: T[] }> {
    if (things.length === 0) return { held: [], free: [] };
    const [existing, free] = await this.pool.retrying((connection) => connection.tryOut(written.looking(things)));
    const held = new Set(existing.map(([ordinal]) => Number(ordinal) - 1));
    for (const [ordinal] of free) held.delete(Number(ordinal) - 1);
    return { held: things.filter((_, i) => held.has(i)), free: things.filter((_, i) => !held.has(i)) };
  }

  /** Writes some things, but for those that another session holds; takes those back that can't have been written. */
  private async inChunks<T>(
    things: readonly T[],
    written: Written<T>,
    putBack: (left: readonly T[]) => void,
    putAside: (held: readonly T[]) => void,
  ): Promise<void> {
    for (let at = 0; at < things.length; at += CHUNK) {
      let some = things.slice(at, at + CHUNK);
      try {
        const isDone = await unlessHeld(false, async () => {
          await this.pool.query(written.adding(some), ONCE);
          return true;
        });
        if (isDone) continue;
        const { held, free } = await this.partOf(some, written);
        putAside(held);
        some = free;
        if (free.length > 0) await this.pool.query(written.adding(free), ONCE);
      } catch (error) {
        // What may have been written is not written again: a gap is better than what never was.
        putBack([...(error instanceof OutcomeUnknownError ? [] : some), ...things.slice(at + CHUNK)]);
        throw error;
      }
    }
  }
}
