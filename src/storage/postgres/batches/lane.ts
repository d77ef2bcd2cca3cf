import type { StorageUnavailableError } from '../../../domain/errors.js';
import type { Connection } from '../wire/connection.js';
import { failureOf, unavailable } from '../wire/failures.js';
import type { Patience } from '../wire/patience.js';
import { ROLLBACK } from '../wire/statement.js';
import type { Job } from './job.js';
import type { JobQueue } from './job-queue.js';

/** Carries out jobs in one transaction. @returns those that have to wait for another one */
export type RunBatch<W> = (connection: Connection, jobs: readonly Job<W>[], lane: number) => Promise<Job<W>[]>;

/** How requests of a kind are told apart when a lock was not to be had. */
export interface Locking<W> {
  /** What a request may have to lock, as keys of any form. */
  keysOf(work: W): string[];
  /** Which of some jobs need what another session holds at this moment; undefined: that can't be told. */
  heldOf?(connection: Connection, jobs: readonly Job<W>[]): Promise<ReadonlySet<Job<W>>>;
  /** A lock that a request may need was not to be had. */
  missed?(work: W): void;
}

/** What a lane works with. */
export interface LaneTools<W> {
  readonly from: JobQueue<W>;
  readonly connect: () => Promise<Connection>;
  readonly run: RunBatch<W>;
  readonly index: number;
  readonly patience: Patience;
  readonly locking: Locking<W> | undefined;
  /** @param isHeld - whether it is known that others hold what they need */
  readonly setApart: (jobs: readonly Job<W>[], isHeld?: boolean) => void;
}

/** Transactions that ran into another one are begun again so often, after which something else is wrong. */
const MAX_RETRIES = 100;

/** How far other counters are from those of a lane. */
const SHIFT = 4;

/** What can be asked for a sign of life while it has nothing to do. */
export interface Resting {
  probe(ask: (connection: Connection) => Promise<unknown>): Promise<void>;
}

/** One connection's worth of batches, one after another. */
export class Lane<W> implements Resting {
  private connection: Connection | undefined;
  private running: Promise<void> | undefined;
  /** Why there was no connection when one was last wanted. */
  private refusal: StorageUnavailableError | undefined;

  private readonly queue: JobQueue<W>;
  private readonly patience: Patience;
  /** As what other lane it counts. */
  private shift = 0;

  constructor(private readonly tools: LaneTools<W>) {
    this.queue = tools.from;
    this.patience = tools.patience;
  }

  /** It has a connection, and nothing to do. */
  get isResting(): boolean {
    return this.running === undefined && this.connection?.isBroken === false;
  }

  wake(): void {
    this.running ??= this.work().finally(() => {
      this.running = undefined;
      // Something may have come after the last look.
      if (!this.queue.isEmpty) this.wake();
    });
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
      this.connection ??= await this.tools.connect();
      this.refusal = undefined;
      return this.connection;
    } catch (error) {
      const answer = unavailable(error);
      this.refusal = answer;
      this.queue.refuse(({ since }) => since <= begun && answer);
      return undefined;
    }
  }

  private async carryOut(connection: Connection, jobs: Job<W>[]): Promise<void> {
    if (jobs.length === 0) return;
    try {
      const { run, index, setApart } = this.tools;
      const later = await run(connection, jobs, index + this.shift);
      if (later.length === 0) return;
      this.queue.putBack(later.filter(({ turn }) => turn === 0));
      setApart(later.filter(({ turn }) => turn > 0));
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
    if (!lost && failure.reaction === 'locked') {
      await this.divide(connection, jobs, failure.asAnswer);
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

  /** Lets the jobs of a batch that waited for a lock in vain go on without those that need it, where that can be told. */
  private async divide(connection: Connection, jobs: Job<W>[], trouble: unknown): Promise<void> {
    const { locking, setApart } = this.tools;
    let held: ReadonlySet<Job<W>> = new Set();
    try {
      if (locking?.heldOf) held = await locking.heldOf(connection, jobs);
    } catch {
      // It can't be told: a whole table is locked, or the connection is gone.
      await rolledBack(connection);
    }
    // It may be its counters that are held.
    if (held.size === 0) this.shift = this.shift === 0 ? SHIFT : 0;
    for (const job of jobs) {
      job.trouble = trouble;
      if (held.size === 0) locking?.missed?.(job.work);
      if (held.size === 0 && jobs.length > 1) job.isAlone = true;
      if (held.size === 0 || held.has(job)) job.turn++;
    }
    this.queue.putBack(jobs.filter((job) => held.size > 0 && !held.has(job)));
    setApart(
      jobs.filter((job) => held.size === 0 || held.has(job)),
      held.size > 0,
    );
  }

  /**
   * Asks for a sign of life, unless the connection is at work, or for a connection, where there was none when one was last wanted.
   *
   * @throws what fails, when the connection is given up
   */
  async probe(ask: (connection: Connection) => Promise<unknown>): Promise<void> {
    if (this.running || !(this.isResting || this.refusal)) return;
    const asking = this.isResting ? ask(this.connection!) : this.tryAgain();
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

  /** @throws why there is still no connection to be had */
  private async tryAgain(): Promise<void> {
    await this.connected();
    if (this.refusal) throw this.refusal;
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
