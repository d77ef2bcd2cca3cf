import { StorageUnavailableError } from '../../../domain/errors.js';
import type { Connection } from '../wire/connection.js';
import { Patience } from '../wire/patience.js';
import { Answers, Job } from './job.js';
import { JobQueue } from './job-queue.js';
import type { Locking, RunBatch } from './lane.js';
import { Lane, type Resting } from './lane.js';

export interface BatcherOptions<W> {
  /** Connections that work at the same time. */
  readonly lanes: number;
  /** Most that goes into one batch, by `weigh`. */
  readonly capacity: number;
  readonly weigh: (work: W) => number;
  /** How long a request waits for its turn. */
  readonly patience?: Patience;
  readonly locking?: Locking<W>;
}

/** How long it is remembered, in steps of the patience, that others hold what a request needs. */
const HELD_STEPS = 100;

/**
 * Gathers the requests that arrive while others are carried out, and hands them over together: they share statements and
 * one commit. Under little load a request waits for nobody. Those that need what another session keeps locked wait apart, on
 * a connection that is opened for them.
 */
export class Batcher<W> {
  private readonly queue: JobQueue<W>;
  private readonly apart: JobQueue<W>;
  /** What others hold, by when that was seen. */
  private readonly held = new Map<string, number>();
  private readonly answers = new Answers();
  private readonly lanes: Lane<W>[];
  /** The one for those that wait for locks. */
  private readonly patient: Lane<W>;
  private readonly patience: Patience;
  private scheduled = false;
  private closed = false;

  constructor(
    private readonly options: BatcherOptions<W>,
    connect: () => Promise<Connection>,
    run: RunBatch<W>,
  ) {
    const patience = (this.patience = options.patience ?? new Patience());
    patience.watch(this.look);
    const { lanes, capacity, weigh, locking } = options;
    this.queue = new JobQueue(capacity, weigh);
    this.apart = new JobQueue(capacity, weigh);
    const lane = (from: JobQueue<W>, index: number) =>
      new Lane({ from, connect, run, index, patience, locking, setApart: this.setApart });
    this.lanes = Array.from({ length: lanes }, (_, index) => lane(this.queue, index));
    this.patient = lane(this.apart, lanes);
  }

  submit<T>(work: W): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.take(work, (outcome) => {
        if (outcome.status === 'fulfilled') resolve(outcome.value as T);
        else reject(outcome.reason as Error);
      });
    });
  }

  /** Submits many, with one promise for all of them. @returns what each comes to, in their order */
  submitAll<T>(works: readonly W[]): Promise<PromiseSettledResult<T>[]> {
    if (works.length === 0) return Promise.resolve([]);
    return new Promise((resolve) => {
      const outcomes = new Array<PromiseSettledResult<T>>(works.length);
      let left = works.length;
      works.forEach((work, at) => {
        const hear = (outcome: PromiseSettledResult<unknown>): void => {
          outcomes[at] = outcome as PromiseSettledResult<T>;
          if (--left === 0) resolve(outcomes);
        };
        this.take(work, hear, works.length > 1);
      });
    });
  }

  private take(work: W, hear: (outcome: PromiseSettledResult<unknown>) => void, isOfMany = false): void {
    if (this.closed) {
      hear({ status: 'rejected', reason: new StorageUnavailableError('it has been closed') });
      return;
    }
    const job = new Job(work, hear, this.answers, this.patience.now, isOfMany);
    if (this.held.size > 0 && this.isHeld(work)) {
      this.setApart([job]);
      return;
    }
    this.queue.add(job);
    this.schedule();
  }

  private isHeld(work: W): boolean {
    return this.options.locking?.keysOf(work).some((key) => this.held.has(key)) ?? false;
  }

  /** Lets jobs wait where nobody else does; those for whom it is not the first time, behind the others. */
  private readonly setApart = (jobs: readonly Job<W>[], isHeld = false): void => {
    const { patience } = this;
    for (const job of jobs) {
      // It is at work whenever its time might be looked at.
      if (patience.isOver(job.since)) job.fail(job.trouble ?? patience.refusal(job.since));
      else this.apart.add(job);
    }
    if (isHeld && this.options.locking) {
      for (const { work } of jobs)
        for (const key of this.options.locking.keysOf(work)) this.held.set(key, this.patience.now);
    }
    this.patient.wake();
  };

  /** Requests of one turn of the event loop go together. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      for (const lane of this.lanes) {
        if (this.queue.isEmpty) return;
        lane.wake();
      }
    });
  }

  /** Ends the wait of those who have waited for too long. */
  private readonly look = (): void => {
    const { patience, held } = this;
    for (const queue of [this.queue, this.apart]) {
      if (queue.isEmpty) continue;
      queue.refuse(({ since, trouble }) => patience.isOver(since) && (trouble ?? patience.refusal(since)));
    }
    for (const [key, seen] of held) if (patience.now - seen > HELD_STEPS) held.delete(key);
  };

  /** Those that have a connection and nothing to do. */
  get resting(): readonly Resting[] {
    return [...this.lanes, this.patient].filter((lane) => lane.isResting);
  }

  /** Asks the database for a sign of life over the connections that are not at work. @throws what fails */
  async probe(ask: (connection: Connection) => Promise<unknown>): Promise<void> {
    await Promise.all([...this.lanes, this.patient].map((lane) => lane.probe(ask)));
  }

  /** Waits for what is under way, then closes the connections. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.lanes, this.patient].map((lane) => lane.close()));
    for (const queue of [this.queue, this.apart]) queue.refuse(() => new StorageUnavailableError('it has been closed'));
    this.patience.unwatch(this.look);
  }
}
