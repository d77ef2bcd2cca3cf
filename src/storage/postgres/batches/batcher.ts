import { StorageUnavailableError } from '../../../domain/errors.js';
import { failureOf, unavailable } from '../wire/failures.js';
import type { Connection } from '../wire/connection.js';
import { ROLLBACK } from '../wire/statement.js';

/** A request that waits for its turn in a batch. */
export class Job<W> {
  /** How often its transaction was begun again. */
  retries = 0;
  /** Whether it has been answered. */
  isDone = false;

  constructor(
    readonly work: W,
    private readonly resolve: (value: unknown) => void,
    private readonly reject: (error: unknown) => void,
    private readonly answers: Answers,
  ) {}

  fail(error: unknown): void {
    this.isDone = true;
    this.answers.add(() => this.reject(error));
  }

  /** Ends it with what `answer` returns or throws. */
  answer(answer: () => unknown): void {
    let value: unknown;
    try {
      value = answer();
    } catch (error) {
      this.fail(error);
      return;
    }
    this.isDone = true;
    this.answers.add(() => this.resolve(value));
  }
}

/** Answers to a batch, which go out once the next batch is on its way, so that the database need not wait for that. */
class Answers {
  private waiting: (() => void)[] = [];

  add(give: () => void): void {
    if (this.waiting.push(give) === 1) setImmediate(this.giveAll);
  }

  private readonly giveAll = (): void => {
    for (const give of this.waiting.splice(0)) give();
  };
}

/** Carries out jobs in one transaction. @returns those that have to wait for another one */
export type RunBatch<W> = (connection: Connection, jobs: readonly Job<W>[], lane: number) => Promise<Job<W>[]>;

export interface BatcherOptions<W> {
  /** Connections that work at the same time. */
  readonly lanes: number;
  /** Most that goes into one batch, by `weigh`. */
  readonly capacity: number;
  readonly weigh: (work: W) => number;
}

/** Transactions that ran into another one are begun again so often, after which something else is wrong. */
const MAX_RETRIES = 100;

/**
 * Gathers the requests that arrive while others are carried out, and hands them over together: they share statements and
 * one commit. Under little load a request waits for nobody.
 */
export class Batcher<W> {
  private queue: Job<W>[] = [];
  private readonly answers = new Answers();
  private readonly lanes: Lane<W>[];
  private scheduled = false;
  private closed = false;

  constructor(
    private readonly options: BatcherOptions<W>,
    connect: () => Promise<Connection>,
    run: RunBatch<W>,
  ) {
    this.lanes = Array.from({ length: options.lanes }, (_, lane) => new Lane(this, connect, run, lane));
  }

  submit<T>(work: W): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.closed) {
        reject(new StorageUnavailableError('it has been closed'));
        return;
      }
      this.queue.push(new Job(work, resolve as (value: unknown) => void, reject, this.answers));
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

  /** Waits for what is under way, then closes the connections. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.lanes.map((lane) => lane.close()));
    for (const job of this.queue.splice(0)) job.fail(new StorageUnavailableError('it has been closed'));
  }
}

/** One connection's worth of batches, one after another. */
class Lane<W> {
  private connection: Connection | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly batcher: Batcher<W>,
    private readonly connect: () => Promise<Connection>,
    private readonly runBatch: RunBatch<W>,
    private readonly index: number,
  ) {}

  wake(): void {
    this.running ??= this.work().finally(() => (this.running = undefined));
  }

  private async work(): Promise<void> {
    for (;;) {
      const jobs = this.batcher.take();
      if (jobs.length === 0) return;
      await this.carryOut(jobs);
    }
  }

  private async carryOut(jobs: Job<W>[]): Promise<void> {
    let connection: Connection;
    try {
      connection = await this.connected();
    } catch (error) {
      const answer = unavailable(error);
      for (const job of jobs) job.fail(answer);
      return;
    }
    try {
      this.batcher.putBack(await this.runBatch(connection, jobs, this.index));
    } catch (error) {
      await this.recover(connection, jobs, error);
    }
  }

  private async connected(): Promise<Connection> {
    if (this.connection?.isBroken) {
      void this.connection.close();
      this.connection = undefined;
    }
    return (this.connection ??= await this.connect());
  }

  /** Decides what becomes of the jobs of a transaction that failed. */
  private async recover(connection: Connection, all: Job<W>[], error: unknown): Promise<void> {
    const jobs = all.filter(({ isDone }) => !isDone);
    const failure = failureOf(error);
    const lost = connection.isBroken || !(await rolledBack(connection));
    // Once COMMIT was on its way nobody knows whether it took place: only the one who asked can look.
    const mayHappenAgain = lost ? !connection.isOutcomeUnknown : failure.isConflict;
    if (mayHappenAgain) {
      const again = jobs.filter((job) => job.retries++ < MAX_RETRIES);
      for (const job of jobs) if (!again.includes(job)) job.fail(failure.asAnswer);
      this.batcher.putBack(again);
      return;
    }
    if (lost || failure.isUnavailability || jobs.length === 1) {
      for (const job of jobs) job.fail(failure.asAnswer);
      return;
    }
    // One of them is at fault: each for itself tells which.
    for (const job of jobs) await this.carryOut([job]);
  }

  async close(): Promise<void> {
    while (this.running) await this.running;
    await this.connection?.close();
    this.connection = undefined;
  }
}

async function rolledBack(connection: Connection): Promise<boolean> {
  try {
    await connection.run([ROLLBACK]);
    return !connection.isBroken;
  } catch {
    return false;
  }
}
