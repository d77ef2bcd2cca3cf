import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Encodable } from '../../../src/cbor/index.js';
import { encode } from '../../../src/cbor/index.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';
import { DEFAULT_LIFETIME } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { PostgresStore } from '../../../src/storage/postgres/postgres-store.js';
import { connect } from '../../../src/storage/postgres/wire/connecting.js';
import { Connection } from '../../../src/storage/postgres/wire/connection.js';
import type { StoreRepositories } from '../../contract/postgres-harness.js';
import { repositoriesOf } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase, migrateDatabase } from '../../support/postgres.js';
import { attemptsOf } from '../../contract/attempts.js';

/** Claims and ends in one statement: that they are taken where they may be, and never on what another daemon has changed. */
describe('the straight way', () => {
  let database: TestDatabase;
  const stores: PostgresStore[] = [];
  let here: StoreRepositories;
  let elsewhere: StoreRepositories;

  beforeEach(async () => {
    database = await createDatabase();
    const options = await migrateDatabase(database);
    const daemon = () => {
      const store = new PostgresStore(() => connect(options), new Scheduler(Math.random));
      stores.push(store);
      return repositoriesOf(store);
    };
    [here, elsewhere] = [daemon(), daemon()];
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await database.drop();
  });

  const setSpec = (name: string, fields: Record<string, Encodable> = {}, at = here) =>
    at.specs.set('', defineWorkSpec(encode({ name, ...fields })));
  const add = (workSpec: string, names: string[], at = here) =>
    at.units.add(
      '',
      workSpec,
      names.map((name) => ({ name, data: EMPTY_DATA, priority: 0 })),
    );
  const claim = async (worker: string, units = 1) =>
    (await here.attempts.claim('', { worker, units, lifetime: DEFAULT_LIFETIME })).attempts;
  const claimed = async (worker: string, units = 1) => (await claim(worker, units)).map(({ workUnit }) => workUnit);
  const finish = (workSpec: string, workUnit: string) =>
    here.attempts.report('', { workSpec, workUnit, status: 'finished', lifetime: DEFAULT_LIFETIME });

  it('is taken by claims and ends of a plain spec, once its state is known', async () => {
    await setSpec('s');
    await add('s', ['a', 'b', 'c', 'd']);
    expect(await claimed('w')).toEqual(['a']);
    const begun = vi.spyOn(Connection.prototype, 'begin');
    expect(await Promise.all([claimed('v', 2), claimed('w')])).toEqual([['b', 'c'], ['d']]);
    expect(await finish('s', 'a')).toEqual({ changed: true });
    const [record] = await attemptsOf(here.attempts, 'active', '', 'w');
    const { status, end } = await here.attempts.change('', { ref: record, action: 'fail' });
    expect([status, end >= record.start]).toEqual(['failed', true]);
    expect(begun).not.toHaveBeenCalled();
    expect(await here.specs.counts('', 's')).toMatchObject({ available: 0, pending: 2, finished: 1, failed: 1 });
  });

  it('is left by claims when a spec has changed, appeared or got work meanwhile', async () => {
    await setSpec('s');
    await setSpec('first', { priority: 2 });
    await add('s', ['a', 'b', 'c', 'd']);
    expect(await claimed('w')).toEqual(['a']);
    await add('first', ['z'], elsewhere);
    expect(await claimed('w')).toEqual(['z']);
    await setSpec('new', { priority: 3 }, elsewhere);
    await add('new', ['y'], elsewhere);
    expect(await claimed('w')).toEqual(['y']);
    await setSpec('s', { max_running: 2 }, elsewhere);
    expect(await claimed('w')).toEqual(['b']);
    expect(await claimed('w')).toEqual([]);
    await setSpec('s', {}, elsewhere);
    expect(await claimed('w')).toEqual(['c']);
    await elsewhere.specs.delete('', 's');
    expect(await claimed('w')).toEqual([]);
  });

  it('is left by ends when the spec chains now, or another holds the unit', async () => {
    await setSpec('s');
    await setSpec('next');
    await add('s', ['a', 'b', 'c']);
    await claim('w');
    const [attempt] = await claim('w');
    await elsewhere.attempts.make('', { worker: 'v', workSpec: 's', workUnit: 'b', lifetime: DEFAULT_LIFETIME });
    expect(
      await here.attempts.report('', { ...attempt, status: 'finished', worker: 'w', lifetime: DEFAULT_LIFETIME }),
    ).toEqual({ changed: false, reason: 'held by another', holder: 'v' });
    await setSpec('s', { then: 'next' }, elsewhere);
    const report = { workSpec: 's', workUnit: 'a', status: 'finished', lifetime: DEFAULT_LIFETIME } as const;
    expect(await here.attempts.report('', { ...report, data: encode({ output: ['o'] }) })).toEqual({ changed: true });
    expect(await claimed('w', 5)).toHaveLength(1);
    const { available, pending } = await here.specs.counts('', 'next');
    expect(available + pending).toBe(1);
  });

  it('ends attempts wherever their units are by now', async () => {
    await setSpec('s');
    await add('s', ['a', 'b', 'c', 'd', 'e']);
    expect(await claimed('w')).toEqual(['a']);
    const given = await claim('w', 4);
    const [moved, movedHere, back] = given;
    const renewal = { action: 'renew', duration: DEFAULT_LIFETIME } as const;
    await elsewhere.attempts.change('', { ref: moved, ...renewal });
    await here.attempts.change('', { ref: movedHere, ...renewal });
    await elsewhere.attempts.change('', { ref: back, action: 'expire' });
    // The dead rows make room, so that another unit may be where one of these was.
    await database.query('VACUUM coordinate.work_unit');
    await add('s', ['other']);
    const began = vi.spyOn(Connection.prototype, 'begin');
    const ends = given.map((ref) => ({ ref, action: 'finish' as const }));
    const results = await here.attempts.changeMany('', [ends[0], ends[1], ends[3]]);
    expect(results.map((result) => 'status' in result && [result.workUnit, result.status])).toEqual([
      ['b', 'finished'],
      ['c', 'finished'],
      ['e', 'finished'],
    ]);
    expect(began).not.toHaveBeenCalled();
    expect(await here.attempts.changeMany('', [ends[2]])).toEqual([expect.objectContaining({ code: 'ErrNotPending' })]);
    expect(await here.specs.counts('', 's')).toMatchObject({ available: 2, pending: 1, finished: 3 });
  });

  it('puts what an attempt supersedes into the history', async () => {
    await setSpec('s');
    await add('s', ['a', 'b']);
    await claim('w');
    const [attempt] = await claim('w');
    await here.attempts.change('', { ref: attempt, action: 'retry', delay: 0 });
    await add('s', ['c']);
    expect(await claimed('u')).toEqual(['b']);
    expect(
      (await attemptsOf(here.attempts, 'all', '', 'w')).map(({ workUnit, status }) => `${workUnit} ${status}`),
    ).toEqual(['a pending', 'b retryable']);
  });

  it('leaves where it is what another transaction has changed since the claim began, and its history too', async () => {
    await setSpec('s');
    await add('s', ['a', 'b', 'c', 'd']);
    await claim('w');
    const [attempt] = await claim('w');
    await here.attempts.change('', { ref: attempt, action: 'retry', delay: 0 });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      // The clock is read when the statement has its snapshot: it waits there for us.
      await client.query(`CREATE OR REPLACE FUNCTION coordinate.now_micros() RETURNS bigint LANGUAGE sql VOLATILE AS $$
        SELECT pg_advisory_xact_lock_shared(1);
        SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$`);
      await client.query('SELECT pg_advisory_lock(1)');
      const claiming = claimed('w', 2);
      const waiting = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;
      while ((await client.query(waiting)).rowCount === 0);
      await client.query(`UPDATE coordinate.work_unit SET not_before = not_before WHERE name = 'b'`);
      await client.query('SELECT pg_advisory_unlock(1)');
      expect(await claiming).toEqual(['c']);
    } finally {
      await client.end();
    }
    const statuses = async () =>
      (await attemptsOf(here.attempts, 'all', '', 'w')).map(({ workUnit, status }) => `${workUnit} ${status}`);
    expect(await statuses()).toEqual(['a pending', 'b retryable', 'c pending']);
    expect(await here.specs.counts('', 's')).toMatchObject({ available: 2, pending: 2 });
    expect(await claimed('w')).toEqual(['b']);
    expect(await statuses()).toEqual(['a pending', 'b retryable', 'c pending', 'b pending']);
  });

  it.each([
    ['of a plain spec', {}],
    ['of one that goes the general way', { max_running: 100 }],
  ])('claims of one unit each, %s, are not given together more than one may be given', async (_, fields) => {
    const size = 60_000;
    await setSpec('s', fields);
    const data = encode({ blob: 'x'.repeat(size) });
    const names = Array.from({ length: 10 }, (_, i) => `u${i}`);
    await here.units.add(
      '',
      's',
      names.map((name) => ({ name, data, priority: 0 })),
    );
    const one = async (worker: string) =>
      await here.attempts.claim('', { worker, units: 1, maxBytes: 2.5 * size, lifetime: DEFAULT_LIFETIME });
    await one('first');
    let most = 0;
    const weigh = (rows: readonly (readonly (string | null)[])[]): void => {
      // Bytes are written as two digits each.
      const bytes = rows.flat().reduce((sum, column) => sum + (column?.startsWith('\\x') ? column.length / 2 : 0), 0);
      most = Math.max(most, bytes);
    };
    /* eslint-disable @typescript-eslint/unbound-method -- they are called with their connection */
    const { run, runAlone } = Connection.prototype;
    /* eslint-enable @typescript-eslint/unbound-method */
    vi.spyOn(Connection.prototype, 'run').mockImplementation(async function (this: Connection, statements) {
      const results = await run.call(this, statements);
      weigh(results.flat());
      return results;
    });
    vi.spyOn(Connection.prototype, 'runAlone').mockImplementation(async function (this: Connection, only) {
      const rows = await runAlone.call(this, only);
      weigh(rows);
      return rows;
    });
    const claims = await Promise.all(names.slice(1).map((name) => one(`w${name}`)));
    const given = claims.flatMap(({ attempts }) => attempts.map(({ workUnit }) => workUnit));
    expect(given.sort()).toEqual(names.slice(1));
    expect(most).toBeGreaterThan(size);
    expect(most).toBeLessThan(3.2 * size);
  });
});
