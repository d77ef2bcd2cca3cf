import { randomBytes, randomInt } from 'node:crypto';
import type { AttemptRef } from '../../domain/attempt.js';
import { NoSuchWorkSpecError, StorageUnavailableError } from '../../domain/errors.js';
import type { Scheduler } from '../../domain/scheduler/scheduler.js';
import type { Micros } from '../../domain/time.js';
import { MILLISECOND } from '../../domain/time.js';
import { Batcher } from './batches/batcher.js';
import type { ChangeJob, UnitChange } from './batches/unit-change.js';
import { runChanges } from './batches/change-batch.js';
import { runLong } from './batches/long-change.js';
import { runClaims } from './batches/claim-batch.js';
import type { ClaimWork } from './batches/claim-job.js';
import { ClaimHints } from './batches/claim-hints.js';
import { HistoryWriter } from './history/history-writer.js';
import { KnownNamespaces } from './batches/known-state.js';
import { DatabaseTime } from './wire/database-time.js';
import { PROBE, PROBE_PERIODIC, TRY_WRITING } from './sql/specs.sql.js';
import { lockingOfChanges, lockingOfClaims } from './batches/held-rows.js';
import { Settlement } from './reading/settlement.js';
import { UnitTransaction } from './batches/unit-transaction.js';
import { Places } from './units/places.js';
import { KnownCauses } from './units/known-causes.js';
import type { SpecHead } from './units/spec-head.js';
import type { SpecName } from './units/spec-directory.js';
import { SpecDirectory } from './units/spec-directory.js';
import type { WorkObservers } from '../../domain/work-observer.js';
import { NO_OBSERVERS } from '../../domain/work-observer.js';
import { CAUSE_TEXTS } from './sql/causes.sql.js';
import { UNDO_ATTEMPTS } from './sql/undoing.sql.js';
import { byteaColumn, int8Column } from './wire/columns.js';
import type { Connection } from './wire/connection.js';
import { ConnectionPool, type Run } from './wire/connection-pool.js';
import type { Wishes } from './wire/held-things.js';
import { Patience } from './wire/patience.js';
import { NOTIFY, stopMessage } from './telling/messages.js';
import { Listening, type MessageListener } from './telling/listening.js';
import { SlotWatch } from './telling/slot-watch.js';
import { ANYTHING, News } from './telling/news.js';
import { Tidings } from './telling/tidings.js';
import { ROLLBACK, type Row, type Statement, statement } from './wire/statement.js';
import { specThing } from './units/things.js';
import { textParameter } from './wire/values.js';

/** How many connections do what. */
export interface StoreSizes {
  /** For everything that is not gathered in batches. */
  readonly pool: number;
  readonly claimLanes: number;
  readonly changeLanes: number;
  /** How many work specs are remembered, where it is not as many as usual. */
  readonly specs?: number;
  /** How many a namespace may have before its specs are read by what has changed, where it is not as many as usual. */
  readonly manySpecs?: number;
}

export const DEFAULT_SIZES: StoreSizes = { pool: 4, claimLanes: 1, changeLanes: 1 };

/** Counters per work spec, so that as many connections count without waiting for each other. */
const SHARDS = 8;
/** Most units in one transaction. */
const CAPACITY = 2000;
/**
 * Most units in one of those that short requests share: few enough that, of several hundred requests, some wait here or are
 * answered while others are in the database; larger batches would hardly be cheaper.
 */
const SHARED_CAPACITY = 256;

/** Units above this are added piece by piece. */
const LONG_UNITS = 5000;

/** So many times longer than others a change that takes long waits for its turn: those before it take long, too. */
const LONG_TURNS = 3;

/** How long what is under way may go on without an answer when the storage is closed, in milliseconds. */
const CLOSE_MS = 2_000;

/** Where something has been asked so short a time ago, in milliseconds, it need not be seen whether there is an answer. */
const RECENT_MS = 3_000;

/** What is written to see whether there is room, more than the tables are likely to have left. */
const TRIAL_BYTES = 1 << 20;
const READ_ONLY = 'the database is read-only (SQLSTATE 25006)';

