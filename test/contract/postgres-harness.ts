import type { Random } from '../../src/domain/scheduler/draw.js';
import { Scheduler } from '../../src/domain/scheduler/scheduler.js';
import type { Micros } from '../../src/domain/time.js';
import { PostgresAttemptRepository } from '../../src/storage/postgres/postgres-attempt.repository.js';
import { PostgresClock } from '../../src/storage/postgres/postgres-clock.js';
import { PostgresDaemonRepository } from '../../src/storage/postgres/postgres-daemon.repository.js';
import { PostgresDatabase } from '../../src/storage/postgres/postgres-database.js';
import { PostgresHistoryRepository } from '../../src/storage/postgres/postgres-history.repository.js';
import { PostgresLockRepository } from '../../src/storage/postgres/postgres-lock.repository.js';
import { PostgresMaintenanceRepository } from '../../src/storage/postgres/postgres-maintenance.repository.js';
import { PostgresNamespaceRepository } from '../../src/storage/postgres/postgres-namespace.repository.js';
import { PostgresOverviewRepository } from '../../src/storage/postgres/postgres-overview.repository.js';
import { PostgresSessionRepository } from '../../src/storage/postgres/postgres-session.repository.js';
import { PostgresScheduleRepository } from '../../src/storage/postgres/postgres-schedule.repository.js';
import { PostgresSnapshotRepository } from '../../src/storage/postgres/postgres-snapshot.repository.js';
import type { PostgresStore, StoreSizes } from '../../src/storage/postgres/postgres-store.js';
import { readPostgresUrl } from '../../src/storage/postgres/opening/postgres-url.js';
import { PostgresWorkFeed } from '../../src/storage/postgres/postgres-work-feed.js';
import { PostgresWorkSpecRepository } from '../../src/storage/postgres/postgres-work-spec.repository.js';
import { PostgresWorkUnitRepository } from '../../src/storage/postgres/postgres-work-unit.repository.js';
import { PostgresWorkerRepository } from '../../src/storage/postgres/postgres-worker.repository.js';
import type { PostgresVersion } from '../support/postgres-server.js';
import type { TestDatabase } from '../support/postgres.js';
import { createDatabase, migrateDatabase } from '../support/postgres.js';
import type { BackendHarness, Lacks, OpenBackend, Repositories } from './harness.js';
import { RecordingObserver } from './recording-observer.js';

/** By which looks are made that nobody has asked for, in milliseconds. */
type Time = () => number;

/** Those of a store alone: whether it can serve is said by the database that it is of. */
export type StoreRepositories = Omit<Repositories, 'health'>;

export function repositoriesOf(store: PostgresStore, time?: Time): StoreRepositories {
  return {
    namespaces: new PostgresNamespaceRepository(store),
    specs: new PostgresWorkSpecRepository(store),
    units: new PostgresWorkUnitRepository(store),
    attempts: new PostgresAttemptRepository(store),
    workers: new PostgresWorkerRepository(store),
    locks: new PostgresLockRepository(store),
    maintenance: new PostgresMaintenanceRepository(store),
    schedules: new PostgresScheduleRepository(store),
    snapshots: new PostgresSnapshotRepository(store),
    history: new PostgresHistoryRepository(store),
    overview: new PostgresOverviewRepository(store),
    sessions: new PostgresSessionRepository(store),
    daemons: new PostgresDaemonRepository(store),
    clock: new PostgresClock(store),
    feed: new PostgresWorkFeed(store, time),
  };
}

const SILENT = { log: () => undefined, warn: () => undefined };

const TABLES = [
  'namespace',
  'work_spec',
  'work_spec_count',
  'work_unit',
  'attempt',
  'worker',
  'lock',
  'garbage',
  'work_spec_change',
  'work_spec_history',
  'worker_done',
  'session',
];

/** Of a machine whose disk is busy with other things: how long a commit takes is not what the contract is about. */
const REQUEST_TIMEOUT_MS = 60_000;

class OpenPostgres implements OpenBackend {
  private random: Random = () => 0;
  private readonly draw: Random = () => this.random();
  private readonly daemons: PostgresDatabase[] = [];
  private skipped = 0;
  readonly observer = new RecordingObserver();
  readonly repositories: Repositories;

  constructor(
    private readonly database: TestDatabase,
    private readonly url: string,
    private readonly sizes: Partial<StoreSizes> = {},
  ) {
    this.repositories = this.daemon();
  }

  private daemon(): Repositories {
    const scheduler = new Scheduler(this.draw);
    const options = readPostgresUrl(this.url);
    const requestTimeoutMs = Math.max(options.requestTimeoutMs, REQUEST_TIMEOUT_MS);
    const sized = { ...options, requestTimeoutMs, sizes: { ...options.sizes, ...this.sizes } };
    const database = new PostgresDatabase(sized, scheduler, this.observer, SILENT);
    this.daemons.push(database);
    return { ...repositoriesOf(database.store, () => performance.now() + this.skipped), health: database };
  }

  letGoBy(ms: number): void {
    this.skipped += ms;
  }

  async setClock(now: Micros): Promise<void> {
    await this.database.query('UPDATE public.test_clock SET now = $1', [now]);
  }

  setRandom(random: Random): void {
    this.random = random;
  }

  another(): Promise<Repositories> {
    return Promise.resolve(this.daemon());
  }

  async interrupt(): Promise<() => Promise<void>> {
    await this.database.open(false);
    return () => this.database.open(true);
  }

  async reset(): Promise<void> {
    await Promise.all(this.daemons.splice(1).map((daemon) => daemon.close()));
    // Which takes a fraction of what truncating eight tables takes, of which few ever hold more than a few rows.
    await this.database.query(TABLES.map((table) => `DELETE FROM coordinate.${table}`).join(';'));
  }

  async close(): Promise<void> {
    await Promise.all(this.daemons.map((daemon) => daemon.close()));
    await this.database.drop();
  }
}

/** A database whose clock stands still until it is set. */
async function withManualClock(database: TestDatabase): Promise<TestDatabase> {
  await migrateDatabase(database);
  await database.query('CREATE TABLE public.test_clock (now bigint)');
  await database.query('INSERT INTO public.test_clock VALUES (0)');
  await database.query(`CREATE OR REPLACE FUNCTION coordinate.now_micros() RETURNS bigint LANGUAGE sql VOLATILE
    AS 'SELECT now FROM public.test_clock'`);
  return database;
}

/** What no PostgreSQL does. */
export const POSTGRES_LACKS: Lacks = { moments: 'what a query selects is changed in portions, each of which commits' };

/** Nor, where a pooler gives a session of the database to whoever asks next, this. */
export const POOLED_LACKS: Lacks = { ...POSTGRES_LACKS, telling: 'through a pooler nobody can listen' };

/** @param parameters - of the URL, after its question mark; `sizes` - where they are not as usual */
export function postgresHarness(
  version: PostgresVersion,
  parameters = '',
  sizes?: Partial<StoreSizes>,
): BackendHarness {
  return {
    name: `PostgreSQL ${version} ${parameters}`.trim(),
    lacks: parameters.includes('pgbouncer=true') ? POOLED_LACKS : POSTGRES_LACKS,
    open: async () => {
      const database = await createDatabase(version);
      return openOn({ ...database, url: `${database.url}?${parameters}` }, sizes);
    },
  };
}

/** The backend on a database that nobody has used yet, which goes away with it. */
export async function openOn(database: TestDatabase, sizes?: Partial<StoreSizes>): Promise<OpenBackend> {
  return new OpenPostgres(await withManualClock(database), database.url, sizes);
}
