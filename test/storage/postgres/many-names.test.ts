import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { PostgresStore } from '../../../src/storage/postgres/postgres-store.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import { ConnectionPool } from '../../../src/storage/postgres/wire/connection-pool.js';
import type { Repositories } from '../../contract/harness.js';
import { repositoriesOf } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

const UNITS = Array.from({ length: 3500 }, (_, index) => `unit-${index}`);
/** Every unit, in no order, and as many that are not there. */
const NAMES = UNITS.flatMap((name) => [`no-${name}`, name]).reverse();

/** More units by name than one transaction takes. */
describe('units of very many names', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  let units: Repositories['units'];

  beforeEach(async () => {
    database = await createDatabase();
    const options = await migrateDatabase(database);
    store = new PostgresStore(() => connect(options), new Scheduler(Math.random));
    const repositories = repositoriesOf(store);
    ({ units } = repositories);
    await repositories.specs.set('', defineWorkSpec(encode({ name: 's' })));
    await units.add(
      '',
      's',
      UNITS.map((name) => ({ name, data: EMPTY_DATA, priority: 0 })),
    );
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await store.close();
    await database.drop();
  });

  it('are changed and deleted all, each read once', async () => {
    const query = vi.spyOn(ConnectionPool.prototype, 'query');
    expect(await units.prioritize('', 's', { names: NAMES }, { to: 3 })).toBe(UNITS.length);
    const rows = await Promise.all(query.mock.results.map((result) => result.value as Promise<unknown[]>));
    expect(rows.flat().length).toBeLessThanOrEqual(NAMES.length);
    query.mockRestore();
    expect((await units.list('', 's', {})).every(({ priority }) => priority === 3)).toBe(true);
    expect(await units.delete('', 's', { names: NAMES, statuses: ['available'] })).toBe(UNITS.length);
    expect(await units.list('', 's', {})).toEqual([]);
  });

  describe('while the disk is full', () => {
    /** Lets the database fail as on a full disk where a row with this is written. */
    async function failWhere(change: string, condition: string): Promise<void> {
      await database.query(`CREATE FUNCTION public.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`);
      await database.query(
        `CREATE TRIGGER full_disk BEFORE ${change} FOR EACH ROW ${condition} EXECUTE FUNCTION public.full()`,
      );
    }
    const left = async (): Promise<number> => (await units.listNames('', 's', {})).length;

    it('are deleted all or none where all are asked for', async () => {
      await failWhere('INSERT ON coordinate.garbage', '');
      await expect(async () => units.delete('', 's', {})).rejects.toThrow('storage unavailable');
      expect(await left()).toBe(UNITS.length);
    });

    it('are deleted in part where a query selects them, and the error says how many', async () => {
      await failWhere('DELETE ON coordinate.work_unit', `WHEN (OLD.name = '${[...UNITS].sort()[2100]}')`);
      await expect(async () => units.delete('', 's', { statuses: ['available'] })).rejects.toThrow(
        '(2000 work units were done before)',
      );
      expect(await left()).toBe(UNITS.length - 2000);
    });
  });

  it('are so within a limit, and after a name', async () => {
    const sorted = [...UNITS].sort();
    expect(await units.delete('', 's', { names: NAMES, previous: sorted[9], limit: 2500 })).toBe(2500);
    expect(await units.listNames('', 's', {})).toEqual([...sorted.slice(0, 10), ...sorted.slice(2510)]);
  });
});