/** What the repositories of the PostgreSQL backend share: connections, batches, and what this daemon knows of names. */
export class PostgresStore {
  readonly pool: ConnectionPool;
  readonly time = new DatabaseTime();
  private readonly claims: Batcher<ClaimWork>;
  private readonly changes: Batcher<UnitChange<unknown>>;
  /** Adding many units takes long: it has a connection of its own, lest short requests wait for it. */
  private readonly bulk: Batcher<UnitChange<unknown>>;
  /** What takes very long is done one after another over another one. */
  private readonly longPool: ConnectionPool;
  private readonly hints: ClaimHints;
  private readonly directory: SpecDirectory;
  /** Tells who waits for work. */
  readonly tidings: Tidings;
  private hearing: Listening | undefined;
  /** Hears in which namespace attempts have been stopped. */
  stopListener: ((namespace: string) => void) | undefined;
  /** What has happened to work. */
  readonly history: HistoryWriter;
  /** Lets leases and delays that have run out take effect. */
  readonly settlement: Settlement;
  private lookedAt = -Infinity;
  /** Over which connection the next look goes. */
  private turn = 0;
  /** When schedules have something to do. */
  readonly slots = new SlotWatch();
  /** A place to start from among the counters, so that daemons differ. */
  private readonly firstShard = Math.floor(Math.random() * SHARDS);

  constructor(
    private readonly connect: () => Promise<Connection>,
    private readonly scheduler: Scheduler,
    sizes: StoreSizes = DEFAULT_SIZES,
    observers: WorkObservers = NO_OBSERVERS,
    private readonly patience = new Patience(),
    /** Whether messages of other daemons can be had: not behind a pooler. */
    private readonly canListen = true,
    /** What its sessions are called. */
    readonly sessionName?: string,
  ) {
    this.pool = new ConnectionPool(connect, sizes.pool, patience);
    this.history = new HistoryWriter(this.pool, observers);
    const causes = new KnownCauses(async (id) =>
      (await this.pool.query(statement(CAUSE_TEXTS, id))).map(([cause]) => Number(cause)),
    );
    const directory = (this.directory = new SpecDirectory(this.history, sizes.specs, causes, scheduler.random));
    const tidings = (this.tidings = new Tidings(directory, (notice) => this.pool.query(notice)));
    const { random } = directory;
    const shard = this.shard(SHARDS - 1);
    this.settlement = new Settlement({ pool: this.pool, shard, history: this.history, tidings, causes, random });
    this.hints = new ClaimHints(sizes.specs);
    const known = new KnownNamespaces(sizes.manySpecs);
    const places = new Places();
    const change = (first: number) => (connection: Connection, jobs: readonly ChangeJob[], lane: number) =>
      runChanges(
        connection,
        this.shard(first + lane),
        { directory, tidings, places, runAlone: (work) => this.long(work) },
        jobs,
      );
    this.longPool = new ConnectionPool(connect, 1, patience, LONG_TURNS * patience.ms);
    this.claims = new Batcher(
      {
        lanes: sizes.claimLanes,
        capacity: SHARED_CAPACITY,
        weigh: ({ request }) => request.units,
        patience,
        locking: lockingOfClaims(directory),
      },
      connect,
      (connection, jobs, lane) =>
        runClaims(
          connection,
          this.shard(lane),
          { directory, scheduler: this.scheduler, hints: this.hints, known, tidings, places },
          jobs,
        ),
    );
    const locking = lockingOfChanges(directory);
    const weigh = ({ names }: UnitChange<unknown>): number => names.length;
    this.changes = new Batcher(
      { lanes: sizes.changeLanes, capacity: SHARED_CAPACITY, weigh, patience, locking },
      connect,
      change(sizes.claimLanes),
    );
    this.bulk = new Batcher(
      { lanes: 1, capacity: CAPACITY, weigh, patience, locking },
      connect,
      change(sizes.claimLanes + sizes.changeLanes),
    );
  }

