import { type ClientRequest, get, request, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PostgresStore } from '../../src/storage/postgres/postgres-store.js';
import { RestApp } from '../rest/app.js';
import type { TestDatabase } from '../support/postgres.js';
import { createDatabase } from '../support/postgres.js';

/** More than the system takes of a dump that nobody reads. */
const DATA = Array.from({ length: 20 }, () => ({ text: 'x'.repeat(1_000_000) }));

describe('a dump of a PostgreSQL', () => {
  let database: TestDatabase;
  let rest: RestApp;
  const readers: IncomingMessage[] = [];
  beforeAll(async () => {
    database = await createDatabase();
    rest = await RestApp.start({ backend: { kind: 'postgres', url: database.url } });
    await rest.post('/namespace', { name: 'n' });
    await rest.post('/namespace/n/work_spec', { data: { name: 's' } });
    for (const [i, data] of DATA.entries()) {
      await rest.post('/namespace/n/work_spec/s/work_unit', { name: `u${i}`, data });
    }
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const each of readers.splice(0)) each.destroy();
    await expect.poll(dumping).toEqual([]);
  });
  afterAll(async () => {
    await rest.stop();
    await database.drop();
  });

  /** Asks for a dump and reads none of it. */
  function begin(): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      get({ port: rest.port, host: '127.0.0.1', path: '/dump', agent: false }, (response) => {
        response.on('error', () => undefined);
        readers.push(response.pause());
        resolve(response);
      }).on('error', reject);
    });
  }

  /** The sessions that look at what was at some moment: those that dump, and for as long as it takes any statement. */
  const dumping = () =>
    database.query(`SELECT pid FROM pg_stat_activity WHERE datname = current_database()
      AND backend_type = 'client backend' AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid()`);
  /** Waits until one dumps, which is there when it is looked for again. @returns the process number of its session */
  const dumper = async (): Promise<unknown> => {
    let seen: unknown;
    const isSeenAgain = async (): Promise<boolean> => {
      const before = seen;
      const found = await dumping();
      seen = found.length === 1 ? found[0].pid : undefined;
      return seen !== undefined && seen === before;
    };
    await expect.poll(isSeenAgain).toBe(true);
    return seen;
  };
  const isThere = async (pid: unknown) =>
    (await database.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).length > 0;
  const ask = async (path: string, body: object = {}) =>
    (await rest.post(`/namespace/n/worker/w/${path}`, body)).status;
  const serves = async () => (await begin()).statusCode === 200;
  /** Begins one when the daemon has seen the end of the one before, which the database sees first. */
  const beginNext = async (): Promise<IncomingMessage> => {
    await expect.poll(serves).toBe(true);
    return readers.at(-1)!;
  };

  it('is taken over one connection by one of five that never read, and everything else goes on', async () => {
    await beginNext();
    await dumper();
    const others = await Promise.all(Array.from({ length: 4 }, begin));
    expect(others.map(({ statusCode, headers }) => [statusCode, headers['retry-after']])).toEqual(
      others.map(() => [503, '10']),
    );
    await dumper();
    expect(await Promise.all(Array.from({ length: 12 }, () => ask('request_attempts')))).toEqual(
      Array.from({ length: 12 }, () => 200),
    );
    expect((await rest.get('/summary')).status).toBe(200);
  });

  it('closes its connection when its reader is gone, and another one may begin', async () => {
    const first = await beginNext();
    const pid = await dumper();
    first.destroy();
    await expect.poll(() => isThere(pid)).toBe(false);
    await expect.poll(serves).toBe(true);
  });

  it('closes its connection when all has been read', async () => {
    const response = await beginNext();
    const pid = await dumper();
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    expect(bytes).toBeGreaterThan(DATA.length * 1_000_000);
    await expect.poll(() => isThere(pid)).toBe(false);
    await expect.poll(serves).toBe(true);
  });

  it('ends when the database ends its session, and another one may begin', async () => {
    const response = await beginNext();
    const pid = await dumper();
    await database.query('SELECT pg_terminate_backend($1)', [pid]);
    await expect(
      (async () => {
        for await (const chunk of response) void chunk;
      })(),
    ).rejects.toThrow();
    await expect.poll(serves).toBe(true);
  });

  it('is given up when its reader is gone before it has begun', async () => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its store
    const { apart } = PostgresStore.prototype;
    let goOn!: () => void;
    const isGone = new Promise<void>((resolve) => (goOn = resolve));
    let begin!: (hasBegun: true) => void;
    const hasBegun = new Promise<boolean>((resolve) => (begin = resolve));
    const asked = vi.spyOn(PostgresStore.prototype, 'apart').mockImplementationOnce(async function (
      this: PostgresStore,
      work,
    ) {
      begin(true);
      await isGone;
      return apart.call(this, work);
    });
    let asking!: ClientRequest;
    const begins = (): Promise<boolean> => {
      asking = request({ port: rest.port, host: '127.0.0.1', path: '/dump', agent: false });
      asking.on('error', () => undefined).end();
      // It is refused while the daemon is still ending the one before.
      const isRefused = new Promise<boolean>((resolve) => asking.on('response', () => resolve(false)));
      return Promise.race([hasBegun, isRefused]);
    };
    await expect.poll(begins).toBe(true);
    expect(asked.mock.calls.length).toBe(1);
    asking.destroy();
    await expect.poll(() => rest.adapter.turns.inFlight.size).toBe(0);
    goOn();
    await expect.poll(serves).toBe(true);
  });
});
