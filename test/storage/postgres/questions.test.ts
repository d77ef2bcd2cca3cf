import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as locks from '../../../src/storage/postgres/sql/locks.sql.js';
import * as maintenance from '../../../src/storage/postgres/sql/maintenance.sql.js';
import * as reading from '../../../src/storage/postgres/sql/reading.sql.js';
import * as snapshots from '../../../src/storage/postgres/sql/snapshots.sql.js';
import * as admin from '../../../src/storage/postgres/sql/specs-admin.sql.js';
import * as specs from '../../../src/storage/postgres/sql/specs.sql.js';
import * as straight from '../../../src/storage/postgres/sql/straight.sql.js';
import * as units from '../../../src/storage/postgres/sql/units.sql.js';
import * as workers from '../../../src/storage/postgres/sql/workers.sql.js';
import type { Sql } from '../../../src/storage/postgres/wire/statement.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createDatabase();
  await migrateDatabase(database);
  client = new pg.Client(database.url);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** All commands of the backend by name, those of lists and groups too. */
function commands(): [string, Sql][] {
  const modules = {
    ...locks,
    ...maintenance,
    ...reading,
    ...snapshots,
    ...admin,
    ...specs,
    ...straight,
    ...units,
    ...workers,
  };
  const found: [string, Sql][] = [];
  const look = (name: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('isQuestion' in value) found.push([name, value as Sql]);
    else for (const [key, each] of Object.entries(value)) look(`${name}.${key}`, each);
  };
  for (const [name, value] of Object.entries(modules)) look(name, value);
  return found;
}

it('is declared a question only if it changes and locks nothing', async () => {
  const questions = commands().filter(([, { isQuestion }]) => isQuestion);
  expect(questions.length).toBeGreaterThan(30);
  const refused: string[] = [];
  for (const [name, { text }] of questions) {
    const parameters = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
    await client.query('BEGIN READ ONLY');
    await client
      .query(text, new Array<null>(parameters).fill(null))
      .catch((error: Error) => refused.push(`${name}: ${error.message}`));
    await client.query('ROLLBACK');
  }
  expect(refused).toEqual([]);
});

it('is declared a question if it says no word of changing, locking or numbering', () => {
  const rest = commands().filter(([, { isQuestion }]) => !isQuestion);
  const changing = /\b(INSERT|UPDATE|DELETE|FOR (NO )?KEY|nextval|setval|set_config|LOCK|BEGIN)\b/;
  expect(rest.filter(([, { text }]) => !changing.test(text)).map(([name]) => name)).toEqual([]);
});