  /** Does something that takes long on a connection of its own, which is closed then: nobody else waits for it. */
  async apart<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const pool = new ConnectionPool(this.connect, 1, this.patience);
    try {
      return await pool.use(work);
    } finally {
      await pool.close();
    }
  }

  /** The moment that it is by the database's clock. */
  async now(): Promise<Micros> {
    return this.time.now ?? Number((await this.pool.query(statement(PROBE)))[0][0]);
  }

  /** What work specs say of their units, of those that are there, in the versions that they were seen in or later ones. */
  heads(versions: ReadonlyMap<number, number>): Promise<Map<number, SpecHead>> {
    return this.pool.retrying((connection) => this.directory.refresh(connection, versions));
  }

  private shard(lane: number): number {
    return (this.firstShard + lane) % SHARDS;
  }

  claim<T>(work: ClaimWork): Promise<T> {
    return this.claims.submit(work);
  }

  change<T>(work: UnitChange<T>): Promise<T> {
    if ((work.units?.length ?? 0) > LONG_UNITS) return this.long(work);
    return (work.names.length > 16 ? this.bulk : this.changes).submit<T>(work);
  }

  /** Carries out changes of one unit each, which share transactions. @returns what each comes to, in their order */
  changeEach<T>(works: readonly UnitChange<T>[]): Promise<PromiseSettledResult<T>[]> {
    return this.changes.submitAll<T>(works);
  }

  /** Carries out a change that takes long, when those before it are over. */
  private long<T>(work: UnitChange<T>): Promise<T> {
    const shard = this.shard(SHARDS - 2);
    return this.longPool.retrying((connection) => runLong(connection, shard, this.directory, this.tidings, work));
  }

  /** Takes attempts back; `attempts` are of one work spec. */
  async undoAttempts({ namespace, workSpec }: SpecName, attempts: readonly AttemptRef[]): Promise<void> {
    const sorted = [...attempts].sort((a, b) => (a.workUnit < b.workUnit ? -1 : 1));
    const undo = statement(
      UNDO_ATTEMPTS,
      textParameter(namespace),
      textParameter(workSpec),
      byteaColumn(sorted.map(({ workUnit }) => workUnit)),
      int8Column(sorted.map(({ number }) => number)),
      this.shard(SHARDS - 1),
    );
    const id = this.directory.idOf({ namespace, workSpec }) ?? ANYTHING;
    await this.telling(
      () => new News().add(id, attempts.length),
      (run) => run(undo),
      { locks: [specThing(namespace, workSpec)] },
    );
  }

  /** Runs a transaction of whose end those are told who wait for work. @param news - once `work` has been done */
  async telling<T>(news: () => News, work: (run: Run) => Promise<T>, wishes: Wishes): Promise<T> {
    let done: News | undefined;
    const result = await this.pool.transaction(async (run) => {
      const value = await work(run);
      done = news();
      const notices = this.tidings.notices(done);
      if (notices.length > 0) await run(...notices);
      return value;
    }, wishes);
    if (done !== undefined) this.tidings.committed(done);
    return result;
  }

  /** Has somebody hear what other daemons say. */
  listenBy(listener: MessageListener): void {
    if (!this.canListen) return;
    this.hearing = new Listening(this.connect, this.tidings.self, listener);
    this.hearing.start();
  }

  /** Tells who listens, here and at other daemons, that attempts in a namespace have been stopped. Who misses it hears it at their next renewal. */
  noteStop(namespace: string): void {
    this.stopListener?.(namespace);
    this.pool.query(statement(NOTIFY, stopMessage(this.tidings.self, namespace))).catch(() => undefined);
  }

  /** As `seeWithin` of Listening. */
  greetListening(ms: number): boolean {
    return this.hearing?.seeWithin(ms) ?? false;
  }

  /** Says to the others that somebody waits here. */
  announce(): void {
    this.hearing?.announce();
  }

  idOfNamespace(name: string): number | undefined {
    return this.directory.namespaceId(name);
  }

  nameOfNamespace(id: number): string | undefined {
    return this.directory.namespaceName(id);
  }

  noteNamespace(name: string, id: number): void {
    this.directory.keepNamespace(name, id);
  }

  nameOfSpec(id: number): string | undefined {
    return this.directory.head(id)?.name;
  }

  /** Has who is told of the work of a spec be known to transactions. */
  know(spec: SpecName): Promise<void> {
    return this.pool.use((connection) => this.directory.findSpecs(connection, [spec]));
  }

  /** Runs a transaction on units outside of the batches; what it took is written when `work` has returned. */
  unitTransaction<T>(work: (transaction: UnitTransaction) => Promise<T>, wishes?: Wishes): Promise<T> {
    return this.pool.retrying(async (connection) => {
      const transaction = new UnitTransaction(connection, this.shard(SHARDS - 1), this.directory, this.tidings);
      const result = await work(transaction);
      await transaction.commit();
      return result;
    }, wishes);
  }

  /**
   * Asks the database for a sign of life over the connections that carry the work, as far as they are not at work, and
   * measures its clock. One that does not answer, or can't write, is given up, and replaced when it is needed.
   * @throws what fails
   */
  async probe(): Promise<void> {
    const greet = (connection: Connection) => this.greet(connection);
    const lookAtSlots = async (connection: Connection): Promise<void> => {
      const [[now, , slot]] = await this.sign(connection, statement(PROBE_PERIODIC));
      this.slots.saw(slot === null ? Infinity : (Number(slot) - Number(now)) / MILLISECOND);
    };
    const lanes = [this.claims, this.changes, this.bulk];
    // All are asked in any case.
    const results = await Promise.allSettled([this.pool.use(lookAtSlots), ...lanes.map((lane) => lane.probe(greet))]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** Whether something is asked all the time that is a sign of life as well. */
  get isLookedAt(): boolean {
    return performance.now() - this.lookedAt < RECENT_MS;
  }

  /**
   * Asks something that begins as the question for a sign of life does, and is one: where it is quick, each time over
   * another of the connections that have nothing to do. @throws what fails
   */
  async look(question: Statement, isQuick: boolean): Promise<Row[]> {
    if (!isQuick) return this.pool.query(question);
    const resting = [...this.claims.resting, ...this.changes.resting, ...this.bulk.resting];
    const lane = resting.at(this.turn++ % (resting.length + 1));
    let rows: Row[] = [];
    const ask = async (connection: Connection): Promise<void> => {
      rows = await this.sign(connection, question);
    };
    await (lane === undefined ? this.pool.use(ask) : lane.probe(ask));
    this.lookedAt = performance.now();
    return rows;
  }

  /** Finds out whether a connection leads to a database that can be written, and what its clock says. @throws if not */
  async greet(connection: Connection, mayBeReadOnly = false): Promise<void> {
    await this.sign(connection, statement(PROBE), mayBeReadOnly);
  }

  /** @param question - whose first row begins with the time, and whether the database is read-only @returns all rows */
  private async sign(connection: Connection, question: Statement, mayBeReadOnly = false): Promise<Row[]> {
    let rows: Row[] = [];
    const [, isReadOnly] = await this.time.measure(async () => (rows = await connection.probe(question)));
    if (isReadOnly === 't' && !mayBeReadOnly) throw connection.giveUp(new StorageUnavailableError(READ_ONLY));
    return rows;
  }

  /** Writes something that does not stay. @throws if there is no room for it, or what else is wrong */
  async tryWriting(): Promise<void> {
    await this.pool.use(async (connection) => {
      const trial = statement(TRY_WRITING, randomInt(2 ** 47), randomBytes(TRIAL_BYTES));
      try {
        await connection.begin([trial]);
      } finally {
        if (!connection.isBroken) await connection.run([ROLLBACK]);
      }
    });
  }

  /** The daemon is about to end: nobody waits any longer than that for the database. */
  hasten(ms: number): void {
    this.patience.hasten(ms);
  }

  async close(): Promise<void> {
    this.hasten(CLOSE_MS);
    this.tidings.close();
    await this.hearing?.close();
    await Promise.all([this.claims.close(), this.changes.close(), this.bulk.close()]);
    await this.history.close();
    await Promise.all([this.pool.close(), this.longPool.close()]);
  }
}

/** The first row, which a query on a spec has as long as the spec is there. @throws NoSuchWorkSpecError */
export function rowOfSpec<T>(rows: readonly T[], workSpec: string): T {
  if (rows.length === 0) throw new NoSuchWorkSpecError(workSpec);
  return rows[0];
}
