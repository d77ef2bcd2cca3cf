import { Scheduler } from '../../src/domain/scheduler/scheduler.js';
import { DEFAULT_SIZES, PostgresStore } from '../../src/storage/postgres/postgres-store.js';
import { connect } from '../../src/storage/postgres/wire/connecting.js';
import { Patience } from '../../src/storage/postgres/wire/patience.js';
import type { TestDatabase } from '../support/postgres.js';
import { migrateDatabase } from '../support/postgres.js';

/** A store on a database, which it migrates. @param patienceMs - how long requests wait */
export async function openStore(database: TestDatabase, patienceMs: number): Promise<PostgresStore> {
  const options = await migrateDatabase(database);
  const patience = new Patience(patienceMs);
  const open = () => connect(options, patience);
  return new PostgresStore(open, new Scheduler(() => 0), DEFAULT_SIZES, undefined, patience);
}
