import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { isSameOverview } from '../../../src/domain/overview.js';
import { MINUTE } from '../../../src/domain/time.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { DEFAULT_SIZES, PostgresStore } from '../../../src/storage/postgres/postgres-store.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import { repositoriesOf } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

const SPECS = 6;

describe('an overview of many work specs', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  let repositories: ReturnType<typeof repositoriesOf>;
  const read = async () => (await repositories.overview.read('n')).specs;

  beforeAll(async () => {
    database = await createDatabase();
    const options = await migrateDatabase(database);
    store = new PostgresStore(() => connect(options), new Scheduler(() => 0), DEFAULT_SIZES);
    repositories = repositoriesOf(store);
    const { specs, units } = repositories;
    for (let i = 0; i < SPECS; i++) {
      const flow = i % 3 === 0 ? { flow: { schedule: { cron: '0 0 1 1 *' } } } : {};
      await specs.set('n', defineWorkSpec(encode({ name: `s${i}`, ...flow })));
      await units.add('n', `s${i}`, [{ name: 'u', data: EMPTY_DATA, priority: 0 }]);
    }
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  it('is a row a statement, and of no more statements than one of a few', async () => {
    await repositories.attempts.claim('n', { worker: 'w', units: 1, lifetime: MINUTE });
    expect((await read()).length).toBe(SPECS);
    const query = vi.spyOn(store.pool, 'query');
    expect((await read()).length).toBe(SPECS);
    const answers = await Promise.all(query.mock.results.map(({ value }) => value as Promise<unknown[]>));
    query.mockRestore();
    // How all stand, what happened lately, who is at work; where a minute has begun meanwhile, what had happened before it; what this daemon writes.
    expect(answers.length).toBeLessThanOrEqual(6);
    expect(answers.filter((rows) => rows.length > 1)).toEqual([]);
  });

  it('has the same control values as the last one where they are the same, with schedules too', async () => {
    const [before, after] = [await read(), await read()];
    expect(before.map(({ meta }) => meta.slots !== undefined)).toContain(true);
    expect(after.filter(({ meta }, i) => meta !== before[i].meta)).toEqual([]);
    expect(isSameOverview(before[0], { ...after[0], recent: before[0].recent })).toBe(true);
    await repositories.specs.changeMeta('n', 's0', { weight: 3 });
    const changed = await read();
    expect(changed.filter(({ meta }, i) => meta !== after[i].meta).map(({ workSpec }) => workSpec)).toEqual(['s0']);
    expect(changed.find(({ workSpec }) => workSpec === 's0')!.meta.weight).toBe(3);
  });
});
