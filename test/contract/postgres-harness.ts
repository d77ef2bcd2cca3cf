import type { Random } from '../../src/domain/scheduler/draw.js';
import { Scheduler } from '../../src/domain/scheduler/scheduler.js';
import type { Micros } from '../../src/domain/time.js';
import { PostgresAttemptRepository } from '../../src/storage/postgres/postgres-attempt.repository.js';
import { PostgresLockRepository } from '../../src/storage/postgres/postgres-lock.repository.js';
import { PostgresMaintenanceRepository } from '../../src/storage/postgres/postgres-maintenance.repository.js';
import { PostgresNamespaceRepository } from '../../src/storage/postgres/postgres-namespace.repository.js';
import { PostgresSnapshotRepository } from '../../src/storage/postgres/postgres-snapshot.repository.js';
import { DEFAULT_SIZES, PostgresStore } from '../../src/storage/postgres/postgres-store.js';
import { readPostgresUrl } from '../../src/storage/postgres/opening/postgres-url.js';
import { PostgresWorkSpecRepository } from '../../src/storage/postgres/postgres-work-spec.repository.js';
import { PostgresWorkUnitRepository } from '../../src/storage/postgres/postgres-work-unit.repository.js';
import { PostgresWorkerRepository } from '../../src/storage/postgres/postgres-worker.repository.js';
import { connect } from '../../src/storage/postgres/wire/connecting.js';
import type { PostgresVersion } from '../support/postgres-server.js';
import type { TestDatabase } from '../support/postgres.js';
import { createDatabase, migrateDatabase } from '../support/postgres.js';
import type { BackendHarness, OpenBackend, Repositories } from './harness.js';
import { RecordingObserver } from './recording-observer.js';

export function repositoriesOf(store: PostgresStore): Repositories {
  return {
    namespaces: new PostgresNamespaceRepository(store),
    specs: new PostgresWorkSpecRepository(store),
    units: new PostgresWorkUnitRepository(store),
    attempts: new PostgresAttemptRepository(store),
    workers: new PostgresWorkerRepository(store),
    locks: new PostgresLockRepository(store),
    maintenance: new PostgresMaintenanceRepository(store),
    snapshots: new PostgresSnapshotRepository(store),
  };
}

const TABLES = ['namespace', 'work_spec', 'work_spec_count', 'work_unit', 'attempt', 'worker', 'lock', 'garbage'];

class OpenPostgres implements OpenBackend {
  private random: Random = () => 0;
  private readonly draw: Random = () => this.random();
  private readonly stores: PostgresStore[] = [];
  readonly observer = new RecordingObserver();
  readonly repositories: Repositories;

  constructor(
    private readonly database: TestDatabase,
    private readonly url: string,
  ) {
    this.repositories = this.daemon();
  }

  private daemon(): Repositories {
    const options = () => readPostgresUrl(this.url);
    const store = new PostgresStore(() => connect(options()), new Scheduler(this.draw), DEFAULT_SIZES, this.observer);
    this.stores.push(store);
    return repositoriesOf(store);
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

  async reset(): Promise<void> {
    await Promise.all(this.stores.splice(1).map((store) => store.close()));
    await this.database.query(`TRUNCATE ${TABLES.map((table) => `coordinate.${table}`).join(', ')}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.stores.map((store) => store.close()));
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

/** @param parameters - of the URL, after its question mark */
export function postgresHarness(version: PostgresVersion, parameters = ''): BackendHarness {
  return {
    name: `PostgreSQL ${version} ${parameters}`.trim(),
    capabilities: new Set(['locks', 'retention', 'watching', 'sharing']),
    open: async () => {
      const database = await createDatabase(version);
      return openOn({ ...database, url: `${database.url}?${parameters}` });
    },
  };
}

/** The backend on a database that nobody has used yet, which goes away with it. */
export async function openOn(database: TestDatabase): Promise<OpenBackend> {
  return new OpenPostgres(await withManualClock(database), database.url);
}
