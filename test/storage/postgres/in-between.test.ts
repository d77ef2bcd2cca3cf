import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { RetentionPolicy } from '../../../src/domain/retention.js';
import { DEFAULT_LIFETIME } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { DEFAULT_SIZES, PostgresStore } from '../../../src/storage/postgres/postgres-store.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import { Patience } from '../../../src/storage/postgres/wire/patience.js';
import { sql, statement } from '../../../src/storage/postgres/wire/statement.js';
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
    // What waits here is to go on waiting, however slow this machine is.
    const patience = new Patience(200_000);
    const open = async () => {
      const connection = await connect(options, patience);
      await connection.runAlone(statement(sql('SET lock_timeout = 0')));
      return connection;
    };
    store = new PostgresStore(open, new Scheduler(Math.random), DEFAULT_SIZES, undefined, patience);
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

  const worker = (name: string) =>
    database.query(`SELECT parent FROM coordinate.worker WHERE name = $1`, [Buffer.from(name)]);

  it('of a worker whose record retention is removing keeps its parent', async () => {
    const heartbeat = () =>
      own.workers.change('', 'child', { parent: 'parent', update: { lifetime: DEFAULT_LIFETIME } });
    await heartbeat();
    await other.query('BEGIN');
    await other.query(`DELETE FROM coordinate.worker WHERE name = 'child'`);
    const beating = heartbeat();
    await waits(1);
    await other.query('COMMIT');
    await beating;
    expect(await worker('child')).toEqual([{ parent: Buffer.from('parent') }]);
  });

  it('leaves a worker whose first child is being recorded', async () => {
    await own.workers.change('', 'parent', { update: { lifetime: 0 } });
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM coordinate.namespace FOR NO KEY UPDATE');
    await other.query(`INSERT INTO coordinate.worker SELECT (jsonb_populate_record(w,
      '{"name": "\\\\x6368696c64", "parent": "\\\\x706172656e74"}')).* FROM coordinate.worker w`);
    const removing = own.maintenance.retain(new RetentionPolicy({}, {}, { count: 0 }));
    await Promise.race([removing, waits(1)]);
    await other.query('COMMIT');
    await removing;
    expect(await worker('parent')).toHaveLength(1);
  });

  it('that gives a spec a limit counts what claims have begun that know of none', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const units = names.map((name) => ({ name, data: EMPTY_DATA, priority: 0 }));
    const claim = async (count: number) => {
      const request = { worker: 'w', units: count, lifetime: DEFAULT_LIFETIME };
      return (await own.attempts.claim('', request)).attempts.length;
    };
    const define = (fields: object) => own.specs.set('', defineWorkSpec(encode({ name: 's', ...fields })));
    const control = (maxRunning: number) => own.specs.changeMeta('', 's', { maxRunning });
    const limits = [() => define({ max_running: 2 }), () => control(2)];
    for (const [limit, isStraight] of limits.flatMap((each) => [[each, false] as const, [each, true] as const])) {
      await own.units.delete('', 's', {});
      await define({});
      await own.units.add('', 's', units);
      // The first claim goes the general way, those after it the straight one.
      if (isStraight) expect(await claim(1)).toBe(1);
      // The counters that the claim is to come to, whichever they are.
      await database.query(`INSERT INTO coordinate.work_spec_count SELECT s.id, i, 0, 0, 0, 0, 0, 0
        FROM coordinate.work_spec s, generate_series(0, 7) i ON CONFLICT DO NOTHING`);
      await other.query('BEGIN');
      await other.query('SELECT 1 FROM coordinate.work_spec_count FOR UPDATE');
      const claiming = claim(2);
      await waits(1);
      const limiting = limit();
      await waits(2);
      await other.query('COMMIT');
      expect(await claiming).toBe(2);
      await limiting;
      expect(await claim(6)).toBe(0);
      await database.query('DELETE FROM coordinate.worker');
    }
  });
});
