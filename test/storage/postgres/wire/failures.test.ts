import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../../../src/cbor/index.js';
import { StorageUnavailableError } from '../../../../src/domain/errors.js';
import { Scheduler } from '../../../../src/domain/scheduler/scheduler.js';
import { DEFAULT_LIFETIME } from '../../../../src/domain/time.js';
import { defineWorkSpec } from '../../../../src/domain/work-spec.js';
import { EMPTY_DATA } from '../../../../src/domain/data.js';
import { PostgresDatabase } from '../../../../src/storage/postgres/postgres-database.js';
import { readPostgresUrl } from '../../../../src/storage/postgres/opening/postgres-url.js';
import type { Reaction } from '../../../../src/storage/postgres/wire/failures.js';
import { REACTIONS, reactionTo } from '../../../../src/storage/postgres/wire/failures.js';
import { repositoriesOf } from '../../../contract/postgres-harness.js';
import type { TestDatabase } from '../../../support/postgres.js';
import { createDatabase } from '../../../support/postgres.js';

/** At least one SQLSTATE for each row of the table, and some that are in none. */
const STATES: readonly [sqlState: string, reaction: Reaction][] = [
  ['40003', 'unavailable'],
  ['40001', 'again'],
  ['40P01', 'again'],
  ['23505', 'again'],
  ['26000', 'again'],
  ['42P05', 'again'],
  ['55P03', 'locked'],
  ['08006', 'elsewhere'],
  ['08P01', 'elsewhere'],
  ['25006', 'elsewhere'],
  ['25P03', 'elsewhere'],
  ['25P04', 'elsewhere'],
  ['57P01', 'elsewhere'],
  ['57P02', 'elsewhere'],
  ['57P03', 'elsewhere'],
  ['57P05', 'elsewhere'],
  ['57014', 'slow'],
  ['53100', 'unavailable'],
  ['53200', 'unavailable'],
  ['53300', 'unavailable'],
  ['58030', 'unavailable'],
  ['XX000', 'unavailable'],
  ['XX001', 'unavailable'],
  ['0A000', 'fault'],
  ['22003', 'fault'],
  ['42501', 'fault'],
  ['42P01', 'fault'],
];
const of = (...reactions: Reaction[]) => STATES.filter(([, reaction]) => reactions.includes(reaction));

it('is answered by what the table says, which has no row without a test', () => {
  for (const [code, reaction] of STATES) expect([code, reactionTo({ code })]).toEqual([code, reaction]);
  expect(REACTIONS.filter(([row]) => !STATES.some(([code]) => code.startsWith(row)))).toEqual([]);
});

