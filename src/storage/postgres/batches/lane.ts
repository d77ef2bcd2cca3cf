import type { Connection } from '../wire/connection.js';
import { failureOf, unavailable } from '../wire/failures.js';
import type { Patience } from '../wire/patience.js';
import { ROLLBACK } from '../wire/statement.js';
import type { Job } from './job.js';

/** Carries out jobs in one transaction. @returns those that have to wait for another one */
export type RunBatch<W> = (connection: Connection, jobs: readonly Job<W>[], lane: number) => Promise<Job<W>[]>;

/** Where a lane takes its jobs from. */
export interface JobQueue<W> {
  readonly isEmpty: boolean;
  take(): Job<W>[];
  putBack(jobs: readonly Job<W>[]): void;
  refuse(errorFor: (since: number) => Error | false): void;
}

/** Transactions that ran into another one are begun again so often, after which something else is wrong. */
const MAX_RETRIES = 100;

/** One connection's worth of batches, one after another. */
export class Lane<W> {
  private connection: Connection | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly queue: JobQueue<W>,
    private readonly connect: () => Promise<Connection>,
    private readonly runBatch: RunBatch<W>,
    private readonly index: number,
    private readonly patience: Patience,
  ) {}

  wake(): void {
    this.running ??= this.work().finally(() => (this.running = undefined));
  }

  private async work(): Promise<void> {
    while (!this.queue.isEmpty) {
      const connection = await this.connected();
      if (connection) await this.carryOut(connection, this.queue.take());
    }
  }

  /** The connection, once there is one. Who has waited for it from the beginning hears when there is none. */
  private async connected(): Promise<Connection | undefined> {
    if (this.connection?.isBroken) {
      void this.connection.close();
      this.connection = undefined;
    }
    const begun = this.patience.now;
    try {
      return (this.connection ??= await this.connect());
    } catch (error) {
      const answer = unavailable(error);
      this.queue.refuse((since) => since <= begun && answer);
      return undefined;
    }
  }

  private async carryOut(connection: Connection, jobs: Job<W>[]): Promise<void> {
    if (jobs.length === 0) return;
    try {
      this.queue.putBack(await this.runBatch(connection, jobs, this.index));
    } catch (error) {
      await this.recover(connection, jobs, error);
    }
  }

  /** Decides what becomes of the jobs of a transaction that failed. */
  private async recover(connection: Connection, all: Job<W>[], error: unknown): Promise<void> {
    const jobs = all.filter(({ isDone }) => !isDone);
    const failure = failureOf(error);
    const lost = connection.isBroken || !(await rolledBack(connection));
    // Once COMMIT was on its way nobody knows whether it took place: only the one who asked can look.
    const mayHappenAgain = lost ? !connection.isOutcomeUnknown : failure.reaction === 'again';
    if (mayHappenAgain) {
      const again = jobs.filter((job) => job.retries++ < MAX_RETRIES && !this.patience.isOver(job.since));
      for (const job of jobs) if (!again.includes(job)) job.fail(failure.asAnswer);
      this.queue.putBack(again);
      return;
    }
    if (lost || failure.reaction === 'unavailable' || jobs.length === 1) {
      for (const job of jobs) job.fail(failure.asAnswer);
      return;
    }
    // One of them is at fault: each for itself tells which.
    for (const job of jobs) {
      if (connection.isBroken) this.queue.putBack([job]);
      else await this.carryOut(connection, [job]);
    }
  }

  /** Asks for a sign of life, unless the connection is at work. @throws what fails, when the connection is given up */
  async probe(ask: (connection: Connection) => Promise<unknown>): Promise<void> {
    const { connection } = this;
    if (this.running || !connection || connection.isBroken) return;
    const asking = ask(connection);
    this.running = asking
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => {
        this.running = undefined;
        this.wake();
      });
    await asking;
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
