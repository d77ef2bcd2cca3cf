import type { Socket } from 'node:net';
import pg from 'pg';
import type { StorageUnavailableError } from '../../../domain/errors.js';
import { OutcomeUnknownError } from '../../../domain/errors.js';
import { Exchange } from './exchange.js';
import { reactionTo, RolledBackError, unavailable } from './failures.js';
import { encodeStatements } from './messages.js';
import type { Patience } from './patience.js';
import type { Row, Statement } from './statement.js';
import { BEGIN, COMMIT, ROLLBACK, sql, statement } from './statement.js';

/** How the statements of a connection are sent. */
export interface StatementOptions {
  /** Whether statements are prepared once per connection under a name; a pooler in transaction mode can't have that. */
  readonly prepared: boolean;
  /** A query that each transaction begins with. */
  readonly local?: string;
  /** How long an answer is waited for. */
  readonly patience: Patience;
  /** How much longer the answer to a statement is waited for that no client waits for, in milliseconds. */
  readonly lastingMs: number;
  /** Is told what the server could not do, and why not. */
  failed?(error: pg.DatabaseError): void;
}

/** What a message may take longer for each MiB of it, in milliseconds. */
const MS_PER_MIB = 1000;
const MIB = 2 ** 20;
/** How long a server may take over a good-bye. */
const GOODBYE_MS = 500;
/** How long a sign of life may take. */
export const PROBE_MS = 2_000;

/** A connection that sends several statements at a time and waits once for all their results. */
export class Connection {
  private broken: Error | undefined;
  private committing = false;
  /** Names of the statements that it has prepared. */
  private readonly prepared: Set<string> | undefined;
  private readonly local: readonly Statement[];
  private readonly patience: Patience;

  /** Whether an answer is waited for. */
  private isWaiting = true;
  /** The step of the daemon's patience since which nothing of the answer has come. */
  private silentSince: number;
  /** How many bytes had come at that step. */
  private received = 0;
  /** What the answer may take longer than others; undefined: it is a sign of life, which takes less. */
  private more: number | undefined = 0;

  private constructor(
    private readonly client: pg.Client,
    private readonly options: StatementOptions,
    readonly usesTls: boolean,
  ) {
    this.local = options.local === undefined ? [] : [statement(sql(options.local))];
    this.prepared = options.prepared ? new Set() : undefined;
    this.patience = options.patience;
    this.silentSince = this.patience.now;
    this.patience.watch(this.look);
    client.on('error', (error) => this.broke(error));
    client.on('end', () => this.broke(new Error('the connection to the database has ended')));
  }

  static async open(config: pg.ClientConfig, options: StatementOptions): Promise<Connection> {
    const client = new pg.Client(config);
    const connection = new Connection(client, options, Boolean(config.ssl));
    try {
      await client.connect();
    } catch (error) {
      void connection.close();
      throw error;
    }
    connection.isWaiting = false;
    return connection;
  }

  /** Has somebody told what messages arrive by LISTEN, and when the connection has come to its end. */
  hear(heard: (message: string) => void, ended: () => void): void {
    this.client.on('notification', ({ payload = '' }) => heard(payload));
    this.client.on('error', ended);
    this.client.on('end', ended);
  }

  get isBroken(): boolean {
    return this.broken !== undefined;
  }

  /** Whether nobody knows if the last transaction took place: its commit was sent and its end not heard of. */
  get isOutcomeUnknown(): boolean {
    return this.committing;
  }

  /** Begins a transaction with some statements. @param begin - how @returns the rows of each */
  async begin(statements: readonly Statement[], begin = BEGIN): Promise<Row[][]> {
    const results = await this.run([begin, ...this.local, ...statements]);
    return results.slice(1 + this.local.length);
  }

  /** Runs statements in a transaction that then is rolled back. @returns the rows of each */
  async tryOut(statements: readonly Statement[]): Promise<Row[][]> {
    return (await this.begin([...statements, ROLLBACK])).slice(0, -1);
  }

  /** Runs a statement as a transaction of its own, committed when this resolves. @returns its rows */
  async runAlone(only: Statement): Promise<Row[]> {
    return (await this.runTogether([only]))[0];
  }

