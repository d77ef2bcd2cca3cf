import type { Socket } from 'node:net';
import pg from 'pg';
import { RolledBackError, unavailable } from './failures.js';
import type { Row, Statement } from './statement.js';
import { BEGIN, COMMIT, ROLLBACK, sql, statement } from './statement.js';

/** How the statements of a connection are sent. */
export interface StatementOptions {
  /** Whether statements are prepared once per connection under a name; a pooler in transaction mode can't have that. */
  readonly prepared: boolean;
  /** A query that each transaction begins with. */
  readonly local?: string;
}

const asText = { getTypeParser: () => (text: string) => text };

/** A connection that sends several statements at a time and waits once for all their results. */
export class Connection {
  private broken: Error | undefined;
  private committing = false;

  private readonly opening: readonly Statement[];

  private constructor(
    private readonly client: pg.Client,
    private readonly options: StatementOptions,
    readonly usesTls: boolean,
  ) {
    this.opening = options.local === undefined ? [BEGIN] : [BEGIN, statement(sql(options.local))];
    client.on('error', (error) => (this.broken = error));
    client.on('end', () => (this.broken ??= new Error('the connection to the database has ended')));
  }

  static async open(config: pg.ClientConfig, options: StatementOptions): Promise<Connection> {
    const client = new pg.Client({ ...config, pipeline: true });
    const connection = new Connection(client, options, Boolean(config.ssl));
    await client.connect();
    return connection;
  }

  get isBroken(): boolean {
    return this.broken !== undefined;
  }

  /** Whether nobody knows if the last transaction took place: its COMMIT was sent and its end not heard of. */
  get isOutcomeUnknown(): boolean {
    return this.committing;
  }

  /** Begins a transaction with some statements. @returns the rows of each */
  async begin(statements: readonly Statement[]): Promise<Row[][]> {
    const results = await this.run([...this.opening, ...statements]);
    return results.slice(this.opening.length);
  }

  /**
   * Sends the statements in one go. @returns the rows of each
   * @throws the error of the first that failed; those behind it in a transaction failed with it
   */
  run(statements: readonly Statement[]): Promise<Row[][]> {
    const last = statements.at(-1);
    if (!last) return Promise.resolve([]);
    if (last.sql !== ROLLBACK.sql) this.committing = last.sql === COMMIT.sql;
    return new Promise((resolve, reject) => {
      const results: Row[][] = new Array<Row[]>(statements.length);
      let left = statements.length;
      let failure: Error | undefined;
      const { stream } = (this.client as unknown as { connection: { stream: Socket } }).connection;
      stream.cork();
      statements.forEach(({ sql: { text, name }, values }, i) => {
        const query = {
          text,
          name: this.options.prepared ? name : undefined,
          values: values as unknown[],
          rowMode: 'array' as const,
          types: asText,
          queryMode: 'extended',
        };
        this.client.query<Row>(query, (error: Error | null, result) => {
          if (error && !failure) failure = this.failed(error, text);
          // A COMMIT of a transaction that has failed rolls back and calls that a success.
          if (error) results[i] = [];
          else if (text === 'COMMIT' && result.command === 'ROLLBACK') failure ??= new RolledBackError();
          else results[i] = result.rows;
          if (--left > 0) return;
          if (failure) reject(failure);
          else resolve(results);
        });
      });
      stream.uncork();
    });
  }

  /** What the failure of a statement says about the connection and its transaction. */
  private failed(error: Error, text: string): Error {
    if (!(error instanceof pg.DatabaseError)) return (this.broken = unavailable(error));
    if (error.severity === 'FATAL' || error.severity === 'PANIC') this.broken = error;
    // An error that the server reports for a statement before it says that there was no COMMIT.
    if (text !== 'COMMIT') this.committing = false;
    return error;
  }

  async close(): Promise<void> {
    this.broken ??= new Error('closed');
    await this.client.end().catch(() => undefined);
  }
}