describe('an error of the database', () => {
  let database: TestDatabase;
  let storage: PostgresDatabase;
  let others = 0;

  beforeAll(async () => {
    database = await createDatabase();
    // On a machine that is busy, none of its sessions is given up for answering late.
    const options = { ...readPostgresUrl(database.url), startupWaitMs: 60_000, requestTimeoutMs: 600_000 };
    storage = new PostgresDatabase(options, new Scheduler(Math.random));
    await storage.opened();
    await repositoriesOf(storage.store).specs.set('', defineWorkSpec(encode({ name: 's' })));
    // Who ends an attempt at the unit e hears the error that is set, as often as is set.
    await database.query('CREATE TABLE public.failing (code text)');
    await database.query('CREATE SEQUENCE public.times MINVALUE -1000');
    await database.query(`CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE wanted text := (SELECT code FROM public.failing);
      BEGIN
        IF wanted IS NOT NULL AND nextval('public.times') <= 0 THEN
          RAISE EXCEPTION 'as the test wants it' USING ERRCODE = wanted;
        END IF;
        RETURN NEW;
      END $$`);
    await database.query(`CREATE TRIGGER fail BEFORE UPDATE ON coordinate.work_unit FOR EACH ROW
      WHEN (NEW.name = '\\x65'::bytea AND NEW.attempt_status > 0) EXECUTE FUNCTION public.fail()`);
  });
  afterEach(() => database.query('DELETE FROM public.failing'));
  afterAll(async () => {
    await storage.close();
    await database.drop();
  });

  /** @param times - how often; after that all is well */
  async function fail(code: string, times: number): Promise<void> {
    await database.query(`ALTER SEQUENCE public.times RESTART WITH ${1 - times}`);
    await database.query('INSERT INTO public.failing VALUES ($1)', [code]);
  }

  /** Makes attempts at the unit e and at another one. */
  async function begin(): Promise<string[]> {
    const { units, attempts } = repositoriesOf(storage.store);
    const names = ['e', `other ${others++}`];
    const added = names.map((name) => ({ name, data: EMPTY_DATA, priority: 0 }));
    await units.add('', 's', added);
    for (const workUnit of names)
      await attempts.make('', { worker: 'w', workSpec: 's', workUnit, lifetime: DEFAULT_LIFETIME });
    return names;
  }

  /** Reports their ends in one batch. */
  async function end(names: readonly string[]): Promise<unknown[]> {
    const { attempts } = repositoriesOf(storage.store);
    const report = (workUnit: string) =>
      attempts.report('', { workSpec: 's', workUnit, status: 'finished', lifetime: DEFAULT_LIFETIME });
    const results = await Promise.allSettled(names.map(async (name) => report(name)));
    return results.map((each): unknown => (each.status === 'fulfilled' ? each.value : each.reason));
  }

  const sessions = async () => {
    const listed = await database.query(
      `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'coordinated#%' AND datname = current_database()`,
    );
    return listed.map(({ pid }) => pid);
  };
  const done = { changed: true };

  it.each(of('again', 'locked', 'elsewhere'))('%s that passes is heard of by nobody (%s)', async (code, reaction) => {
    const names = await begin();
    const before = await sessions();
    await fail(code, 1);
    expect(await end(names)).toEqual([done, done]);
    const left = async () => (await sessions()).filter((pid) => before.includes(pid));
    // A session that is given up takes a moment to end.
    if (reaction === 'elsewhere') await expect.poll(async () => (await left()).length).toBeLessThan(before.length);
    else expect(await left()).toEqual(before);
  });

  it.each(of('unavailable'))(
    '%s is told as what it is, and makes the daemon look whether it can write',
    async (code) => {
      const names = await begin();
      await fail(code, 1000);
      for (const answer of await end(names)) {
        expect(answer).toBeInstanceOf(StorageUnavailableError);
        expect((answer as Error).message).toBe(`storage unavailable: as the test wants it (SQLSTATE ${code})`);
      }
      await database.query(`ALTER TABLE coordinate.attempt ADD CONSTRAINT no_space CHECK (work_spec_id <> 0)`);
      expect(await storage.ready()).toMatch(/no_space/);
      await database.query('ALTER TABLE coordinate.attempt DROP CONSTRAINT no_space');
      expect(await storage.ready()).toBe(undefined);
    },
  );

  it.each(of('slow', 'fault'))('%s is heard of by the one who is at fault (%s)', async (code, reaction) => {
    const names = await begin();
    await fail(code, 1000);
    const [error, other] = await end(names);
    expect(error).toBeInstanceOf(reaction === 'slow' ? StorageUnavailableError : pg.DatabaseError);
    expect(other).toEqual(done);
  });

  it('about a plan that does not fit any more is heard of by nobody', async () => {
    const names = await begin();
    expect(await end(names)).toEqual([done, done]);
    const again = await begin();
    await database.query('ALTER TABLE coordinate.work_unit ALTER attempt_expiration TYPE numeric');
    try {
      expect(await end(again)).toEqual([done, done]);
    } finally {
      await database.query('ALTER TABLE coordinate.work_unit ALTER attempt_expiration TYPE bigint');
    }
  });

  it('that it is read-only has nothing given to it, until new connections can write again', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await database.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    const rest = `FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`;
    await database.query(`SELECT pg_terminate_backend(pid) ${rest}`);
    const { attempts } = repositoriesOf(storage.store);
    const claim = async () => attempts.claim('', { worker: 'w', units: 1, lifetime: DEFAULT_LIFETIME });
    const readOnly = /^storage unavailable: the database is read-only \(SQLSTATE 25006\)$/;
    await expect(claim()).rejects.toThrow(readOnly);
    expect(await storage.ready()).toMatch(readOnly);
    await database.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await expect.poll(() => storage.ready()).toBe(undefined);
    expect((await claim()).attempts).toEqual([]);
  });

  it('that it is read-only to new connections is told by readiness, though one from before can write', async () => {
    const name = new URL(database.url).pathname.slice(1);
    const other = new PostgresDatabase(
      { ...readPostgresUrl(database.url), requestTimeoutMs: 600_000 },
      new Scheduler(Math.random),
    );
    try {
      await other.opened();
      const { specs, attempts } = repositoriesOf(other.store);
      await specs.set('', defineWorkSpec(encode({ name: 's' })));
      expect(await other.ready()).toBe(undefined);
      await database.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
      const claim = async () => attempts.claim('', { worker: 'w', units: 1, lifetime: DEFAULT_LIFETIME });
      const readOnly = /^(?:storage unavailable: )?the database is read-only \(SQLSTATE 25006\)$/;
      // Claims have a connection of their own, which is opened for the first of them.
      await expect(claim()).rejects.toThrow(readOnly);
      expect(await other.ready()).toMatch(readOnly);
      await database.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
      await expect.poll(() => other.ready(), { timeout: 30_000 }).toBe(undefined);
      expect((await claim()).attempts).toEqual([]);
    } finally {
      await database.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
      await other.close();
    }
  });
});
