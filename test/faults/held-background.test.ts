import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Encodable } from '../../src/cbor/index.js';
import { encode } from '../../src/cbor/index.js';
import { EMPTY_DATA } from '../../src/domain/data.js';
import { RetentionPolicy } from '../../src/domain/retention.js';
import { DEFAULT_LIFETIME, MINUTE, SECOND } from '../../src/domain/time.js';
import { defineWorkSpec } from '../../src/domain/work-spec.js';
import type { PostgresStore } from '../../src/storage/postgres/postgres-store.js';
import { Connection } from '../../src/storage/postgres/wire/connection.js';
import type { StoreRepositories } from '../contract/postgres-harness.js';
import { repositoriesOf } from '../contract/postgres-harness.js';
import type { TestDatabase } from '../support/postgres.js';
import { createDatabase } from '../support/postgres.js';
import { openStore } from './patient-store.js';

const SCHEDULE = { cron: '* * * * * *', timezone: 'UTC', catch_up: 70 };

/** What a daemon does by itself, or for everybody, while another session keeps a row of one of many locked. */
describe('a row that another session keeps locked', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  let storage: StoreRepositories;
  let holder: pg.Client;

  beforeEach(async () => {
    database = await createDatabase();
    store = await openStore(database, 25_000);
    storage = repositoriesOf(store);
    holder = new pg.Client(database.url);
    await holder.connect();
    await holder.query('BEGIN');
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await holder.end();
    await store.close();
    await database.drop();
  });

  const hold = (rows: string) => holder.query(`SELECT 1 FROM coordinate.${rows} FOR UPDATE`);
  const letGo = () => holder.query('ROLLBACK');
  const setSpec = async (name: string, fields: Record<string, Encodable> = {}) =>
    storage.specs.set('', defineWorkSpec(encode({ name, ...fields })));
  const add = async (workSpec: string, names: readonly string[]) =>
    storage.units.add(
      '',
      workSpec,
      names.map((name) => ({ name, data: EMPTY_DATA, priority: 0 })),
    );
  const claim = async (workSpec: string, lifetime = DEFAULT_LIFETIME) =>
    (await storage.attempts.claim('', { worker: 'w', units: 1, workSpecs: [workSpec], lifetime })).attempts.map(
      ({ workUnit }) => workUnit,
    );
  const finish = async (workSpec: string, workUnit: string) =>
    storage.attempts.report('', { workSpec, workUnit, status: 'finished', lifetime: DEFAULT_LIFETIME });
  const names = Array.from({ length: 30 }, (_, i) => `u${10 + i}`);
  const idOf = (spec: string) => `(SELECT id FROM coordinate.work_spec WHERE name = '${spec}')`;

  it('of a work spec has the schedules of others go on, and its own once it is free', async () => {
    for (const name of ['a held', 'b', 'c']) await setSpec(name, { flow: { schedule: SCHEDULE } });
    await database.query('UPDATE coordinate.work_spec SET next_slot = next_slot - 5000000');
    await hold(`work_spec WHERE name = 'a held'`);
    const look = await storage.schedules.startDue();
    expect(look.made).toBeGreaterThanOrEqual(2);
    expect(look.nextInMs).toBeLessThanOrEqual(1000);
    const made = async (name: string) => (await storage.specs.counts('', name)).available;
    expect([await made('a held'), (await made('b')) > 0, (await made('c')) > 0]).toEqual([0, true, true]);
    await letGo();
    await storage.schedules.startDue();
    expect(await made('a held')).toBeGreaterThan(0);
  });

  it('of a work spec for a moment has its schedule wait for it, as where claims lock it one after another', async () => {
    await setSpec('busy', { flow: { schedule: SCHEDULE } });
    await database.query('UPDATE coordinate.work_spec SET next_slot = next_slot - 5000000');
    await hold('work_spec');
    const look = storage.schedules.startDue();
    await expect
      .poll(() => database.query(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'`))
      .toHaveLength(1);
    await letGo();
    expect((await look).made).toBeGreaterThan(0);
  });

  it('of counters has the schedules of others go on', async () => {
    for (const name of ['a held', 'b']) await setSpec(name, { flow: { schedule: SCHEDULE } });
    await database.query('UPDATE coordinate.work_spec SET next_slot = next_slot - 5000000');
    await database.query(`INSERT INTO coordinate.work_spec_count SELECT ${idOf('a held')}, i, 0, 0, 0, 0, 0, 0
      FROM generate_series(0, 7) i`);
    await hold(`work_spec_count`);
    await storage.schedules.startDue();
    expect((await storage.specs.counts('', 'b')).available).toBeGreaterThan(0);
  });

  it('of counters has reports, claims and additions of all go on', async () => {
    for (const name of ['s', 't']) {
      await setSpec(name);
      await add(name, names);
      await claim(name);
    }
    await finish('s', names[0]);
    let inVain = 0;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its connection
    const { run } = Connection.prototype;
    vi.spyOn(Connection.prototype, 'run').mockImplementation(function (this: Connection, statements) {
      return run.call(this, statements).catch((error: unknown) => {
        if ((error as { code?: string }).code === '55P03') inVain++;
        throw error;
      });
    });
    // One of those that the daemon has written to, as each connection has its own.
    for (const { shard } of await database.query(
      `SELECT shard FROM coordinate.work_spec_count WHERE work_spec_id = ${idOf('s')}`,
    )) {
      await hold(`work_spec_count WHERE work_spec_id = ${idOf('s')} AND shard = ${String(shard)}`);
      for (const name of names.slice(0, 10)) {
        await Promise.all([add('s', [`${name} ${String(shard)}`]), add('t', [`${name} ${String(shard)}`])]);
        const [unit] = await claim('s');
        await finish('s', unit);
      }
      await letGo();
      await holder.query('BEGIN');
    }
    expect((await storage.specs.counts('', 's')).finished).toBeGreaterThan(20);
    // Each connection at most once for each counter that is held, and then counts elsewhere.
    expect(inVain).toBeGreaterThan(0);
    expect(inVain).toBeLessThan(10);
  });

  it('of the history has that of others written, and its own once it is free', async () => {
    for (const name of ['s', 't']) {
      await setSpec(name);
      await add(name, names);
      await finish(name, (await claim(name))[0]);
    }
    const window = async () => {
      const now = Number(await storage.clock.now());
      return { from: now - 60 * MINUTE, to: now + 60 * MINUTE, step: 120 * MINUTE };
    };
    const claimed = async (name: string) =>
      (await storage.history.ofSpec('', name, await window())).reduce((sum, span) => sum + span.claimed, 0);
    expect([await claimed('s'), await claimed('t')]).toEqual([1, 1]);
    await hold(`work_spec_history WHERE history_id = (SELECT history_id FROM coordinate.work_spec WHERE name = 's')`);
    await hold('worker_done');
    for (const name of ['s', 't']) await finish(name, (await claim(name))[0]);
    const waited = performance.now();
    // A minute may have ended since, and another begun which nobody holds.
    expect(await claimed('t')).toBe(2);
    for (let i = 0; i < 30; i++) await claimed('t');
    expect(performance.now() - waited).toBeLessThan(24_000);
    await letGo();
    await store.history.flush(true);
    expect([await claimed('s'), await claimed('t')]).toEqual([2, 2]);
  });

  it('of a unit whose lease has run out has nobody wait for it again and again who counts', async () => {
    await setSpec('s');
    await add('s', names);
    await claim('s', SECOND / 10);
    await hold(`work_unit WHERE name = 'u10'`);
    await expect
      .poll(() =>
        database.query('SELECT 1 FROM coordinate.work_unit WHERE status = 2 AND moment <= coordinate.now_micros()'),
      )
      .toHaveLength(1);
    // A wait each would be longer than anybody waits.
    await Promise.all(Array.from({ length: 200 }, async () => storage.specs.counts('', 's')));
    expect(await storage.specs.counts('', 's')).toMatchObject({ available: 29, pending: 1 });
    await letGo();
    await expect.poll(async () => (await storage.specs.counts('', 's')).available).toBe(30);
  });

  it('of counters has nobody wait for it again and again who counts what has run out, and that of others settled', async () => {
    for (const name of ['s', 't']) {
      await setSpec(name);
      await add(name, names);
      await claim(name, SECOND / 10);
    }
    await database.query(`INSERT INTO coordinate.work_spec_count SELECT ${idOf('s')}, i, 0, 0, 0, 0, 0, 0
      FROM generate_series(0, 7) i ON CONFLICT DO NOTHING`);
    await hold(`work_spec_count WHERE work_spec_id = ${idOf('s')}`);
    const isPending = (name: string) =>
      database.query(`SELECT 1 FROM coordinate.work_unit WHERE status = 2 AND work_spec_id = ${idOf(name)}
        AND moment <= coordinate.now_micros()`);
    await expect.poll(() => isPending('t')).toHaveLength(1);
    await storage.namespaces.conditions();
    expect(await isPending('t')).toHaveLength(0);
    const begun = performance.now();
    for (let times = 0; times < 20; times++) await storage.namespaces.conditions();
    expect(performance.now() - begun).toBeLessThan(15_000);
    await letGo();
    await expect.poll(async () => (await storage.specs.counts('', 's')).available, { timeout: 10_000 }).toBe(30);
  });

  it('of what is to be removed has the rest be removed', async () => {
    await setSpec('gone');
    await add('gone', names);
    await setSpec('s');
    await add('s', names);
    for (let i = 0; i < 4; i++) await finish('s', (await claim('s'))[0]);
    await storage.locks.lock('', 'me', 1, [['a'], ['b']]);
    await storage.specs.delete('', 'gone');
    const [lock] = await database.query('SELECT path FROM coordinate.lock LIMIT 1');
    await holder.query('SELECT 1 FROM coordinate.lock WHERE path = $1 FOR UPDATE', [lock.path]);
    await hold(`work_unit WHERE name = 'u10'`);
    await hold('garbage');
    const policy = new RetentionPolicy({ count: 1 });
    await storage.maintenance.retain(policy);
    const count = async (table: string) =>
      Number((await database.query(`SELECT count(*) FROM coordinate.${table}`))[0].count);
    expect([
      await count('lock'),
      await count(`work_unit WHERE work_spec_id NOT IN (SELECT id FROM coordinate.work_spec)`),
    ]).toEqual([1, 1]);
    await letGo();
    await storage.maintenance.retain(policy);
    expect(await count('lock')).toBe(0);
  });
});
