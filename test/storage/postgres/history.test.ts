import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { OutcomeUnknownError, StorageUnavailableError } from '../../../src/domain/errors.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { MINUTE } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { retainHistory } from '../../../src/storage/postgres/history/history-retention.js';
import type { PostgresOptions } from '../../../src/storage/postgres/opening/postgres-url.js';
import { DEFAULT_SIZES, PostgresStore } from '../../../src/storage/postgres/postgres-store.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import { repositoriesOf } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

/** What each daemon writes some seconds after it has happened. */
describe('a history that is written behind', () => {
  let database: TestDatabase;
  let options: PostgresOptions;
  const stores: PostgresStore[] = [];

  beforeAll(async () => {
    database = await createDatabase();
    options = await migrateDatabase(database);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await database.query('DELETE FROM coordinate.work_spec; DELETE FROM coordinate.work_spec_history');
  });
  afterAll(() => database.drop());

  async function daemon() {
    const store = new PostgresStore(() => connect(options), new Scheduler(() => 0), DEFAULT_SIZES);
    stores.push(store);
    const { specs, units } = repositoriesOf(store);
    await specs.set('n', defineWorkSpec(encode({ name: 's' })));
    const add = async (...names: string[]): Promise<void> =>
      await units.add(
        'n',
        's',
        names.map((name) => ({ name, data: EMPTY_DATA, priority: 0 })),
      );
    return { store, add };
  }

  const added = async (): Promise<number> =>
    Number(
      (await database.query('SELECT coalesce(sum(added), 0) AS added FROM coordinate.work_spec_history'))[0].added,
    );

  it('is there when the daemon has stopped', async () => {
    const { store, add } = await daemon();
    await add('a', 'b');
    expect(await added()).toBe(0);
    stores.splice(0);
    await store.close();
    expect(await added()).toBe(2);
  });

  it('is written later by who could not write it, and never twice', async () => {
    const { store, add } = await daemon();
    await add('a', 'b', 'c');
    const query = vi.spyOn(store.pool, 'query');
    query.mockRejectedValueOnce(new StorageUnavailableError('away'));
    await expect(store.history.flush()).rejects.toThrow('away');
    await add('d');
    await store.history.flush();
    expect(await added()).toBe(4);
    await add('e');
    // Nobody knows whether it has been written.
    query.mockRejectedValueOnce(new OutcomeUnknownError('gone'));
    await expect(store.history.flush()).rejects.toThrow('gone');
    await store.history.flush();
    expect(await added()).toBe(4);
  });

  it('is that of all daemons together, whenever they write, and of no spec that is gone', async () => {
    const daemons = [await daemon(), await daemon(), await daemon()];
    for (let round = 0; round < 3; round++) {
      await Promise.all(daemons.map(({ add }, i) => add(`${i} ${round}`)));
      await Promise.all(daemons.map(({ store }) => store.history.flush()));
    }
    expect(await added()).toBe(9);
    await daemons[0].add('late');
    await database.query('DELETE FROM coordinate.work_spec');
    await daemons[0].store.history.flush();
    expect(await added()).toBe(9);
  });

  it('loses nothing when several daemons make hours of its minutes at once', async () => {
    const { store, add } = await daemon();
    await add('now');
    await store.history.flush();
    const other = await daemon();
    await database.query(`INSERT INTO coordinate.work_spec_history SELECT h.history_id, h.start - ${3 * 24 * 60 + 600} * ${MINUTE}::int8 + m * ${MINUTE}::int8,
        h.last_claim, h.added, h.claimed, h.finished, h.failed, h.retried, h.expired, h.released, h.waited_seconds,
        h.worked_seconds, h.minutes, h.waited, h.worked
      FROM coordinate.work_spec_history h, generate_series(1, 1200) m`);
    await Promise.all([store, other.store, store].map((each) => retainHistory(each, 5_000)));
    const rows = await database.query(
      'SELECT minutes, count(*)::int AS rows, sum(added)::int AS added FROM coordinate.work_spec_history GROUP BY 1 ORDER BY 1',
    );
    // 1,200 minutes are 20 hours, or parts of 21.
    expect(rows.map(({ minutes, added }) => [minutes, added])).toEqual([
      [1, 1],
      [60, 1200],
    ]);
    expect(rows[1].rows).toBeLessThan(22);
  });
});
