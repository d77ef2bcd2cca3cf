import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { RetentionPolicy } from '../../../src/domain/retention.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { MINUTE } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { PostgresStore } from '../../../src/storage/postgres/postgres-store.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import type { Repositories } from '../../contract/harness.js';
import { repositoriesOf } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';
import { attemptsOf } from '../../support/attempts.js';

/** What retention does while a transaction of somebody else holds rows. */
describe('retention beside other transactions', () => {
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
  });
  afterEach(async () => {
    await other.end();
    await store.close();
    await database.drop();
  });

  /** Units that end one after another, in the order of their names. */
  async function end(count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, index) => `u${index}`);
    await own.units.add(
      '',
      's',
      names.map((name) => ({ name, data: EMPTY_DATA, priority: 0 })),
    );
    const { attempts } = await own.attempts.claim('', { worker: 'w', units: count, lifetime: MINUTE });
    for (const ref of attempts) await own.attempts.change('', { ref, action: 'finish' });
  }
  const keepFive = new RetentionPolicy({ count: 5 });
  const names = async (): Promise<string[]> => await own.units.listNames('', 's', {});

  it('does not take newer units in the place of old ones that are held', async () => {
    await end(9);
    await other.query('BEGIN');
    await other.query(`SELECT 1 FROM coordinate.work_unit WHERE name IN ('u0', 'u1', 'u2') FOR UPDATE`);
    expect(await own.maintenance.retain(keepFive)).toMatchObject({ units: 1, more: false });
    expect(await names()).toEqual(['u0', 'u1', 'u2', 'u4', 'u5', 'u6', 'u7', 'u8']);
    await other.query('COMMIT');
    expect(await own.maintenance.retain(keepFive)).toMatchObject({ units: 3 });
    expect(await names()).toEqual(['u4', 'u5', 'u6', 'u7', 'u8']);
  });

  it('leaves a lock that was renewed while its removal waited', async () => {
    await own.locks.lock('', 'me', 1, [['a']]);
    await other.query('BEGIN');
    await other.query('UPDATE coordinate.lock SET until = coordinate.now_micros() + 60000000');
    const removal = own.maintenance.retain(new RetentionPolicy());
    await waits();
    await other.query('COMMIT');
    await removal;
    expect(await own.locks.read('', [['a']])).toEqual(['me']);
  });

  it('leaves a worker that is beginning an attempt', async () => {
    await end(1);
    await own.workers.change('', 'w', { update: { lifetime: 0 } });
    await own.units.clear('', 's', {});
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM coordinate.work_spec_count FOR UPDATE');
    const made = own.attempts.make('', { worker: 'w', workSpec: 's', workUnit: 'u0', lifetime: MINUTE });
    await waits();
    await own.maintenance.retain(new RetentionPolicy({}, {}, { age: 0 }));
    await other.query('COMMIT');
    await made;
    expect((await attemptsOf(own.attempts, 'active', '', 'w')).map(({ workUnit }) => workUnit)).toEqual(['u0']);
  });

  /** Until a statement of the store waits for the transaction of the other client. */
  async function waits(): Promise<void> {
    for (;;) {
      const [{ waiting }] = await database.query(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if (waiting) return;
    }
  }
});
