import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { StorageUnavailableError } from '../../src/domain/errors.js';
import { WorkSpecRepository } from '../../src/work-specs/work-spec.repository.js';
import type { TestDatabase } from '../support/postgres.js';
import { createDatabase } from '../support/postgres.js';
import { RestApp } from './app.js';

const SPEC = '/namespace/n/work_spec/s';
/** More than the system takes of an answer that nobody reads. */
const LARGE = 16;
const MIB = 2 ** 20;

describe.each(['memory', 'postgres'] as const)('a claim over REST whose client is gone (%s)', (kind) => {
  let rest: RestApp;
  let database: TestDatabase | undefined;
  beforeAll(async () => {
    if (kind === 'postgres') database = await createDatabase();
    rest = await RestApp.start({ backend: database ? { kind: 'postgres', url: database.url } : { kind: 'memory' } });
  });
  afterAll(async () => {
    await rest.stop();
    await database?.drop();
  });

  beforeEach(async () => {
    await rest.delete('/namespace/n');
    await rest.post('/namespace', { name: 'n' });
    await rest.post('/namespace/n/work_spec', { data: { name: 's' } });
  });

  const add = (name: string, data: object = {}) => rest.post(`${SPEC}/work_unit`, { name, data });
  const counts = async () => {
    const { available = 0, pending = 0 } = (await rest.get(`${SPEC}/counts`)).json as Record<string, number>;
    return { available, pending };
  };
  const attemptsOf = async (name: string) => (await rest.get(`${SPEC}/work_unit/${name}/attempts`)).json;
  const claims = async () => {
    const { json } = await rest.post('/namespace/n/worker/v/request_attempts', { number_of_work_units: 100 });
    return (json as { attempts: unknown[] }).attempts.length;
  };

  const WORKER = '/namespace/n/worker/w/request_attempts';
  /** As a daemon in front does. */
  const FRONT = {
    path: '/storage/calls',
    body: {
      calls: [
        { call: 'attempts.claim', with: { namespace: 'n', request: { worker: 'w', units: 100, lifetime: 60e6 } } },
        { call: 'clock.now', with: {} },
      ],
    },
  };

  /** Asks for work on a connection of its own, of which nothing is read. */
  async function ask(body: object = { number_of_work_units: 100 }, headers = '', path = WORKER): Promise<Socket> {
    const socket = connect(rest.port, '127.0.0.1');
    socket.on('error', () => undefined).pause();
    const text = JSON.stringify(body);
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}`;
    socket.write(`${head}Content-Length: ${text.length}\r\n\r\n${text}`);
    await once(socket, 'connect');
    return socket;
  }

  const reset = async (socket: Socket) => {
    const closed = once(socket, 'close');
    socket.resetAndDestroy();
    await closed;
  };

  it.each([{ path: WORKER }, ...(kind === 'memory' ? [FRONT] : [])])(
    'at $path before all of its answer was handed to the system is undone',
    async ({ path, body }: { path: string; body?: object }) => {
      for (let i = 10; i < 10 + LARGE; i++) await add(`u${i}`, { text: 'x'.repeat(MIB) });
      const socket = await ask(body, '', path);
      await expect.poll(counts).toEqual({ available: 0, pending: LARGE });
      await reset(socket);
      await expect.poll(counts).toEqual({ available: LARGE, pending: 0 });
      expect(await attemptsOf('u10')).toMatchObject({ attempts: [] });
      expect(await claims()).toBe(LARGE);
    },
  );

  it('stays where it is if all was handed over, whether the connection stays too or not', async () => {
    for (const name of ['a', 'b', 'c']) await add(name);
    for (const headers of ['Connection: close\r\n', '']) {
      const socket = await ask({ number_of_work_units: 1 }, headers);
      let text = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
      socket.resume();
      await expect.poll(() => text).toMatch(/"attempts":\[\{/);
      socket.destroy();
    }
    expect(await counts()).toEqual({ available: 1, pending: 2 });
    expect(await claims()).toBe(1);
    expect(await counts()).toEqual({ available: 0, pending: 3 });
  });

  it('is undone where the answer cannot be made', async () => {
    await add('a');
    vi.spyOn(rest.app.get(WorkSpecRepository, { strict: false }), 'missing').mockImplementationOnce(() => {
      throw new StorageUnavailableError('it is away');
    });
    const { status } = await rest.post('/namespace/n/worker/w/request_attempts', { work_specs: ['s', 'other'] });
    expect(status).toBe(503);
    await expect.poll(counts).toEqual({ available: 1, pending: 0 });
    expect(await attemptsOf('a')).toMatchObject({ attempts: [] });
  });

  it.runIf(kind === 'postgres').each([{ path: WORKER }, FRONT])(
    'at $path before it was carried out is undone',
    async ({ path, body }: { path: string; body?: object }) => {
      await rest.post('/namespace/n/work_spec', { data: { name: 's', max_running: 9 } });
      await add('a');
      const holder = new pg.Client(database!.url);
      await holder.connect();
      await holder.query('BEGIN; SELECT 1 FROM coordinate.work_spec FOR NO KEY UPDATE');
      const inFlight = () => rest.adapter.turns.inFlight.size;
      const socket = await ask(body, '', path);
      await expect.poll(inFlight).toBe(1);
      await reset(socket);
      await expect.poll(inFlight).toBe(0);
      await holder.query('COMMIT');
      await holder.end();
      // It has taken place once its worker is known.
      await expect.poll(async () => (await rest.get('/namespace/n/worker')).text).toContain('"w"');
      await expect.poll(counts).toEqual({ available: 1, pending: 0 });
      expect(await attemptsOf('a')).toMatchObject({ attempts: [] });
    },
  );
});
