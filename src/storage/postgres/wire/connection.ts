import type { Socket } from 'node:net';
import pg from 'pg';
import { RolledBackError, unavailable } from './failures.js';
import { encodeStatements } from './messages.js';
import type { Row, Statement } from './statement.js';
import { BEGIN, COMMIT, sql, statement } from './statement.js';

/** How the statements of a connection are sent. */
export interface StatementOptions {
  /** Whether statements are prepared once per connection under a name; a pooler in transaction mode can't have that. */
  readonly prepared: boolean;
  /** A query that each transaction begins with. */
  readonly local?: string;
}

/** A connection that sends several statements at a time and waits once for all their results. */
export class Connection {
  private broken: Error | undefined;
  private committing = false;
  /** Names of the statements that it has prepared. */
  private readonly prepared: Set<string> | undefined;
  private readonly local: readonly Statement[];

  private constructor(
    private readonly client: pg.Client,
    options: StatementOptions,
    readonly usesTls: boolean,
  ) {
    this.local = options.local === undefined ? [] : [statement(sql(options.local))];
    this.prepared = options.prepared ? new Set() : undefined;
    client.on('error', (error) => (this.broken = error));
    client.on('end', () => (this.broken ??= new Error('the connection to the database has ended')));
  }

  static async open(config: pg.ClientConfig, options: StatementOptions): Promise<Connection> {
    const client = new pg.Client(config);
    const connection = new Connection(client, options, Boolean(config.ssl));
    await client.connect();
    return connection;
  }

  get isBroken(): boolean {
    return this.broken !== undefined;
  }

  /** Whether nobody knows if the last transaction took place: its commit was sent and its end not heard of. */
  get isOutcomeUnknown(): boolean {
    return this.committing;
  }

  /** Begins a transaction with some statements. @returns the rows of each */
  async begin(statements: readonly Statement[]): Promise<Row[][]> {
    const results = await this.run([BEGIN, ...this.local, ...statements]);
    return results.slice(1 + this.local.length);
  }

  /** Runs a statement as a transaction of its own, committed when this resolves. @returns its rows */
  async runAlone(only: Statement): Promise<Row[]> {
    return (await this.send([...this.local, only], this.local.length + 1)).at(-1)!;
  }

  /**
   * Sends the statements in one go. @returns the rows of each
   * @throws the error of the first that failed; those behind it were not carried out
   */
  run(statements: readonly Statement[]): Promise<Row[][]> {
    const last = statements.at(-1);
    if (!last) return Promise.resolve([]);
    return this.send(statements, last.sql === COMMIT.sql ? statements.length - 1 : undefined);
  }

  /** @param commitAt - the statement, or the end of them, at which they commit */
  private send(statements: readonly Statement[], commitAt: number | undefined): Promise<Row[][]> {
    this.committing = commitAt !== undefined;
    return new Promise((resolve, reject) => {
      const message = encodeStatements(statements, this.prepared);
      const done = (results: Row[][], isRolledBack: boolean): void => {
        if (isRolledBack && commitAt !== undefined) reject(new RolledBackError());
        else resolve(results);
      };
      const fail = (error: Error, completed: number): void => {
        // Whether a statement that failed has been prepared is not known: all are prepared anew.
        this.prepared?.clear();
        // An error that the server reports before it comes to the commit says that there was none.
        if (error instanceof pg.DatabaseError && commitAt !== undefined && completed < commitAt)
          this.committing = false;
        reject(this.failed(error));
      };
      this.client.query(new Exchange(message, done, fail));
    });
  }

  /** What the failure of a statement says about the connection and its transaction. */
  private failed(error: Error): Error {
    if (!(error instanceof pg.DatabaseError)) return (this.broken = unavailable(error));
    if (error.severity === 'FATAL' || error.severity === 'PANIC') this.broken = error;
    return error;
  }

  async close(): Promise<void> {
    this.broken ??= new Error('closed');
    await this.client.end().catch(() => undefined);
  }
}

/** Some statements under way, as the driver's client sends a query of its own kind and hands over what comes back. */
class Exchange implements pg.Submittable {
  private readonly results: Row[][] = [];
  private rows: Row[] = [];
  private isRolledBack = false;

  constructor(
    private readonly message: Buffer,
    /** Told whether a transaction was rolled back, by ROLLBACK or in the place of COMMIT. */
    private readonly done: (results: Row[][], isRolledBack: boolean) => void,
    /** Told how many statements had been carried out before. */
    private readonly fail: (error: Error, completed: number) => void,
  ) {}

  submit(connection: unknown): void {
    (connection as { readonly stream: Socket }).stream.write(this.message);
  }

  handleDataRow({ fields }: { readonly fields: Row }): void {
    this.rows.push(fields);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.results.push(this.rows);
    this.rows = [];
    // A COMMIT of a transaction that has failed rolls back and calls that a success.
    if (text === 'ROLLBACK') this.isRolledBack = true;
  }

  handleReadyForQuery(): void {
    this.done(this.results, this.isRolledBack);
  }

  handleError(error: Error): void {
    this.fail(error, this.results.length);
  }
}
