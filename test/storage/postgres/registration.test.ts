import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { readPostgresUrl } from '../../../src/storage/postgres/opening/postgres-url.js';
import { PostgresDatabase } from '../../../src/storage/postgres/postgres-database.js';
import { PostgresWorkSpecRepository } from '../../../src/storage/postgres/postgres-work-spec.repository.js';
import { PostgresWorkUnitRepository } from '../../../src/storage/postgres/postgres-work-unit.repository.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let storage: PostgresDatabase;

beforeAll(async () => {
  database = await createDatabase();
  storage = new PostgresDatabase(readPostgresUrl(database.url), new Scheduler(() => 0), undefined, {
    log: () => undefined,
    warn: () => undefined,
  });
  await storage.opened();
});

afterAll(async () => {
  await storage.close();
  await database.drop();
});

const set = (fields: object): Promise<void> =>
  new PostgresWorkSpecRepository(storage.store).set('', defineWorkSpec(encode({ name: 's', ...fields })));

/** A session of another daemon, by what it calls itself. */
async function beside<T>(name: string, work: () => Promise<T>): Promise<T> {
  const other = new pg.Client({ connectionString: database.url, application_name: name });
  await other.connect();
  try {
    return await work();
  } finally {
    await other.end();
  }
}

const FLOW = { flow: { retry: 3 } };

it('a flow is refused while a daemon of a version is connected that has not registered', async () => {
  await beside('coordinated', async () => {
    await expect(set(FLOW)).rejects.toThrow(
      /^flow can not be set while a daemon is connected that does not know it: coordinated \(pid \d+, from 127.0.0.1, of a version before\)$/,
    );
    await set({});
  });
  await beside('something else', () => set(FLOW));
});

it('nor is anything cancelled while such a daemon is connected', async () => {
  await set({});
  const cancel = async () => new PostgresWorkUnitRepository(storage.store).cancel('', 's', {}, {});
  await beside('coordinated', () =>
    expect(cancel()).rejects.toThrow(/^cancel can not be done while a daemon is connected that does not know it: /),
  );
  expect(await cancel()).toBe(0);
});

it('or of one that has registered and does not know of it, by its version; of one that does, it is taken', async () => {
  await database.query(
    `INSERT INTO coordinate.daemon VALUES ('0a', '0.9.7', '{other}', 0), ('0b', '9.0.0', '{other,flow}', 0)`,
  );
  await beside('mine#0a', () =>
    expect(set(FLOW)).rejects.toThrow(/mine#0a \(pid \d+, from 127.0.0.1, version 0.9.7\)/),
  );
  await beside('mine#0b', () => set(FLOW));
  await beside('mine#0c', () => set(FLOW));
});
