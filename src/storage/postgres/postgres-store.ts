import type { AttemptRef } from '../../domain/attempt.js';
import { NoSuchWorkSpecError } from '../../domain/errors.js';
import type { Scheduler } from '../../domain/scheduler.js';
import type { Micros } from '../../domain/time.js';
import { Batcher } from './batches/batcher.js';
import type { ChangeJob, UnitChange } from './batches/change-batch.js';
import { runChanges } from './batches/change-batch.js';
import type { ClaimWork } from './batches/claim-batch.js';
import { runClaims } from './batches/claim-batch.js';
import { ClaimHints } from './batches/claim-state.js';
import { settleDue } from './batches/settling.js';
import { UnitTransaction } from './batches/unit-transaction.js';
import type { SpecName } from './units/spec-directory.js';
import { SpecDirectory } from './units/spec-directory.js';
import type { WorkObservers } from '../storage-observer.js';
import { NO_OBSERVERS } from '../storage-observer.js';
import { UNDO_ATTEMPTS } from './sql/undoing.sql.js';
import { byteaColumn, int8Column } from './wire/columns.js';
import type { Connection } from './wire/connection.js';
import { ConnectionPool, retryingConflicts } from './wire/connection-pool.js';
import { statement } from './wire/statement.js';
import { textParameter } from './wire/values.js';

/** How many connections do what. */
export interface StoreSizes {
  /** For everything that is not gathered in batches. */
  readonly pool: number;
  readonly claimLanes: number;
  readonly changeLanes: number;
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

/** What the repositories of the PostgreSQL backend share: connections, batches, and what this daemon knows of names. */
export class PostgresStore {
  readonly pool: ConnectionPool;
  private readonly claims: Batcher<ClaimWork>;
  private readonly changes: Batcher<UnitChange<unknown>>;
  /** Adding many units takes long: it has a connection of its own, lest short requests wait for it. */
  private readonly bulk: Batcher<UnitChange<unknown>>;
  private readonly hints = new ClaimHints();
  private readonly directory: SpecDirectory;
  /** A place to start from among the counters, so that daemons differ. */
  private readonly firstShard = Math.floor(Math.random() * SHARDS);

  constructor(
    connect: () => Promise<Connection>,
    private readonly scheduler: Scheduler,
    sizes: StoreSizes = DEFAULT_SIZES,
    private readonly observers: WorkObservers = NO_OBSERVERS,
  ) {
    const directory = (this.directory = new SpecDirectory(observers));
    const change = (first: number) => (connection: Connection, jobs: readonly ChangeJob[], lane: number) =>
      runChanges(connection, this.shard(first + lane), directory, jobs);
    this.pool = new ConnectionPool(connect, sizes.pool);
    this.claims = new Batcher(
      { lanes: sizes.claimLanes, capacity: SHARED_CAPACITY, weigh: ({ request }) => request.units },
      connect,
      (connection, jobs, lane) =>
        runClaims(connection, this.shard(lane), { directory, scheduler: this.scheduler, hints: this.hints }, jobs),
    );
    const weigh = ({ names }: UnitChange<unknown>): number => names.length;
    this.changes = new Batcher(
      { lanes: sizes.changeLanes, capacity: SHARED_CAPACITY, weigh },
      connect,
      change(sizes.claimLanes),
    );
    this.bulk = new Batcher(
      { lanes: 1, capacity: CAPACITY, weigh },
      connect,
      change(sizes.claimLanes + sizes.changeLanes),
    );
  }

  private shard(lane: number): number {
    return (this.firstShard + lane) % SHARDS;
  }

  claim<T>(work: ClaimWork): Promise<T> {
    return this.claims.submit(work);
  }

  change<T>(work: UnitChange<T>): Promise<T> {
    return (work.names.length > 16 ? this.bulk : this.changes).submit<T>(work);
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
    await this.pool.transaction((run) => run(undo));
  }

  /** Lets the leases and delays that have run out take effect in the counts and in listings by status. */
  async settle(specs: readonly (SpecName & { readonly id: number })[], now: Micros): Promise<void> {
    const named = new Map(specs.map((spec) => [spec.id, spec]));
    const observerOf = (id: number) => this.observers.workOf(named.get(id)!.namespace, named.get(id)!.workSpec);
    await this.pool.use((connection) =>
      retryingConflicts(connection, () =>
        settleDue(connection, this.shard(SHARDS - 1), observerOf, [...named.keys()], now),
      ),
    );
  }

  /** Runs a transaction on units outside of the batches; what it took is written when `work` has returned. */
  unitTransaction<T>(work: (transaction: UnitTransaction) => Promise<T>): Promise<T> {
    return this.pool.use((connection) =>
      retryingConflicts(connection, async () => {
        const transaction = new UnitTransaction(connection, this.shard(SHARDS - 1), (id) =>
          this.directory.observerOf(id),
        );
        const result = await work(transaction);
        await transaction.commit();
        return result;
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.claims.close(), this.changes.close(), this.bulk.close()]);
    await this.pool.close();
  }
}

/** The first row, which a query on a spec has as long as the spec is there. @throws NoSuchWorkSpecError */
export function rowOfSpec<T>(rows: readonly T[], workSpec: string): T {
  if (rows.length === 0) throw new NoSuchWorkSpecError(workSpec);
  return rows[0];
}
