import { Logger } from '@nestjs/common';
import { StorageUnavailableError } from '../../domain/errors.js';
import type { Scheduler } from '../../domain/scheduler.js';
import { StorageHealth } from '../storage-health.js';
import type { WorkObservers } from '../storage-observer.js';
import { migrate } from './migrating.js';
import { PostgresStore } from './postgres-store.js';
import type { PostgresOptions } from './postgres-url.js';
import { READ_CLOCK, READ_DURABILITY } from './sql/specs.sql.js';
import { connectPatiently } from './wire/connecting.js';
import type { Connection } from './wire/connection.js';
import { unavailable } from './wire/failures.js';
import { statement } from './wire/statement.js';

/** How long requests wait for a database that is away before they hear so. */
const PATIENCE_MS = 3_000;
/** How long it may take to answer the probe. */
const PROBE_MS = 2_000;

/** The database of this daemon: opened when the daemon starts, reached again by itself when it was away. */
export class PostgresDatabase extends StorageHealth {
  readonly store: PostgresStore;
  private readonly opening: Promise<void>;
  private isOpen = false;
  private closed = false;

  constructor(
    private readonly options: PostgresOptions,
    scheduler: Scheduler,
    observers?: WorkObservers,
    private readonly logger = new Logger('Storage'),
  ) {
    super();
    this.store = new PostgresStore(() => this.connect(), scheduler, options.sizes, observers);
    this.opening = this.open();
    this.opening.catch(() => undefined); // told by `opened`
  }

  override opened(): Promise<void> {
    return this.opening;
  }

  override async ready(): Promise<string | undefined> {
    if (!this.isOpen) return 'the database has not been reached yet';
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the database did not answer in ${PROBE_MS} ms`)), PROBE_MS);
    });
    try {
      await Promise.race([this.store.pool.query(statement(READ_CLOCK)), late]);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reaches the database, for as long as one may come up late, and brings its schema up to this version. */
  private async open(): Promise<void> {
    const connection = await connectPatiently(this.options, this.options.startupWaitMs, () => !this.closed);
    try {
      const historic = await migrate(connection, this.options);
      if (historic !== undefined) {
        this.logger.log(
          `tables of a Go daemon in the same database are left alone (${historic}); see docs/postgresql.md`,
        );
      }
    } finally {
      await connection.close();
    }
    this.isOpen = true;
    await this.tellDurability();
  }

  /** Says in the log what a commit waits for, as a session that carries requests has it. */
  private async tellDurability(): Promise<void> {
    const [[version, fsync, synchronousCommit]] = await this.store.pool.query(statement(READ_DURABILITY));
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
    return connectPatiently(this.options, PATIENCE_MS, () => !this.closed);
  }

  /** Lets what is under way end, then closes all connections. */
  async close(): Promise<void> {
    this.closed = true;
    await this.opening.catch(() => undefined);
    await this.store.close();
  }
}
