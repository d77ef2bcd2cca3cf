import { Logger } from '@nestjs/common';
import { StorageUnavailableError } from '../../domain/errors.js';
import type { Scheduler } from '../../domain/scheduler/scheduler.js';
import { StorageHealth } from '../storage-health.js';
import type { WorkObservers } from '../../domain/work-observer.js';
import { endOfLife, register, signOfLife } from './opening/registration.js';
import { migrate } from './opening/migrating.js';
import { PostgresStore } from './postgres-store.js';
import type { PostgresOptions } from './opening/postgres-url.js';
import { READ_DURABILITY } from './sql/specs.sql.js';
import { connect, persistently } from './wire/connecting.js';
import type { Connection } from './wire/connection.js';
import { PROBE_MS } from './wire/connection.js';
import { unavailable } from './wire/failures.js';
import { Patience } from './wire/patience.js';
import { statement } from './wire/statement.js';

/** How long requests wait for a database that is away before they hear so. */
const PATIENCE_MS = 3_000;
/** Between two looks whether the connections are alive, and at the database's clock. */
const PROBE_PERIOD_MS = 6_000;
/** So long it may take to say that it has ended, in milliseconds. */
const END_MS = 1_000;
/** How long requests that are under way wait for an answer when the daemon is to end, in milliseconds. */
const DRAIN_MS = 4_000;

/** The database of this daemon: opened when the daemon starts, reached again by itself when it was away. */
export class PostgresDatabase extends StorageHealth {
  readonly store: PostgresStore;
  /** Between two signs of life of this daemon, in milliseconds. */
  signPeriodMs = 15_000;
  private readonly opening: Promise<void>;
  private readonly patience: Patience;
  private isOpen = false;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private signing: NodeJS.Timeout | undefined;
  /** Whether the server could not do something lately, and nobody has looked since whether it can now. */
  private hasFailed = false;

  constructor(
    private readonly options: PostgresOptions,
    scheduler: Scheduler,
    observers?: WorkObservers,
    private readonly logger: Pick<Logger, 'log' | 'warn'> = new Logger('Storage'),
  ) {
    super();
    this.patience = new Patience(options.requestTimeoutMs);
    this.store = new PostgresStore(
      () => this.connect(),
      scheduler,
      options.sizes,
      observers,
      this.patience,
      !options.pooled,
      options.client.application_name,
    );
    this.opening = this.open();
    // Whoever asks `opened` is told what is wrong.
    this.opening.catch(() => undefined);
  }

  override opened(): Promise<void> {
    return this.opening;
  }

  override async ready(): Promise<string | undefined> {
    if (!this.isOpen) return this.patience.trouble?.message ?? 'the database has not been reached yet';
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const give = (): void =>
        reject(this.patience.trouble ?? new Error(`the database did not answer in ${PROBE_MS} ms`));
      timer = setTimeout(give, PROBE_MS);
    });
    try {
      await Promise.race([this.serves(), late]);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws if it can't serve */
  private async serves(): Promise<void> {
    await this.store.probe();
    if (!this.hasFailed) return;
    await this.store.tryWriting();
    this.hasFailed = false;
  }

  override drain(): void {
    this.store.hasten(DRAIN_MS);
  }

  /** Reaches the database, for as long as one may come up late, and brings its schema up to this version. */
  private async open(): Promise<void> {
    const connection = await this.persist(() => connect(this.options, this.patience), this.options.startupWaitMs);
    try {
      const historic = await migrate(connection, this.options, {
        isWanted: () => !this.closed,
        tell: (line) => this.tellWaiting(line),
      });
      if (historic !== undefined) {
        this.logger.log(
          `tables of a Go daemon in the same database are left alone (${historic}); see docs/postgresql.md`,
        );
      }
      // Not by a connection of the pool: all of those may be waiting for the end of this.
      await this.tellDurability(connection);
      if (!this.options.mayBeReadOnly) await this.register(connection);
    } finally {
      await connection.close();
    }
    this.patience.trouble = undefined;
    this.isOpen = true;
    this.probeLater();
    if (!this.options.mayBeReadOnly) this.signLater();
  }

  /** Lets other daemons know what this one knows. A database that can't be written to hears of it when somebody opens it anew. */
  private async register(connection: Connection): Promise<void> {
    try {
      await register(connection);
    } catch (error) {
      if (connection.isBroken) throw error;
      this.logger.warn(`this daemon could not be registered in the database: ${(error as Error).message}`);
    }
  }

  /** Somebody holds what the start needs: whoever reads the log or asks whether this is ready can do something about it. */
  private tellWaiting(line: string): void {
    this.logger.warn(line);
    this.patience.trouble = new StorageUnavailableError(line);
  }

  private probeLater(): void {
    if (this.closed) return;
    const again = (): void => this.probeLater();
    // What it finds is told to who asks whether the storage is ready.
    this.timer = setTimeout(() => {
      if (this.store.isLookedAt) again();
      else void this.store.probe().then(again, again);
    }, PROBE_PERIOD_MS).unref();
  }

  /** Gives a sign of life now and then. Where it can't, whoever asks how the storage is hears why. */
  private signLater(): void {
    if (this.closed) return;
    const again = (): void => this.signLater();
    this.signing = setTimeout(
      () => void this.store.pool.query(signOfLife()).then(again, again),
      this.signPeriodMs,
    ).unref();
  }

  /** Takes this daemon off the list of those that are there. One that can't is on it for a day, as one that was killed. */
  private async signOff(): Promise<void> {
    if (!this.isOpen || this.options.mayBeReadOnly || this.patience.trouble !== undefined) return;
    const late = new Promise<void>((resolve) => setTimeout(resolve, END_MS).unref());
    const said = this.store.pool.query(endOfLife()).then(
      () => undefined,
      () => undefined,
    );
    await Promise.race([said, late]);
  }

  /** Says in the log what a commit waits for, as a session that carries requests has it. */
  private async tellDurability(connection: Connection): Promise<void> {
    const [version, fsync, synchronousCommit] = (await connection.runAlone(statement(READ_DURABILITY)))[0];
    const line = `PostgreSQL ${version}: fsync ${fsync}, synchronous_commit ${synchronousCommit}`;
    if (fsync === 'off' || synchronousCommit === 'off')
      this.logger.warn(`${line}; a crash may lose what was acknowledged`);
    else this.logger.log(line);
  }

  private async connect(): Promise<Connection> {
    if (!this.isOpen) {
      try {
        await this.opening;
      } catch (error) {
        throw unavailable(error);
      }
    }
    if (this.closed) throw new StorageUnavailableError('it has been closed');
    return this.persist(async () => {
      const connection = await connect(this.options, this.patience, () => (this.hasFailed = true));
      try {
        await this.store.greet(connection, this.options.mayBeReadOnly);
      } catch (error) {
        void connection.close();
        throw error;
      }
      return connection;
    }, PATIENCE_MS);
  }

  private async persist(open: () => Promise<Connection>, forMs: number): Promise<Connection> {
    const connection = await persistently(open, {
      forMs,
      isWanted: () => !this.closed,
      failed: (error) => (this.patience.trouble = error),
    });
    this.patience.trouble = undefined;
    return connection;
  }

  /** Lets what is under way end, then closes all connections. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.signing);
    this.store.hasten(DRAIN_MS);
    await this.opening.catch(() => undefined);
    await this.signOff();
    await this.store.close();
  }
}
