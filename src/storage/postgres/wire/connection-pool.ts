import { StorageUnavailableError } from '../../../domain/errors.js';
import type { Connection } from './connection.js';
import { failureOf, unavailable } from './failures.js';
import type { Row, Statement } from './statement.js';
import { COMMIT, ROLLBACK } from './statement.js';

/** Sends statements within a transaction. */
export type Run = (...statements: Statement[]) => Promise<Row[][]>;

const MAX_RETRIES = 50;

/** Connections for everything that is not gathered in batches. */
export class ConnectionPool {
  private readonly idle: Connection[] = [];
  private readonly waiting: ((connection: Connection | undefined) => void)[] = [];
  private open = 0;
  private closed = false;

  constructor(
    private readonly connect: () => Promise<Connection>,
    private readonly size: number,
  ) {}

  /** Lends a connection. What fails is told as the caller of a repository should hear it. */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    let connection: Connection | undefined;
    try {
      connection = await this.acquire();
      return await work(connection);
    } catch (error) {
      throw failureOf(error).asAnswer;
    } finally {
      if (connection) this.release(connection);
    }
  }

  /**
   * Runs one statement, which commits by itself, again when another transaction came in between. A question that met a
   * connection cut meanwhile is asked once more.
   */
  async query(statement: Statement): Promise<Row[]> {
    let wasCut = false;
    const ask = (): Promise<Row[]> =>
      this.use(async (connection) => {
        try {
          return await retryingConflicts(connection, () => connection.runAlone(statement));
        } finally {
          wasCut = connection.isBroken;
        }
      });
    try {
      return await ask();
    } catch (error) {
      if (!wasCut || !statement.sql.isQuestion) throw error;
    }
    // Only now, when that connection has been given back: if all are cut, each would wait for another to be so.
    return ask();
  }

  /** Runs a transaction, again from the start when another one came in between. */
  async transaction<T>(work: (run: Run) => Promise<T>): Promise<T> {
    return this.use((connection) =>
      retryingConflicts(connection, async () => {
        await connection.begin([]);
        const result = await work((...statements) => connection.run(statements));
        await connection.run([COMMIT]);
        return result;
      }),
    );
  }

  private async acquire(): Promise<Connection> {
    if (this.closed) throw new StorageUnavailableError('it has been closed');
    for (let connection = this.idle.pop(); connection; connection = this.idle.pop()) {
      if (!connection.isBroken) return connection;
      this.drop(connection);
    }
    if (this.open >= this.size) {
      const handed = await new Promise<Connection | undefined>((resolve) => this.waiting.push(resolve));
      return handed ?? this.acquire();
    }
    this.open++;
    try {
      return await this.connect();
    } catch (error) {
      this.open--;
      this.waiting.shift()?.(undefined);
      throw unavailable(error);
    }
  }

  private release(connection: Connection): void {
    if (connection.isBroken || this.closed) {
      this.drop(connection);
      this.waiting.shift()?.(undefined);
      return;
    }
    const next = this.waiting.shift();
    if (next) next(connection);
    else this.idle.push(connection);
  }

  private drop(connection: Connection): void {
    this.open--;
    void connection.close();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.idle.splice(0).map((connection) => connection.close()));
    this.open = 0;
    for (const each of this.waiting.splice(0)) each(undefined);
  }
}

/** Does something that runs transactions on a connection, again when another transaction came in between. */
export async function retryingConflicts<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries++) {
    try {
      return await work();
    } catch (error) {
      if (connection.isBroken) throw error;
      await connection.run([ROLLBACK]);
      if (!failureOf(error).isConflict || retries >= MAX_RETRIES) throw error;
    }
  }
}
