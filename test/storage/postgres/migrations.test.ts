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

  it('refuse a schema of a later version, in one line', async () => {
    await database.query(`INSERT INTO coordinate.migration (timestamp, name) VALUES (1, 'FromTheFuture1')`);
    await expect(migrateOnce()).rejects.toThrow(
      /^the database is of a later version of Coordinate \(it has FromTheFuture1\): start that version$/,
    );
  });
});
