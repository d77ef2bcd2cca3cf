import { expect, it } from 'vitest';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { readPostgresUrl } from '../../../src/storage/postgres/opening/postgres-url.js';
import { PostgresDatabase } from '../../../src/storage/postgres/postgres-database.js';
import { createDatabase } from '../../support/postgres.js';

const SILENT = { log: () => undefined, warn: () => undefined };

it('answers who asks before it is open, be they as many as there are connections', async () => {
  const database = await createDatabase();
  const storage = new PostgresDatabase(
    readPostgresUrl(`${database.url}?pool_size=1`),
    new Scheduler(() => 0),
    undefined,
    SILENT,
  );
  try {
    await expect(storage.store.tryWriting()).resolves.toBeUndefined();
  } finally {
    await storage.close();
    await database.drop();
  }
});