  /** Runs statements as a transaction of their own, committed when this resolves. @returns the rows of each */
  runTogether(statements: readonly Statement[], isProbe = false): Promise<Row[][]> {
    const isQuestion = statements.every(({ sql }) => sql.isQuestion);
    if (this.local.length > 0) return this.runWithLocal(statements, isQuestion, isProbe);
    return this.send(statements, isQuestion || isProbe ? undefined : statements.length, isProbe);
  }

  private async runWithLocal(
    statements: readonly Statement[],
    isQuestion: boolean,
    isProbe: boolean,
  ): Promise<Row[][]> {
    const all = [BEGIN, ...this.local, ...statements, COMMIT];
    try {
      const results = await this.send(all, isQuestion ? undefined : all.length - 1, isProbe);
      return results.slice(1 + this.local.length, -1);
    } catch (error) {
      if (!this.isBroken) await this.run([ROLLBACK]);
      throw error;
    }
  }

  /** Asks for a sign of life, which must not take long. */
  async probe(question: Statement): Promise<Row[]> {
    return (await this.runTogether([question], true))[0];
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
  private send(statements: readonly Statement[], commitAt: number | undefined, isProbe = false): Promise<Row[][]> {
    this.committing = commitAt !== undefined;
    return new Promise((resolve, reject) => {
      const message = encodeStatements(statements, this.prepared);
      const done = (results: Row[][], isRolledBack: boolean): void => {
        this.isWaiting = false;
        if (isRolledBack && commitAt !== undefined) reject(new RolledBackError());
        else resolve(results);
      };
      const fail = (error: Error, completed: number): void => {
        this.isWaiting = false;
        // Whether a statement that failed has been prepared is not known: all are prepared anew.
        this.prepared?.clear();
        // An error that the server reports before it comes to the commit says that there was none.
        if (error instanceof pg.DatabaseError && commitAt !== undefined && completed < commitAt)
          this.committing = false;
        reject(this.failed(error));
      };
      this.more = isProbe ? undefined : this.moreFor(statements, message.length);
      this.silentSince = this.patience.now;
      this.isWaiting = true;
      this.client.query(new Exchange(message, done, fail));
    });
  }

  private moreFor(statements: readonly Statement[], bytes: number): number {
    const isLasting = statements.some(({ sql }) => sql.isLasting);
    return (isLasting ? this.options.lastingMs : 0) + (bytes < MIB ? 0 : (bytes / MIB) * MS_PER_MIB);
  }

  /** What the failure of a statement says about the connection and its transaction. */
  private failed(error: Error): Error {
    if (error instanceof pg.DatabaseError) {
      const reaction = reactionTo(error);
      if (reaction === 'elsewhere' || error.severity === 'FATAL' || error.severity === 'PANIC') this.broke(error);
      if (reaction === 'unavailable') this.options.failed?.(error);
    } else {
      this.broke(error);
    }
    if (!this.broken) return error;
    if (this.committing) return new OutcomeUnknownError(unavailable(this.broken).reason, { cause: this.broken });
    return this.broken;
  }

  /** Lets nobody use it any more. @returns why not */
  giveUp(reason: StorageUnavailableError): StorageUnavailableError {
    this.broke(reason);
    return reason;
  }

  private broke(error: Error): void {
    this.broken ??= error instanceof pg.DatabaseError ? error : unavailable(error);
    this.patience.unwatch(this.look);
  }

  /** Gives up an answer that has not come, and with it the connection. */
  private readonly look = (): void => {
    if (!this.isWaiting) return;
    const { patience, silentSince, more, stream } = this;
    if (stream.bytesRead !== this.received) {
      this.received = stream.bytesRead;
      this.silentSince = patience.now;
      return;
    }
    const isOver =
      more === undefined ? patience.isOverAfter(silentSince, PROBE_MS) : patience.isOver(silentSince, more);
    if (!isOver) return;
    const error = patience.overdue(silentSince);
    this.broke(error);
    stream.destroy(error);
  };

  private get stream(): Socket {
    return (this.client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;
  }

  /** Ends it, also when the server does not answer. */
  async close(): Promise<void> {
    this.broke(new Error('closed'));
    const timer = setTimeout(() => this.stream.destroy(), GOODBYE_MS);
    await this.client.end().catch(() => undefined);
    clearTimeout(timer);
  }
}
