import { OutcomeUnknownError, StorageUnavailableError } from '../../../domain/errors.js';
import type { Connection } from './connection.js';
import { failureOf, LockedError, unavailable } from './failures.js';
import { FoundHeld, HeldThings, wantedBy, type Wishes } from './held-things.js';
import { Patience } from './patience.js';
import type { Row, Statement } from './statement.js';
import { COMMIT, ROLLBACK } from './statement.js';

/** Sends statements within a transaction. */
export type Run = (...statements: Statement[]) => Promise<Row[][]>;

const MAX_RETRIES = 50;
/** Where a lock was not to be had it is tried again after so many milliseconds, in which others come in between. */
const LOCKED_PAUSE_MS = 100;
/** So many connections at most are for those who wait for what others keep locked. */
const APART = 2;

/** Who waits for a connection. */
interface Waiter {
  readonly since: number;
  take(connection: Connection): void;
  refuse(error: StorageUnavailableError): void;
}

/** Connections for everything that is not gathered in batches. */
export class ConnectionPool {
  private readonly idle: Connection[] = [];
  private line: Waiter[] = [];
  /** How many there are, with those that are being opened. */
  private open = 0;
  private opening = 0;
  private closed = false;
  /** Absent where who waits is to wait here. */
  private readonly held: HeldThings | undefined;

  constructor(
    private readonly connect: () => Promise<Connection>,
    private readonly size: number,
    private readonly patience = new Patience(),
    /** How much longer than elsewhere who waits for a connection may have to, in milliseconds. */
    private readonly moreMs = 0,
    isForWaiting = false,
  ) {
    if (!isForWaiting) this.held = new HeldThings(new ConnectionPool(connect, APART, patience, moreMs, true), patience);
  }

