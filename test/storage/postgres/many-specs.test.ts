import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { DEFAULT_LIFETIME } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { SpecState } from '../../../src/storage/postgres/batches/spec-state.js';
import { DEFAULT_SIZES, PostgresStore } from '../../../src/storage/postgres/postgres-store.js';
import { ChangeRetention } from '../../../src/storage/postgres/retention/changes.js';
import { CHANGED_STATE, WHOLE_STATE } from '../../../src/storage/postgres/sql/changes.sql.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import { Connection } from '../../../src/storage/postgres/wire/connection.js';
import type { Sql } from '../../../src/storage/postgres/wire/statement.js';
import { COMMIT, sql, statement } from '../../../src/storage/postgres/wire/statement.js';
import { Slices } from '../../../src/timing/slices.js';
import type { StoreRepositories } from '../../contract/postgres-harness.js';
import { repositoriesOf } from '../../contract/postgres-harness.js';
import { sized } from '../../support/full-size.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';

const SPECS = sized(5_000, 300);

describe('claims of a namespace of very many specs', () => {
  let database: TestDatabase;
  const stores: PostgresStore[] = [];
  /** How many rows each look has read. */
  let looks: { readonly sql: Sql; readonly rows: number }[];
  beforeEach(async () => {
    database = await createDatabase();
    looks = [];
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its connection
    const { run } = Connection.prototype;
    vi.spyOn(Connection.prototype, 'run').mockImplementation(async function (this: Connection, statements) {
      const results = await run.call(this, statements);
      statements.forEach(({ sql }, i) => {
        if (sql === CHANGED_STATE || sql === WHOLE_STATE) looks.push({ sql, rows: results[i].length });
      });
      return results;
    });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await database.drop();
  });

  async function daemon(): Promise<StoreRepositories> {
    const options = await migrateDatabase(database);
    const store = new PostgresStore(() => connect(options), new Scheduler(() => 0.5), DEFAULT_SIZES);
    stores.push(store);
    return repositoriesOf(store);
  }

  const set = ({ specs }: StoreRepositories, name: string, more: Record<string, unknown> = {}) =>
    specs.set('n', defineWorkSpec(encode({ name, ...more })));
  const add = ({ units }: StoreRepositories, workSpec: string, ...names: string[]) =>
    units.add(
      'n',
      workSpec,
      names.map((name) => ({ name, data: EMPTY_DATA, priority: 0 })),
    );
  const claim = async ({ attempts }: StoreRepositories, lifetime = DEFAULT_LIFETIME) => {
    const given = await attempts.claim('n', { worker: 'w', units: 1, lifetime });
    return given.attempts.map(({ workSpec, workUnit }) => `${workSpec} ${workUnit}`).join();
  };

  /** Makes specs beside the one that is there, each with a unit. */
  async function makeMany(): Promise<void> {
    await database.query(`INSERT INTO coordinate.work_spec
      (namespace_id, name, name_is_bytes, data, priority, weight, paused, continuous, can_be_continuous, min_memory_gb,
       interval_ns, next_continuous, max_running, max_attempts_returned, max_retries, next_work_spec_name, runtime,
       last_continuous, version)
      SELECT s.namespace_id, convert_to('many' || i, 'UTF8'), s.name_is_bytes, s.data, s.priority, s.weight, s.paused, s.continuous,
       s.can_be_continuous, s.min_memory_gb, s.interval_ns, s.next_continuous, s.max_running, s.max_attempts_returned,
       s.max_retries, s.next_work_spec_name, s.runtime, s.last_continuous, s.version
      FROM coordinate.work_spec s, generate_series(1, ${SPECS}) i`);
    await database.query(`INSERT INTO coordinate.work_unit
      (work_spec_id, name, status, moment, rank, not_before, data, tries, attempts, late)
      SELECT s.id, 'u', 0, 0, 0, 0, '\\xa0', 0, 0, false FROM coordinate.work_spec s WHERE s.name <> 'first'`);
    await database.query(`INSERT INTO coordinate.work_spec_count
      (work_spec_id, shard, available, delayed, pending, finished, failed, arrivals)
      SELECT s.id, 0, 1, 0, 0, 0, 0, 1 FROM coordinate.work_spec s WHERE s.name <> 'first'`);
  }

  /** Two daemons that have seen everything. */
  async function both(): Promise<[StoreRepositories, StoreRepositories]> {
    const one = await daemon();
    const other = await daemon();
    await set(one, 'first');
    await makeMany();
    // The first look shows how many there are, the next has changes noted, the third one relies on them.
    for (const storage of [one, other]) for (let i = 0; i < 3; i++) expect(await claim(storage)).toMatch(/^many/);
    // As soon as all transactions are over that began before, those of other tests' databases among them.
    for (const storage of [one, other]) while (!(await relies(storage)));
    looks.length = 0;
    return [one, other];
  }

  /** Whether a claim reads only what has changed. */
  async function relies(storage: StoreRepositories): Promise<boolean> {
    looks.length = 0;
    await claim(storage);
    return looks.every(({ sql }) => sql === CHANGED_STATE);
  }

  it('read only what has changed, and see at once what another daemon has changed', async () => {
    const [one, other] = await both();
    await set(other, 'urgent', { priority: 1 });
    await add(other, 'urgent', 'a', 'b', 'c');
    expect(await claim(one)).toBe('urgent a');
    expect(await claim(other)).toBe('urgent b');
    await set(other, 'urgent', { priority: -1 });
    expect(await claim(one)).toMatch(/^many/);
    await set(other, 'urgent', { priority: 2 });
    expect(await claim(one)).toBe('urgent c');
    const report = { workSpec: 'urgent', workUnit: 'a', status: 'available' as const, lifetime: DEFAULT_LIFETIME };
    await other.attempts.report('n', report);
    expect(await claim(one)).toBe('urgent a');
    await add(one, 'first', 'x');
    await set(one, 'first', { priority: 3 });
    expect(await claim(other)).toBe('first x');
    await add(one, 'first', 'y');
    await other.specs.delete('n', 'first');
    expect(await claim(one)).toMatch(/^many/);
    expect(looks.every(({ sql, rows }) => sql === CHANGED_STATE && rows < 12)).toBe(true);
    expect(looks.length).toBeGreaterThanOrEqual(6);
  });

  it('read in slices what they see for the first time, and draw from it as from what they know', async () => {
    const turns = vi.spyOn(Slices.prototype, 'next');
    const one = await daemon();
    await set(one, 'first');
    await makeMany();
    expect(await claim(one)).toMatch(/^many/);
    expect(looks.map(({ sql, rows }) => [sql, rows])).toEqual([[WHOLE_STATE, SPECS + 1]]);
    if (SPECS > 1000) expect(turns.mock.calls.length).toBeGreaterThan(3);
    // Claims that come together draw each from groups of specs, not from all of them.
    const draws = vi.spyOn(SpecState.prototype, 'canGive');
    expect(await Promise.all(Array.from({ length: 20 }, () => claim(one)))).toEqual(
      Array.from({ length: 20 }, () => expect.stringMatching(/^many/) as unknown),
    );
    expect(draws).not.toHaveBeenCalled();
  });

  it('see leases run out, and a limit of running units be kept and be free again', async () => {
    const [one, other] = await both();
    await set(one, 'limited', { priority: 1, max_running: 1 });
    await add(one, 'limited', 'a', 'b');
    expect(await claim(one, 1)).toBe('limited a');
    expect(await claim(other)).toBe('limited a');
    expect(await claim(one)).toMatch(/^many/);
    const report = { workSpec: 'limited', workUnit: 'a', status: 'finished' as const, lifetime: DEFAULT_LIFETIME };
    await other.attempts.report('n', report);
    expect(await claim(one)).toBe('limited b');
    expect(looks.every(({ sql, rows }) => sql === CHANGED_STATE && rows < 12)).toBe(true);
  });

  it('read everything anew once what has changed since has been forgotten', async () => {
    const [one, other] = await both();
    let now = 0;
    const retention = new ChangeRetention(stores[1], () => now);
    await set(other, 'urgent', { priority: 1 });
    await add(other, 'urgent', 'a');
    expect(await retention.remove(5000)).toBe(0);
    // Transactions of other tests' databases may be under way for a while.
    const noted = () => database.query('SELECT * FROM coordinate.work_spec_change');
    expect(await noted()).not.toEqual([]);
    while ((await noted()).length > 0) {
      now += 70_000;
      await retention.remove(5000);
    }
    expect(await claim(one)).toBe('urgent a');
    expect(looks.map(({ sql, rows }) => [sql === WHOLE_STATE, rows > SPECS])).toEqual([
      [false, false],
      [true, true],
    ]);
    expect(await claim(other)).toMatch(/^many/);
    expect(await claim(other)).toMatch(/^many/);
    expect(looks.at(-1)!.sql).toBe(CHANGED_STATE);
  });

  it('are three messages once all is known, of a dozen statements and of few rows, whatever has changed', async () => {
    const [one, other] = await both();
    const sent = vi.spyOn(Connection.prototype, 'run');
    for (let i = 0; i < 5; i++) {
      if (i > 2) await set(other, 'many7', { weight: 20 + i });
      sent.mockClear();
      expect(await claim(one)).toMatch(/^many/);
      const results = await Promise.all(sent.mock.results.map(({ value }) => value as Promise<unknown[][]>));
      // Of a spec that has changed its head is read, too.
      expect(sent).toHaveBeenCalledTimes(i > 2 ? 4 : 3);
      expect(results.flat().length).toBeLessThan(13);
      expect(results.flat(2).length).toBeLessThan(20);
    }
  });

  it('are not misled by a transaction that began before changes were noted', async () => {
    const one = await daemon();
    await set(one, 'first');
    await makeMany();
    await set(one, 'first', { priority: 1 });
    expect(await claim(one)).toMatch(/^many/);
    const options = await migrateDatabase(database);
    const slow = await connect(options);
    try {
      // It has a number, and has written before changes are noted.
      const writes = `INSERT INTO coordinate.work_unit
          (work_spec_id, name, status, moment, rank, not_before, data, tries, attempts, late)
          SELECT s.id, 'late', 0, 0, 0, 0, '\\xa0', 0, 0, false FROM coordinate.work_spec s WHERE s.name = 'first'`;
      const counts = `INSERT INTO coordinate.work_spec_count
          (work_spec_id, shard, available, delayed, pending, finished, failed, arrivals)
          SELECT s.id, 0, 1, 0, 0, 0, 0, 1 FROM coordinate.work_spec s WHERE s.name = 'first'`;
      // A busy machine may take longer for the claims than a session may stand still.
      const patient = 'SET LOCAL idle_in_transaction_session_timeout = 0';
      await slow.begin([statement(sql(patient)), statement(sql(writes)), statement(sql(counts))]);
      for (let i = 0; i < 3; i++) expect(await claim(one)).toMatch(/^many/);
      await slow.run([COMMIT]);
      expect(await claim(one)).toBe('first late');
    } finally {
      await slow.close();
    }
  });
});
