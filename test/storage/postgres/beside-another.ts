import pg from 'pg';
import { encode } from '../../../src/cbor/index.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { DEFAULT_SIZES, PostgresStore } from '../../../src/storage/postgres/postgres-store.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import { Patience } from '../../../src/storage/postgres/wire/patience.js';
import { sql, statement } from '../../../src/storage/postgres/wire/statement.js';
import type { StoreRepositories } from '../../contract/postgres-harness.js';
import { repositoriesOf } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

/** A storage on a database of its own, beside a client who runs transactions there himself. */
export class BesideAnother {
  private constructor(
    readonly database: TestDatabase,
    private readonly store: PostgresStore,
    readonly own: StoreRepositories,
    readonly other: pg.Client,
  ) {}

  /** @param specs - the names of those that there are in the namespace without a name */
  static async start(...specs: string[]): Promise<BesideAnother> {
    const database = await createDatabase();
    const options = await migrateDatabase(database);
    // What waits here is to go on waiting, however slow this machine is.
    const patience = new Patience(200_000);
    const open = async () => {
      const connection = await connect(options, patience);
      await connection.runAlone(statement(sql('SET lock_timeout = 0')));
      return connection;
    };
    const store = new PostgresStore(open, new Scheduler(Math.random), DEFAULT_SIZES, undefined, patience);
    const other = new pg.Client(database.url);
    await other.connect();
    const beside = new BesideAnother(database, store, repositoriesOf(store), other);
    for (const name of specs) await beside.own.specs.set('', defineWorkSpec(encode({ name })));
    return beside;
  }

  async stop(): Promise<void> {
    await this.other.end();
    await this.store.close();
    await this.database.drop();
  }

  /** Resolves once so many statements wait for locks of others. */
  async waits(count: number): Promise<void> {
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await this.database.query(waiting)).length !== count);
  }
}