  /** Lends a connection. What fails is told as the caller of a repository should hear it. */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await this.lend(work);
    } catch (error) {
      throw failureOf(error).asAnswer;
    }
  }

  /**
   * Runs one statement, which commits by itself, again when another transaction came in between. A question that met a
   * connection cut meanwhile is asked once more.
   */
  query(statement: Statement, wishes?: Wishes): Promise<Row[]> {
    return this.again((connection) => connection.runAlone(statement), wishes);
  }

  /** Runs a transaction, again from the start when another one came in between. */
  async transaction<T>(work: (run: Run) => Promise<T>, wishes?: Wishes): Promise<T> {
    return this.retrying(async (connection) => {
      await connection.begin([]);
      const result = await work((...statements) => connection.run(statements));
      await connection.run([COMMIT]);
      return result;
    }, wishes);
  }

  /**
   * Does something that runs transactions on a connection, again when another one came in between, and once again when the
   * connection was cut before they can have been committed.
   */
  retrying<T>(work: (connection: Connection) => Promise<T>, wishes?: Wishes): Promise<T> {
    return this.again(async (connection) => {
      try {
        return await work(connection);
      } catch (error) {
        if (!connection.isBroken) await connection.run([ROLLBACK]);
        throw error;
      }
    }, wishes);
  }

  private async again<T>(work: (connection: Connection) => Promise<T>, wishes: Wishes = {}): Promise<T> {
    const begun = this.patience.now;
    const locks = [...(wishes.locks ?? [])];
    let wasCut = false;
    let mayHappenAgain: boolean;
    /** What others hold, where that was why it failed. */
    let heldThing: string | undefined;
    let locked: unknown;
    const attempt = (connection: Connection): Promise<T> =>
      work(connection).catch((error: unknown) => {
        const { isBroken, isOutcomeUnknown } = connection;
        const { reaction, asAnswer } = failureOf(error);
        const isLocked = !isBroken && asAnswer instanceof LockedError;
        // Once COMMIT was on its way nobody knows whether it took place: only the one who asked can look.
        mayHappenAgain = isBroken
          ? !wasCut && !isOutcomeUnknown
          : reaction === 'again' || (isLocked && !wishes.waitsOnce);
        if (isBroken) wasCut = true;
        if (isLocked) {
          locked = asAnswer;
          heldThing = wantedBy(error) ?? locks.at(-1);
          if (heldThing !== undefined) this.held?.note(heldThing, asAnswer);
        }
        throw error;
      });
    for (let retries = 0; ;) {
      mayHappenAgain = false;
      heldThing = undefined;
      try {
        // With the connection given back in between: if all are cut, each would wait for another to be so.
        return await this.inPlace(attempt, locks, wishes.inTurn ?? false, begun);
      } catch (error) {
        if (error instanceof FoundHeld) continue;
        if (!mayHappenAgain || retries >= MAX_RETRIES || this.patience.isOver(begun, this.moreMs)) {
          if (heldThing !== undefined) this.held?.forget(heldThing);
          throw locked !== undefined && isMerelyAway(error) ? locked : error;
        }
        if (locked === undefined || heldThing === undefined) retries++;
        else if (!locks.includes(heldThing)) locks.unshift(heldThing);
        if (heldThing !== undefined) await new Promise((resolve) => setTimeout(resolve, LOCKED_PAUSE_MS));
      }
    }
  }

  /** Tries it here; apart, where something that it locks is known to be held. */
  private inPlace<T>(
    attempt: (connection: Connection) => Promise<T>,
    locks: readonly string[],
    inTurn: boolean,
    begun: number,
  ): Promise<T> {
    const { held, patience } = this;
    if (held === undefined || locks.length === 0) return this.use(attempt);
    const thing = held.among(locks);
    if (thing !== undefined) return held.wait(thing, begun, attempt);
    const use = (): Promise<T> =>
      this.use((connection) =>
        // Somebody may have found out while this waited for a connection.
        held.among(locks) === undefined ? attempt(connection) : Promise.reject(new FoundHeld()),
      );
    if (!inTurn) return use();
    return held.turns.take(locks.at(-1)!, begun, () => patience.refusal(begun, 'its turn did not come'), use);
  }

  private async lend<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.acquire();
    try {
      return await work(connection);
    } finally {
      this.release(connection);
    }
  }

  private acquire(): Promise<Connection> {
    if (this.closed) return Promise.reject(new StorageUnavailableError('it has been closed'));
    for (let connection = this.idle.pop(); connection; connection = this.idle.pop()) {
      if (!connection.isBroken) return Promise.resolve(connection);
      this.drop(connection);
    }
    return new Promise((take, refuse) => {
      if (this.line.length === 0) this.patience.watch(this.look);
      this.line.push({ since: this.patience.now, take, refuse });
      this.openMore();
    });
  }

  /** Opens a connection for those who wait, if there may be one more. */
  private openMore(): void {
    if (this.opening >= this.line.length || this.open >= this.size) return;
    this.open++;
    this.opening++;
    void this.openOne();
  }

  private async openOne(): Promise<void> {
    const begun = this.patience.now;
    let connection: Connection;
    try {
      connection = await this.connect();
    } catch (error) {
      this.open--;
      this.opening--;
      // As long as there are others, one of those will be free.
      if (this.open > this.opening) return;
      this.refuse((since) => since <= begun && unavailable(error));
      this.openMore();
      return;
    }
    this.opening--;
    this.release(connection);
  }

  private release(connection: Connection): void {
    if (connection.isBroken || this.closed) {
      this.drop(connection);
      this.openMore();
      return;
    }
    const next = this.line.shift();
    if (!next) {
      this.idle.push(connection);
      return;
    }
    next.take(connection);
    if (this.line.length === 0) this.patience.unwatch(this.look);
  }

  /** Ends the wait of those who have waited for too long. */
  private readonly look = (): void => {
    const { patience } = this;
    const what = this.open > this.opening ? 'no connection to the database became free' : undefined;
    this.refuse((since) => patience.isOver(since, this.moreMs) && patience.refusal(since, what));
  };

  private refuse(errorFor: (since: number) => StorageUnavailableError | false): void {
    const left: Waiter[] = [];
    for (const waiter of this.line) {
      const error = errorFor(waiter.since);
      if (error) waiter.refuse(error);
      else left.push(waiter);
    }
    this.line = left;
    if (left.length === 0) this.patience.unwatch(this.look);
  }

  private drop(connection: Connection): void {
    this.open--;
    void connection.close();
  }

  /** What is under way goes on, and its connection is closed when it ends. */
  async close(): Promise<void> {
    this.closed = true;
    this.refuse(() => new StorageUnavailableError('it has been closed'));
    const idle = this.idle.splice(0);
    this.open -= idle.length;
    await Promise.all([...idle.map((connection) => connection.close()), this.held?.close()]);
  }
}

/** Whether an error says no more than that the storage could not be asked. */
function isMerelyAway(error: unknown): boolean {
  return error instanceof StorageUnavailableError && !(error instanceof OutcomeUnknownError);
}
