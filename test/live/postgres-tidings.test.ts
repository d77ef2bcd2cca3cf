import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../src/cbor/index.js';
import { Scheduler } from '../../src/domain/scheduler/scheduler.js';
import { SECOND } from '../../src/domain/time.js';
import { defineWorkSpec } from '../../src/domain/work-spec.js';
import type { WorkNews } from '../../src/domain/work-feed.js';
import { readPostgresUrl } from '../../src/storage/postgres/opening/postgres-url.js';
import { LOOK_MS } from '../../src/storage/postgres/telling/tidings.js';
import { PostgresDatabase } from '../../src/storage/postgres/postgres-database.js';
import { PostgresWorkFeed } from '../../src/storage/postgres/postgres-work-feed.js';
import { repositoriesOf } from '../contract/postgres-harness.js';
import type { TestDatabase } from '../support/postgres.js';
import { createDatabase } from '../support/postgres.js';

const LONG = { timeout: 20_000, interval: 5 };
const EMPTY = Buffer.from([0xa0]);

/** A daemon's storage, and what its feed says; nobody looks. */
class TestDaemon {
  readonly database: PostgresDatabase;
  readonly feed: PostgresWorkFeed;
  readonly repositories: Omit<ReturnType<typeof repositoriesOf>, 'feed'>;
  heard: string[] = [];
  lookIn = Infinity;

  constructor(url: string) {
    const silent = { log: () => undefined, warn: () => undefined };
    this.database = new PostgresDatabase(readPostgresUrl(url), new Scheduler(() => 0), undefined, silent);
    const { feed, ...repositories } = repositoriesOf(this.database.store);
    this.feed = feed as PostgresWorkFeed;
    this.repositories = repositories;
    const news: WorkNews = {
      claimable: (namespace, workSpec, units) => this.heard.push(`${namespace}/${workSpec ?? 'any'} ${units}`),
      lookIn: (ms) => (this.lookIn = ms),
    };
    feed.tell(news);
  }

  get isListening(): boolean {
    return this.database.store.tidings.isListening;
  }

  async listens(): Promise<void> {
    await expect.poll(() => this.isListening, LONG).toBe(true);
  }

  async add(...names: string[]): Promise<void> {
    await this.repositories.units.add(
      'n',
      's',
      names.map((name) => ({ name, data: EMPTY, priority: 0 })),
    );
  }

  spec(fields: object = {}): Promise<void> {
    return this.repositories.specs.set('n', defineWorkSpec(encode({ name: 's', ...fields }))) as Promise<void>;
  }

  async claim(units = 1, lifetime = 600 * SECOND) {
    return (await this.repositories.attempts.claim('n', { worker: 'w', units, lifetime })).attempts;
  }
}

