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
});
