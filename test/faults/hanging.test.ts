import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Float } from '../../src/cbor/index.js';
import { RawClient } from '../cbor-rpc/client.js';
import { BlackHole } from '../support/black-hole.js';
import type { RunningDaemon } from '../support/daemon.js';
import { startDaemon } from '../support/daemon.js';
import { PostgresServer } from '../support/postgres-server.js';
import { createDatabaseOn, type TestDatabase } from '../support/postgres.js';

const SILENT = /^storage unavailable: (the database did not answer|no connection to the database became free) in \d+ s/;
const UNKNOWN =
  /^storage unavailable: the database did not answer in \d+ s; whether the change took place is not known$/;

/** More than the claims of which nobody hears may take. */
const names = Array.from({ length: 50 }, (_, i) => `${String.fromCharCode(97 + (i % 26))}${i < 26 ? '' : i}`);

describe('a database that hangs', () => {
  let server: PostgresServer;
  let hole: BlackHole;
  let database: TestDatabase;
  let daemon: RunningDaemon;
  let clients: RawClient[];

  beforeAll(async () => {
    server = await PostgresServer.create();
    await server.start();
    hole = await BlackHole.before(server.port);
    database = await createDatabaseOn(server.url());
    daemon = await start();
  });
  afterAll(async () => {
    await daemon.kill();
    await database.drop();
    hole.close();
    await server.remove();
  });
  beforeEach(async () => {
    clients = [];
    await call('clear');
    await call('set_work_spec', { name: 's' });
    await call(
      'add_work_units',
      's',
      names.map((name) => [name, {}]),
    );
    for (let i = 0; i < 2; i++) await call('get_work', 'w', {});
  });
  afterEach(() => {
    hole.let('both ways');
    for (const client of clients) client.destroy();
  });

  function start(): Promise<RunningDaemon> {
    const url = new URL(database.url);
    url.port = String(hole.port);
    url.search = 'request_timeout=1';
    return startDaemon(['-backend', url.href]);
  }

  /** Each on a connection of its own. */
  async function call(method: string, ...params: unknown[]): Promise<unknown> {
    const client = await RawClient.connect(daemon.rpcPort);
    clients.push(client);
    return client.call(method, ...(params as never[]));
  }
  const fails = (method: string, ...params: unknown[]): Promise<string> =>
    call(method, ...params).then(
      (result) => `done: ${JSON.stringify(result)}`,
      (error: Error) => error.message,
    );
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${daemon.httpPort}/readyz`);
    return [response.status, await response.text()] as const;
  };

  /** Many of each kind, more than a daemon has connections. */
  const everything = (): Promise<string>[] =>
    Array.from({ length: 6 }, (_, i) => [
      fails('worker_heartbeat', `w${i}`, 'RUN', 60, {}, null),
      fails('get_work', `w${i}`, {}),
      fails('list_work_specs', {}),
      fails('update_work_unit', 's', 'a', { status: 1, lease_time: 100 + i }),
      fails(
        'add_work_units',
        's',
        Array.from({ length: 20 }, (_, j) => [`${i} ${j}`, {}]),
      ),
    ]).flat();

  async function isServedAgain(): Promise<void> {
    await expect.poll(async () => (await ready())[0]).toBe(200);
    expect(await call('worker_heartbeat', 'w', 'RUN', 60, {}, null)).toBeTruthy();
    expect(await call('update_work_unit', 's', 'b', { status: 4 })).toEqual([true, null]);
    expect(JSON.stringify(await call('get_work', 'w', {}))).not.toContain('null,null');
  }

  it('is told of to everybody soon, and serves again by itself', async () => {
    hole.let('nothing');
    const asked = everything();
    // The daemon knows the database's time, and tells it without asking.
    const { value } = (await call('now')) as Float;
    expect(Math.abs(value - Date.now() / 1000)).toBeLessThan(20);
    const later = Promise.all(asked).then(() => everything());
    for (const answer of [...(await Promise.all(asked)), ...(await Promise.all(await later))])
      expect(answer).toMatch(SILENT);
    const [status, body] = await ready();
    expect([status, body]).toEqual([503, expect.stringMatching(/the database did not answer in \d/) as string]);
    hole.let('both ways');
    await isServedAgain();
  });

  it('is told of where all of its processes stand still', async () => {
    server.freeze();
    try {
      for (const answer of await Promise.all(everything())) expect(answer).toMatch(SILENT);
      expect((await ready())[0]).toBe(503);
      expect(await call('now')).toBeInstanceOf(Float);
    } finally {
      server.thaw();
    }
    await isServedAgain();
  });

  it('leaves open what a change has come to whose end was not heard of, and does not make it again', async () => {
    // Opens the connection that reports go over, so that it is the change and not the connecting that nobody hears of.
    await call('update_work_unit', 's', 'c', { status: 4 });
    hole.let('no answers');
    expect(await fails('update_work_unit', 's', 'a', { status: 4 })).toMatch(UNKNOWN);
    hole.let('both ways');
    // Those of the tests before may not have been cleared away yet.
    const unit = `SELECT attempts, status FROM coordinate.work_unit WHERE name = 'a' ORDER BY work_spec_id DESC LIMIT 1`;
    const status = async () => (await database.query(unit))[0];
    await expect.poll(status).toEqual({ attempts: 1, status: 3 });
    await isServedAgain();
  });

  it('has idle connections replaced before a request meets them', async () => {
    const before = hole.connections;
    expect(before.length).toBeGreaterThan(2);
    hole.let('nothing');
    await expect.poll(() => before.filter(({ closed }) => !closed)).toHaveLength(0);
    hole.let('both ways');
    await isServedAgain();
  });

  // The last: the daemon has ended then.
  it('is not waited for by a daemon that is to end', async () => {
    hole.let('nothing');
    const asked = everything();
    const { code } = await daemon.stop();
    expect(code).toBe(0);
    expect(daemon.output()).not.toMatch(/cut off|in time/);
    await Promise.all(asked);
  });
});
