import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Encodable } from '../../src/cbor/index.js';
import { encode } from '../../src/cbor/index.js';
import { DEFAULT_LIFETIME, SECOND } from '../../src/domain/time.js';
import { defineWorkSpec } from '../../src/domain/work-spec.js';
import { EMPTY_DATA } from '../../src/domain/data.js';
import type { PostgresStore } from '../../src/storage/postgres/postgres-store.js';
import type { StoreRepositories } from '../contract/postgres-harness.js';
import { repositoriesOf } from '../contract/postgres-harness.js';
import type { TestDatabase } from '../support/postgres.js';
import { createDatabase } from '../support/postgres.js';
import { openStore } from './patient-store.js';

const LOCKED = /^storage unavailable: another session keeps locked what this is about \(SQLSTATE 55P03\)$/;

describe('what another session keeps locked', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  let storage: StoreRepositories;
  let holder: pg.Client;

  beforeEach(async () => {
    database = await createDatabase();
    await open(100_000);
    holder = new pg.Client(database.url);
    await holder.connect();
    await holder.query('BEGIN');
  });
  afterEach(async () => {
    await holder.end();
    await store.close();
    await database.drop();
  });

  /** @param patienceMs - how long requests wait */
  async function open(patienceMs: number): Promise<void> {
    store = await openStore(database, patienceMs);
    storage = repositoriesOf(store);
  }

  const setSpec = (name: string, fields: Record<string, Encodable> = {}) =>
    storage.specs.set('', defineWorkSpec(encode({ name, ...fields })));
  const add = (workSpec: string, names: readonly string[]) =>
    storage.units.add(
      '',
      workSpec,
      names.map((name) => ({ name, data: EMPTY_DATA, priority: 0 })),
    );
  const claim = async (units: number, workSpecs?: string[]) => {
    const { attempts } = await storage.attempts.claim('', {
      worker: 'w',
      units,
      workSpecs,
      lifetime: DEFAULT_LIFETIME,
    });
    return attempts.map(({ workSpec, workUnit }) => `${workSpec} ${workUnit}`);
  };
  const report = async (workUnit: string, status?: 'finished') =>
    storage.attempts.report('', { workSpec: 's', workUnit, status, lifetime: DEFAULT_LIFETIME });
  const hold = (unit: string) =>
    holder.query('SELECT 1 FROM coordinate.work_unit WHERE name = $1 FOR UPDATE', [Buffer.from(unit)]);
  const done = { changed: true };
  const names = Array.from({ length: 40 }, (_, i) => `u${10 + i}`);

  /** Tells whether something has come to its end. */
  function watch<T>(promise: Promise<T>): { isOver: boolean; readonly promise: Promise<T> } {
    const watched = { isOver: false, promise };
    const over = (): void => void (watched.isOver = true);
    promise.then(over, over);
    return watched;
  }

  it('has only the reports on the unit wait that is held, those that end attempts and others', async () => {
    await setSpec('s');
    await add('s', names);
    await claim(names.length);
    await hold('u10');
    await hold('u11');
    const held = [watch(report('u10', 'finished')), watch(report('u11'))];
    // First those of the same batch, then one after another.
    expect(await Promise.all(['u12', 'u13'].map((unit) => report(unit, 'finished')))).toEqual([done, done]);
    for (const unit of names.slice(4, 20)) expect(await report(unit, 'finished')).toEqual(done);
    for (const unit of names.slice(20, 30)) expect(await report(unit)).toEqual(done);
    // What is known to be held has nobody wait any more.
    held.push(watch(report('u10')));
    await add(
      's',
      Array.from({ length: 30 }, (_, i) => `new ${i}`),
    );
    expect(held.map(({ isOver }) => isOver)).toEqual([false, false, false]);
    await holder.query('ROLLBACK');
    expect(await held[0].promise).toEqual(done);
    await Promise.allSettled(held.map(({ promise }) => promise));
    expect(await storage.specs.counts('', 's')).toMatchObject({ finished: 19, available: 30 });
  });

  it('is told of in clear words to those who waited for as long as they may', async () => {
    await store.close();
    await open(3_000);
    await setSpec('s', { max_running: 2 });
    await add('s', names);
    await claim(1);
    await hold('u10');
    await expect(report('u10', 'finished')).rejects.toThrow(LOCKED);
    await holder.query('SELECT 1 FROM coordinate.work_spec FOR NO KEY UPDATE');
    await expect(claim(1)).rejects.toThrow(LOCKED);
    await expect(setSpec('s')).rejects.toThrow(LOCKED);
    await holder.query('ROLLBACK');
    expect(await report('u10', 'finished')).toEqual(done);
    expect(await claim(1)).toEqual(['s u11']);
  });

  it('has claims of other work specs go on, and who may take of any pass it over', async () => {
    await setSpec('limited', { max_running: 5, priority: 1 });
    await setSpec('plain');
    await add('limited', names);
    await add('plain', names);
    expect(await claim(1)).toEqual(['limited u10']);
    await holder.query(`SELECT 1 FROM coordinate.work_spec WHERE max_running > 0 FOR NO KEY UPDATE`);
    const waiting = watch(claim(1, ['limited']));
    for (const name of names.slice(0, 10)) expect(await claim(1, ['plain'])).toEqual([`plain ${name}`]);
    expect(await claim(1)).toEqual(['plain u20']);
    expect(waiting.isOver).toBe(false);
    await holder.query('ROLLBACK');
    expect(await waiting.promise).toEqual(['limited u11']);
  });

  describe('of the record of a worker', () => {
    const by = async (worker: string) => {
      const { attempts } = await storage.attempts.claim('', { worker, units: 1, lifetime: DEFAULT_LIFETIME });
      return attempts.map(({ workUnit }) => workUnit);
    };
    /** What the worker has whose record is held. */
    let own: string[];
    const renew = async (worker: string, workUnit: string) =>
      storage.attempts.report('', { workSpec: 's', workUnit, worker, status: 'pending', lifetime: DEFAULT_LIFETIME });
    const ROUNDS = 40;

    // Were others to wait for each request of the worker, for as long as one waits for a lock, the first of those would be over.
    beforeEach(async () => {
      await store.close();
      await open(25_000);
      await setSpec('s');
      await add(
        's',
        Array.from({ length: 3 * ROUNDS + 10 }, (_, i) => `u${100 + i}`),
      );
      const request = { worker: 'held', units: ROUNDS, lifetime: DEFAULT_LIFETIME };
      own = (await storage.attempts.claim('', request)).attempts.map(({ workUnit }) => workUnit);
      expect(await by('free')).toEqual([`u${100 + ROUNDS}`]);
      await holder.query(`SELECT 1 FROM coordinate.worker WHERE name = 'held' FOR UPDATE`);
    });

    it('has only the claims of that worker wait', async () => {
      const waiting = [watch(by('held'))];
      for (let i = 0; i < ROUNDS; i++) {
        if (i > 0) waiting.push(watch(by('held')));
        expect(await by('free')).toHaveLength(1);
      }
      expect(waiting.some(({ isOver }) => isOver)).toBe(false);
      await holder.query('ROLLBACK');
      expect((await Promise.all(waiting.map(({ promise }) => promise))).flat()).toHaveLength(ROUNDS);
    });

    it('has only the renewals of that worker wait', async () => {
      const waiting: ReturnType<typeof watch>[] = [];
      for (const unit of own) {
        waiting.push(watch(renew('held', unit)));
        expect(await renew('free', `u${100 + ROUNDS}`)).toEqual(done);
      }
      expect(waiting.some(({ isOver }) => isOver)).toBe(false);
      await holder.query('ROLLBACK');
      expect(await Promise.all(waiting.map(({ promise }) => promise))).toEqual(new Array(ROUNDS).fill(done));
    });
  });

  describe('by very many requests', () => {
    const MANY = 60;
    const ROUNDS = 5;

    // Were others to wait for a connection until one of those gives it up, the first of those would be over.
    beforeEach(async () => {
      await store.close();
      await open(25_000);
      await setSpec('held');
      await setSpec('free');
      await storage.workers.change('', 'held', {});
      await storage.locks.lock('', 'me', 1000 * SECOND, [['held']]);
      await storage.sessions.add({ hash: 'ab', holder: 'cd', basis: '{}', lifetime: 1000 * SECOND });
    });

    const others = async (namespace = '') => {
      for (let i = 0; i < ROUNDS; i++) {
        await storage.specs.set(namespace, defineWorkSpec(encode({ name: 'free', i })));
        await storage.specs.find(namespace, 'free');
        await storage.workers.change(namespace, 'free', {});
        expect(await storage.locks.lock(namespace, 'me', SECOND, [[String(Math.random())]])).toBeUndefined();
        await storage.specs.counts('', 'free');
      }
    };
    const letGo = (): Promise<void> => holder.query('ROLLBACK').then(() => undefined);

    it.each<[string, string, () => Promise<unknown>, string]>([
      ['a work spec', `work_spec WHERE name = 'held'`, async () => setSpec('held'), ''],
      ['a work spec, to be deleted', `work_spec WHERE name = 'held'`, async () => storage.specs.delete('', 'held'), ''],
      [
        'a worker',
        `worker WHERE name = 'held'`,
        async () => storage.workers.change('', 'held', { deactivate: true }),
        '',
      ],
      ['a session', 'session', async () => storage.sessions.end('ab'), ''],
      ['a lock', 'lock', async () => storage.locks.renew('', 'me', SECOND, [['held']]), ''],
      ['a namespace', 'namespace', async () => setSpec(`s${Math.random()}`), 'other'],
      [
        'a namespace in which they lock',
        'namespace',
        async () => storage.locks.lock('', 'x', SECOND, [[String(Math.random())]]),
        'other',
      ],
    ])('%s has nobody else wait', async (_, rows, act, namespace) => {
      await holder.query(`SELECT 1 FROM coordinate.${rows} FOR UPDATE`);
      const waiting = Array.from({ length: MANY }, () => watch(act()));
      await others(namespace);
      expect(waiting.some(({ isOver }) => isOver)).toBe(false);
      await letGo();
      for (const { promise } of waiting) await promise;
      await others();
    });

    it('is told to all of them when their time is over', async () => {
      await store.close();
      await open(2_000);
      await holder.query(`SELECT 1 FROM coordinate.work_spec WHERE name = 'held' FOR UPDATE`);
      const waiting = Array.from({ length: MANY }, async () => setSpec('held'));
      for (const result of await Promise.allSettled(waiting)) {
        expect(result).toMatchObject({
          status: 'rejected',
          reason: { message: expect.stringMatching(LOCKED) as string },
        });
      }
      await letGo();
      await setSpec('held');
    });
  });

  it('is not handed out, and has no claim of something else wait', async () => {
    await setSpec('s');
    await setSpec('t');
    await add('s', ['held']);
    await hold('held');
    await add('t', names);
    const empty = claim(1, ['s']);
    for (const name of names.slice(0, 5)) expect(await claim(1, ['t'])).toEqual([`t ${name}`]);
    expect(await empty).toEqual([]);
    await holder.query('ROLLBACK');
    expect(await claim(1, ['s'])).toEqual(['s held']);
  });

  it('is counted as it was where its lease runs out meanwhile, and has the others handed out', async () => {
    await setSpec('s');
    await add('s', names);
    await storage.attempts.claim('', { worker: 'w', units: 1, lifetime: SECOND / 2 });
    await hold('u10');
    await expect
      .poll(
        async () =>
          (
            await database.query(`SELECT 1 FROM coordinate.work_unit
      WHERE status = 2 AND moment <= coordinate.now_micros()`)
          ).length,
      )
      .toBe(1);
    expect(await claim(2)).toEqual(['s u11', 's u12']);
    expect(await storage.specs.counts('', 's')).toMatchObject({ available: 37, pending: 3 });
    expect(await storage.units.listNames('', 's', { statuses: ['pending'] })).toHaveLength(2);
    await holder.query('ROLLBACK');
    expect(await claim(1)).toEqual(['s u10']);
  });
});
