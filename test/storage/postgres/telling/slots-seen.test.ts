import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../../../src/cbor/index.js';
import { Scheduler } from '../../../../src/domain/scheduler/scheduler.js';
import { defineWorkSpec } from '../../../../src/domain/work-spec.js';
import { DEFAULT_SIZES, PostgresStore } from '../../../../src/storage/postgres/postgres-store.js';
import { connect } from '../../../../src/storage/postgres/wire/connecting.js';
import { repositoriesOf, type StoreRepositories } from '../../../contract/postgres-harness.js';
import type { TestDatabase } from '../../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../../support/postgres.js';

/** A schedule that another daemon has set, which has gone since. */
describe('the first slot of a schedule', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  let here: StoreRepositories;
  let told = 0;

  beforeAll(async () => {
    database = await createDatabase();
    const options = await migrateDatabase(database);
    store = new PostgresStore(() => connect(options), new Scheduler(() => 0), DEFAULT_SIZES);
    here = repositoriesOf(store);
    await here.specs.set('n', defineWorkSpec(encode({ name: 's', flow: { schedule: { cron: '0 0 1 1 *' } } })));
    here.schedules.tell(() => void told++);
  });
  afterEach(() => setSlot('9223372036854775000'));
  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  const setSlot = (slot: string) => database.query(`UPDATE coordinate.work_spec SET next_slot = ${slot}`);

  /** Looks at the schedules, has a slot of seconds from now appear, and waits until that is told. */
  async function appears(ask: () => unknown): Promise<void> {
    expect((await here.schedules.startDue()).nextInMs).toBe(60_000);
    told = 0;
    await ask();
    expect(told).toBe(0);
    await setSlot('coordinate.now_micros() + 5000000');
    await expect.poll(async () => (await ask(), told)).toBeGreaterThan(0);
    const { nextInMs } = await here.schedules.startDue();
    expect(nextInMs).toBeLessThanOrEqual(5_000);
    expect(nextInMs).toBeGreaterThan(0);
  }

  it('is seen by a sign of life', () => appears(() => store.probe()));

  it('is seen by a look of those who wait', async () => {
    let last: NodeJS.Timeout | undefined;
    here.feed.tell({
      claimable: () => undefined,
      lookIn: (ms) => (last = setTimeout(() => here.feed.look(), ms).unref()),
    });
    await expect.poll(() => here.feed.hearsStops).toBe(true);
    await store.know({ namespace: 'n', workSpec: 's' });
    here.feed.watch('n');
    await appears(() => undefined);
    here.feed.unwatch('n');
    clearTimeout(last);
  });
});
