import { hostname } from 'node:os';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import type { DaemonSign } from '../../../src/domain/daemon.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { MIGRATIONS } from '../../../src/storage/postgres/migrations/index.js';
import { readPostgresUrl } from '../../../src/storage/postgres/opening/postgres-url.js';
import { PostgresDaemonRepository } from '../../../src/storage/postgres/postgres-daemon.repository.js';
import { PostgresDatabase } from '../../../src/storage/postgres/postgres-database.js';
import { PostgresWorkSpecRepository } from '../../../src/storage/postgres/postgres-work-spec.repository.js';
import { PostgresWorkUnitRepository } from '../../../src/storage/postgres/postgres-work-unit.repository.js';
import { VERSION } from '../../../src/version.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let storage: PostgresDatabase;

beforeAll(async () => {
  database = await createDatabase();
  storage = newStorage();
  await storage.opened();
});

function newStorage(): PostgresDatabase {
  return new PostgresDatabase(readPostgresUrl(database.url), new Scheduler(() => 0), undefined, {
    log: () => undefined,
    warn: () => undefined,
  });
}

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

describe('the list of daemons', () => {
  const list = (): Promise<DaemonSign[]> => new PostgresDaemonRepository(storage.store).list();

  it('has those of other versions, and those that were killed, by their last signs of life', async () => {
    await database.query(`DELETE FROM coordinate.daemon`);
    await database.query(`INSERT INTO coordinate.daemon (id, version, knows, since, host, pid, migration, seen) VALUES
      ('0a', '0.9.7', '{}', 7, NULL, NULL, NULL, NULL), ('0b', '0.9.9', '{}', 5, 'queue-2', 4711, 'Before1', 9)`);
    const [own, ...others] = await list();
    expect(own).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      version: VERSION,
      migration: MIGRATIONS.at(-1)!.name,
      host: hostname(),
      pid: process.pid,
      since: own.seen,
      seen: expect.any(Number) as number,
    });
    expect(others).toEqual([
      { id: '0b', version: '0.9.9', migration: 'Before1', host: 'queue-2', pid: 4711, since: 5, seen: 9 },
      { id: '0a', version: '0.9.7', since: 7 },
    ]);
    const later = (await list())[0];
    expect(later).toEqual({ ...own, seen: later.seen });
    expect(later.seen).toBeGreaterThan(own.seen!);
  });

  it('is signed now and then by each that is there, and has none that has ended', async () => {
    const rows = (): Promise<Record<string, unknown>[]> => database.query('SELECT seen FROM coordinate.daemon');
    await database.query('DELETE FROM coordinate.daemon');
    const other = newStorage();
    other.signPeriodMs = 10;
    await other.opened();
    const [{ seen }] = await rows();
    await expect.poll(async () => Number((await rows())[0].seen), { timeout: 60_000 }).toBeGreaterThan(Number(seen));
    await other.close();
    expect(await rows()).toEqual([]);
  });

  it('forgets those that have been away for a day, when one is opened', async () => {
    await database.query(`INSERT INTO coordinate.daemon (id, version, knows, since, seen) VALUES
      ('day', '1', '{}', 0, coordinate.now_micros() - 86400000001), ('less', '1', '{}', 0, coordinate.now_micros() - 86390000000)`);
    const other = newStorage();
    await other.opened();
    await other.close();
    expect((await list()).map(({ id }) => id)).toEqual([expect.any(String), 'less']);
  });
});