describe('daemons on one database', () => {
  let database: TestDatabase;
  let here: TestDaemon;
  let there: TestDaemon;
  let spy: pg.Client;
  let messages: { text: string; at: number }[];
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    here = new TestDaemon(database.url);
    there = new TestDaemon(database.url);
    await here.listens();
    await there.listens();
    messages = [];
    spy = new pg.Client(database.url);
    await spy.connect();
    spy.on('notification', ({ payload = '' }) => messages.push({ text: payload, at: performance.now() }));
    await spy.query('LISTEN coordinate_work');
    await there.spec();
  });
  afterEach(async () => {
    await Promise.all([here.database.close(), there.database.close()]);
    await spy.end();
    await database.query(
      'TRUNCATE coordinate.namespace, coordinate.work_spec, coordinate.work_spec_count, coordinate.work_unit',
    );
  });

  const told = () => messages.filter(({ text }) => text.startsWith('work '));

  /** Waits until those that wait at `here` are known to wait at `there`. */
  async function watch(): Promise<void> {
    here.feed.watch('n');
    expect(await here.claim()).toEqual([]);
    await expect.poll(() => messages.some(({ text }) => text.startsWith('waiting ')), LONG).toBe(true);
    await there.add('known');
    await expect.poll(() => here.heard.length, LONG).toBeGreaterThan(0);
    expect(await here.claim()).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    here.heard = [];
    messages = [];
  }

  it('send each other nothing as long as nobody waits', async () => {
    for (let index = 0; index < 5; index++) await there.add(`u${index}`);
    await there.claim(5);
    await spy.query('SELECT 1');
    expect(told()).toEqual([]);
  });

  it('hear of work in the message of its commit', async () => {
    await watch();
    await there.add('a', 'b');
    await expect.poll(() => here.heard, LONG).toEqual(['n/s 2']);
    // Another connection may be told a little later than the one that waits.
    await expect.poll(told, LONG).toHaveLength(1);
  });

  it('hear what was committed before it was known that they wait', async () => {
    here.feed.watch('n');
    // Nobody can say which of the two the database gets first.
    await there.add('a');
    await expect.poll(() => here.heard.length, LONG).toBeGreaterThan(0);
  });

  it('hear of their own work without a message', async () => {
    await watch();
    await here.add('a');
    expect(here.heard).toEqual(['n/s 1']);
  });

  it('are told of a spec every 20 ms at most, and of all that is held back', async () => {
    await watch();
    let last = 0;
    for (let index = 0; index < 40; index++) {
      await there.add(`u${index}`);
      last = performance.now();
    }
    await expect.poll(() => told().at(-1)?.at ?? 0, LONG).toBeGreaterThanOrEqual(last);
    const units = () => here.heard.reduce((sum, text) => sum + Number(text.split(' ')[1]), 0);
    await expect.poll(units, LONG).toBe(40);
    const span = told().at(-1)!.at - told()[0].at;
    expect(told().length).toBeLessThanOrEqual(span / 20 + 2);
  });

  it('hear of what frees a spec of limited units, and of nothing else that ends', async () => {
    await there.spec({ max_running: 1 });
    await there.add('a', 'b', 'c');
    const [attempt] = await there.claim();
    await watch2();
    await there.repositories.attempts.change('n', { ref: attempt, action: 'finish' });
    await expect.poll(() => here.heard, LONG).toEqual(['n/s 1']);
  });

  /** As watch, where nothing can be claimed. */
  async function watch2(): Promise<void> {
    here.feed.watch('n');
    expect(await here.claim()).toEqual([]);
    await expect.poll(() => messages.some(({ text }) => text.startsWith('waiting ')), LONG).toBe(true);
    await expect.poll(() => here.heard.length, LONG).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    here.heard = [];
    messages = [];
  }

  it('hear when something falls due soon', async () => {
    await watch();
    here.lookIn = Infinity;
    await there.add('a');
    await there.claim(1, SECOND / 2);
    await expect.poll(() => here.lookIn, LONG).toBeLessThanOrEqual(500);
  });

  it('see soon what nobody has told of, as daemons of versions before do not', async () => {
    await watch();
    Object.assign(there.database.store.tidings, { notices: () => [], committed: () => undefined });
    const { store } = here.database;
    const look = store.look.bind(store);
    let tookMs = 0;
    store.look = async (...args) => {
      const begun = performance.now();
      const rows = await look(...args);
      tookMs = performance.now() - begun;
      return rows;
    };
    here.lookIn = Infinity;
    here.feed.look();
    await expect.poll(() => here.lookIn, LONG).toBeLessThan(Infinity);
    // What takes long on a busy machine is done less often.
    expect(here.lookIn).toBeLessThanOrEqual(Math.max(LOOK_MS, 25 * tookMs + 50));
    expect(here.heard).toEqual([]);
    await there.add('untold');
    await new Promise((resolve) => setTimeout(resolve, here.lookIn));
    here.feed.look();
    await expect.poll(() => here.heard, LONG).toEqual(['n/any 1']);
  });

  it('hear of namespaces that they have never seen', async () => {
    await database.query('TRUNCATE coordinate.namespace, coordinate.work_spec');
    here.feed.watch('n');
    await expect.poll(() => messages.some(({ text }) => text.startsWith('waiting ')), LONG).toBe(true);
    await there.repositories.namespaces.destroy('n');
    await there.spec();
    here.heard = [];
    await there.add('a');
    await expect.poll(() => here.heard, LONG).toContainEqual(expect.stringMatching(/^n\/(s|any) 1$/));
  });

  it('look for themselves when they can no longer hear, and hear again', async () => {
    await watch();
    const { rows } = await spy.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_notify%' OR query LIKE 'LISTEN%' AND pid <> pg_backend_pid()`,
    );
    for (const { pid } of rows)
      if (pid !== (spy as unknown as { processID: number }).processID)
        await spy.query('SELECT pg_terminate_backend($1)', [pid]);
    await expect.poll(() => here.heard.filter((text) => text === 'n/any 1').length, LONG).toBeGreaterThan(0);
    await here.listens();
    await there.listens();
    here.heard = [];
    await there.add('again');
    await expect.poll(() => here.heard.length, LONG).toBeGreaterThan(0);
  });
});
