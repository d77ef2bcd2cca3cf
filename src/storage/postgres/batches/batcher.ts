import { StorageUnavailableError } from '../../../domain/errors.js';
import type { Connection } from '../wire/connection.js';
import { Patience } from '../wire/patience.js';
import { Answers, Job } from './job.js';
import type { RunBatch } from './lane.js';
import { Lane } from './lane.js';

export interface BatcherOptions<W> {
  /** Connections that work at the same time. */
  readonly lanes: number;
  /** Most that goes into one batch, by `weigh`. */
  readonly capacity: number;
  readonly weigh: (work: W) => number;
  /** How long a request waits for its turn. */
  readonly patience?: Patience;
}

/**
 * Gathers the requests that arrive while others are carried out, and hands them over together: they share statements and
 * one commit. Under little load a request waits for nobody.
 */
export class Batcher<W> {
  private queue: Job<W>[] = [];
  private readonly answers = new Answers();
  private readonly lanes: Lane<W>[];
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
    this.lanes = Array.from({ length: options.lanes }, (_, lane) => new Lane(this, connect, run, lane, patience));
  }

  submit<T>(work: W): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.closed) {
        reject(new StorageUnavailableError('it has been closed'));
        return;
      }
      const { answers, patience } = this;
      this.queue.push(new Job(work, resolve as (value: unknown) => void, reject, answers, patience.now));
      this.schedule();
    });
  }

  /** Requests of one turn of the event loop go together. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      for (const lane of this.lanes) {
        if (this.queue.length === 0) return;
        lane.wake();
      }
    });
  }

  get isEmpty(): boolean {
    return this.queue.length === 0;
  }

  /** Takes the jobs of the next batch. */
  take(): Job<W>[] {
    const { capacity, weigh } = this.options;
    let weight = 0;
    let count = 0;
    while (count < this.queue.length) {
      weight += weigh(this.queue[count].work);
      if (count > 0 && weight > capacity) break;
      count++;
    }
    if (count === this.queue.length) {
      const all = this.queue;
      this.queue = [];
      return all;
    }
    return this.queue.splice(0, count);
  }

  putBack(jobs: readonly Job<W>[]): void {
    if (jobs.length > 0) this.queue = [...jobs, ...this.queue];
  }

  /** Fails those of the jobs that wait for which there is an error. */
  refuse(errorFor: (since: number) => Error | false): void {
    const left: Job<W>[] = [];
    for (const job of this.queue) {
      const error = errorFor(job.since);
      if (error) job.fail(error);
      else left.push(job);
    }
    if (left.length < this.queue.length) this.queue = left;
  }

  /** Ends the wait of those who have waited for too long. */
  private readonly look = (): void => {
    const { patience } = this;
    if (this.queue.length > 0) this.refuse((since) => patience.isOver(since) && patience.refusal(since));
  };

  /** Asks the database for a sign of life over the connections that are not at work. @throws what fails */
  async probe(ask: (connection: Connection) => Promise<unknown>): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.probe(ask)));
  }

  /** Waits for what is under way, then closes the connections. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.lanes.map((lane) => lane.close()));
    this.refuse(() => new StorageUnavailableError('it has been closed'));
    this.patience.unwatch(this.look);
  }
}
