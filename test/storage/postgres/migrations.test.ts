import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSourceOptions } from '../../../src/storage/postgres/opening/data-source.js';
import { MIGRATIONS } from '../../../src/storage/postgres/migrations/index.js';
import { migrate } from '../../../src/storage/postgres/opening/migrating.js';
import { readPostgresUrl } from '../../../src/storage/postgres/opening/postgres-url.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase } from '../../support/postgres.js';

describe('migrations', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  async function migrateOnce(): Promise<string | undefined> {
    const options = readPostgresUrl(database.url);
    const connection = await connect(options);
    try {
      return await migrate(connection, options);
    } finally {
      await connection.close();
    }
  }

  it('are carried out once by daemons that start together, and leave the tables of a Go daemon alone', async () => {
    await database.query('CREATE TABLE public.work_unit (id serial, data bytea)');
    await database.query('CREATE TABLE public.worker (id serial)');
    await database.query('INSERT INTO public.worker DEFAULT VALUES');
    const found = await Promise.all(Array.from({ length: 6 }, migrateOnce));
    expect(new Set(found)).toEqual(new Set(['work_unit, worker']));
    const done = await database.query('SELECT name FROM coordinate.migration');
    expect(done).toEqual(MIGRATIONS.map(({ name }) => ({ name })));
    expect(await database.query('SELECT * FROM public.worker')).toHaveLength(1);
    const others = await database.query(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name`,
    );
    expect(others).toEqual([{ table_name: 'work_unit' }, { table_name: 'worker' }]);
  });

  it('make the tables that the entities describe', async () => {
    const source = await new DataSource(dataSourceOptions(readPostgresUrl(database.url), false)).initialize();
    try {
      const { upQueries } = await source.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
    } finally {
      await source.destroy();
    }
  });

  it('can be undone and done again', async () => {
    const source = await new DataSource(dataSourceOptions(readPostgresUrl(database.url), false)).initialize();
    try {
      for (let left = MIGRATIONS.length; left > 0; left--) await source.undoLastMigration();
      const left = await database.query(`SELECT table_name FROM information_schema.tables
        WHERE table_schema = 'coordinate'`);
      expect(left).toEqual([{ table_name: 'migration' }]);
    } finally {
      await source.destroy();
    }
    await migrateOnce();
    expect(await database.query('SELECT * FROM coordinate.work_unit')).toEqual([]);
  });

  it('give work specs that are there a history, and those of a daemon of the version before, which knows of none', async () => {
    const source = await new DataSource(dataSourceOptions(readPostgresUrl(database.url), false)).initialize();
    try {
      const before = MIGRATIONS.findIndex(({ name }) => name.startsWith('WorkSpecHistory'));
      for (let left = MIGRATIONS.length; left > before; left--) await source.undoLastMigration();
      await addSpec('old');
      await migrateOnce();
      await addSpec('new');
      const specs = await database.query(
        'SELECT id, history_id FROM coordinate.work_spec WHERE history_id IS NOT NULL ORDER BY id',
      );
      const ids = specs.flatMap(({ id, history_id: history }) => [id, history]);
      expect([specs.length, new Set(ids).size]).toEqual([2, 4]);
      await database.query('DELETE FROM coordinate.work_spec');
      const gone = await database.query('SELECT id FROM coordinate.garbage ORDER BY id');
      expect(gone.map(({ id }) => id)).toEqual(specs.map(({ history_id: history }) => history));
      await database.query('DELETE FROM coordinate.garbage');
    } finally {
      await source.destroy();
    }
  });

  /** As daemons of the version before the history do it. */
  async function addSpec(name: string): Promise<void> {
    await database.query(
      `INSERT INTO coordinate.work_spec (namespace_id, name, name_is_bytes, data, priority, weight, paused, continuous,
        can_be_continuous, min_memory_gb, interval_ns, next_continuous, max_running, max_attempts_returned, max_retries,
        next_work_spec_name, runtime, last_continuous, version)
      VALUES (1, $1, false, '', 0, 20, false, false, false, 0, 0, 0, 0, 0, 0, '', '', 0, 1)`,
      [Buffer.from(name)],
    );
  }

  it('refuse a schema of a later version, in one line', async () => {
    await database.query(`INSERT INTO coordinate.migration (timestamp, name) VALUES (1, 'FromTheFuture1')`);
    await expect(migrateOnce()).rejects.toThrow(
      /^the database is of a later version of Coordinate \(it has FromTheFuture1\): start that version$/,
    );
  });
});
