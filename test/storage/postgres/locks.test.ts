import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { MINUTE } from '../../../src/domain/time.js';
import { PostgresStore } from '../../../src/storage/postgres/postgres-store.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import { Connection } from '../../../src/storage/postgres/wire/connection.js';
import type { Repositories } from '../../contract/harness.js';
import { repositoriesOf } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

describe('locks of very many paths', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  let locks: Repositories['locks'];
  beforeAll(async () => {
    database = await createDatabase();
    const options = await migrateDatabase(database);
    store = new PostgresStore(() => connect(options), new Scheduler(Math.random));
    ({ locks } = repositoriesOf(store));
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await store.close();
    await database.drop();
  });

  it('are taken, renewed, read and released by a few statements, whatever their number', async () => {
    const paths = Array.from({ length: 400 }, (_, index) => ['a', `b${index % 7}`, `c${index}`]);
    const sent = vi.spyOn(Connection.prototype, 'run');
    const statements = (): number => sent.mock.calls.reduce((sum, [some]) => sum + some.length, 0);
    expect(await locks.lock('', 'me', MINUTE, paths)).toBeUndefined();
    expect(await locks.lockSome('', 'other', MINUTE, [...paths, ['d'], ['d', 'e']])).toEqual([
      ...paths.map(() => false),
      true,
      false,
    ]);
    expect(await locks.lock('', 'other', MINUTE, [['x'], ['a']])).toEqual(['a']);
    expect(await locks.renew('', 'me', MINUTE, [...paths, paths[0]])).toBeUndefined();
    expect(new Set(await locks.read('', paths))).toEqual(new Set(['me']));
    expect(await locks.unlock('', 'me', paths)).toBeUndefined();
    expect(statements()).toBeLessThan(50);
  });

  it('are compared with no lock that has nothing to do with them, however many others hold', async () => {
    await locks.lock('n', 'other', MINUTE, [['first']]);
    await database.query(`INSERT INTO coordinate.lock
      SELECT l.namespace_id, sha256(i::text::bytea), ARRAY[sha256(''), sha256(i::text::bytea)], l.locker, l.until
      FROM coordinate.lock l JOIN coordinate.namespace n ON n.id = l.namespace_id, generate_series(1, 3000) i WHERE n.name = 'n'`);
    // What is known of them has a planner choose otherwise.
    await database.query('ANALYZE coordinate.lock');
    const read = async () => {
      await database.query('SELECT pg_stat_force_next_flush()');
      const [{ rows }] = await database.query(`SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS rows
        FROM pg_stat_user_tables WHERE schemaname = 'coordinate' AND relname = 'lock'`);
      return Number(rows);
    };
    const paths = Array.from({ length: 300 }, (_, i) => [`new ${i}`]);
    await store.close();
    const before = await read();
    const options = await migrateDatabase(database);
    store = new PostgresStore(() => connect(options), new Scheduler(Math.random));
    ({ locks } = repositoriesOf(store));
    expect(await locks.lock('n', 'me', MINUTE, paths)).toBeUndefined();
    expect(await locks.lockSome('n', 'other', MINUTE, [...paths, ['free']])).toEqual([...paths.map(() => false), true]);
    // Each connection tells the statistics of what it has read at its end.
    await store.close();
    expect((await read()) - before).toBeLessThan(3000);
    store = new PostgresStore(() => connect(options), new Scheduler(Math.random));
  });
});
