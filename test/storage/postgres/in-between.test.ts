import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { PostgresStore } from '../../../src/storage/postgres/postgres-store.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import type { Repositories } from '../../contract/harness.js';
import { repositoriesOf } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

/** What happens when another transaction ends just while one of ours waits for it. */
describe('a change that had to wait', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  let own: Repositories;
  let other: pg.Client;

  beforeEach(async () => {
    database = await createDatabase();
    const options = await migrateDatabase(database);
    store = new PostgresStore(() => connect(options), new Scheduler(Math.random));
    own = repositoriesOf(store);
    other = new pg.Client(database.url);
    await other.connect();
    await own.specs.set('', defineWorkSpec(encode({ name: 's' })));
    await own.specs.set('', defineWorkSpec(encode({ name: 't' })));
  });
  afterEach(async () => {
    await other.end();
    await store.close();
    await database.drop();
  });

  /** Until so many statements wait for locks of others. */
  async function waits(count: number): Promise<void> {
    for (;;) {
      const [{ waiting }] = await database.query(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if (waiting === count) return;
    }
  }

  it('destroys a namespace with the spec that was being added to it', async () => {
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM coordinate.namespace FOR KEY SHARE');
    await other.query(`INSERT INTO coordinate.work_spec SELECT (jsonb_populate_record(s,
      jsonb_build_object('id', nextval('coordinate.object_id'), 'name', '\\x78'))).* FROM coordinate.work_spec s LIMIT 1`);
    const destroyed = own.namespaces.destroy('');
    await waits(1);
    await other.query('COMMIT');
    expect(await destroyed).toBe(true);
    expect(await database.query('SELECT * FROM coordinate.work_spec')).toEqual([]);
  });

  it('is begun again after a deadlock, and nobody hears of that', async () => {
    // Whoever waits longer than the other sees the deadlock: that is to be ours.
    await other.query(`SET deadlock_timeout = '1min'`);
    await other.query('BEGIN');
    await other.query(`SELECT 1 FROM coordinate.work_spec WHERE name = 't' FOR UPDATE`);
    const cleared = own.specs.clear('');
    await waits(1);
    const locked = other.query(`SELECT 1 FROM coordinate.work_spec WHERE name = 's' FOR UPDATE`);
    await locked;
    await other.query('COMMIT');
    expect(await cleared).toBe(2);
  });
});
