import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RawClient } from '../cbor-rpc/client.js';
import type { RunningDaemon } from '../support/daemon.js';
import { launch, startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { PostgresServer } from '../support/postgres-server.js';
import { audit } from './audit.js';
import { makeSpecs, Workload } from './workload.js';
import { FULL_SIZE, sized } from '../support/full-size.js';

/** How often each thing is broken in one test. */
const ROUNDS = Number(process.env.COORDINATE_FAULT_ROUNDS ?? sized(2, 1));
const CLIENTS = sized(12, 6);
/** What the clients ask for: both of what can be drawn and of what leaves no choice, which are claimed differently. */
const ASKED = [[], ['first'], ['second']];

describe('PostgreSQL backend, when things break', () => {
  let server: PostgresServer;
  let folder: string;
  const daemons: RunningDaemon[] = [];
  let load: Workload | undefined;

  beforeAll(async () => {
    server = await PostgresServer.create();
  });
  afterAll(() => server.remove());

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coordinate-faults-'));
    await server.start();
    await sql('DROP SCHEMA IF EXISTS coordinate CASCADE');
  });

  afterEach(async () => {
    await Promise.all(daemons.splice(0).map((daemon) => daemon.kill()));
    await load?.end();
    load = undefined;
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  });

  async function start(parameters = ''): Promise<RunningDaemon> {
    const daemon = await startDaemon(['-backend', server.url('postgres', parameters)]);
    daemons.push(daemon);
    return daemon;
  }

  /** Clients that work through some daemons, an equal part of them through each, wherever those listen now. */
  function workload(ports: readonly (() => number)[]): Workload {
    const clients = new Workload(folder);
    for (let i = 0; i < CLIENTS; i++) clients.work(`w${i}`, ports[i % ports.length], ASKED[i % ASKED.length]);
    for (let i = 0; i < 2; i++) clients.add(`a${i}`, ports[i % ports.length]);
    // More of them than a daemon has connections for what they ask.
    for (let i = 0; i < 6 * ports.length; i++) clients.look(`l${i}`, ports[i % ports.length]);
    return (load = clients);
  }

  async function sql(text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client(server.url());
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  it('loses nothing when a daemon is killed under load, again and again; its claims expire elsewhere', async () => {
    const pair = [await start(), await start()];
    await makeSpecs(pair[0].rpcPort);
    const clients = workload(pair.map((_, i) => () => pair[i].rpcPort));
    for (let round = 0; round < ROUNDS; round++) {
      await clients.progress();
      const victim = round % 2;
      await pair[victim].kill();
      pair[victim] = await start();
    }
    await clients.progress();
    expect(await audit(server.url(), await clients.stop())).toEqual([]);
  });

  it.runIf(FULL_SIZE)(
    'loses nothing when every process of the database is killed under load, again and again',
    async () => {
      const pair = [await start(), await start()];
      await makeSpecs(pair[0].rpcPort);
      const clients = workload(pair.map((daemon) => () => daemon.rpcPort));
      for (let round = 0; round < ROUNDS; round++) {
        await clients.progress();
        await server.kill();
        await server.start();
      }
      await clients.progress();
      expect(await audit(server.url(), await clients.stop())).toEqual([]);
      for (const daemon of daemons) expect(daemon.output()).not.toMatch(/unhandled|TypeError/i);
    },
  );

  it.runIf(FULL_SIZE)('loses nothing when connections are cut in the middle of transactions', async () => {
    const daemon = await start();
    await makeSpecs(daemon.rpcPort);
    const clients = workload([() => daemon.rpcPort]);
    for (let round = 0; round < ROUNDS * 5; round++) {
      await sleep(100 + Math.random() * 100);
      await sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'coordinated#%'`);
    }
    await clients.progress();
    expect(await audit(server.url(), await clients.stop())).toEqual([]);
  });

  it('tells of a statement that takes too long, and serves the others', async () => {
    const daemon = await start('statement_timeout=1');
    await makeSpecs(daemon.rpcPort);
    const client = await RawClient.connect(daemon.rpcPort);
    await client.call('add_work_units', 'first', [
      ['held', {}],
      ['free', {}],
    ]);
    const blocker = new pg.Client(server.url());
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query(`SELECT 1 FROM coordinate.work_unit WHERE name = 'held' FOR UPDATE`);
    const finish = (unit: string, through: RawClient) => through.call('update_work_unit', 'first', unit, { status: 4 });
    const other = await RawClient.connect(daemon.rpcPort);
    const [held, free] = await Promise.allSettled([finish('held', client), finish('free', other)]);
    expect(held).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringMatching(/statement timeout/) as string },
    });
    expect(free).toMatchObject({ status: 'fulfilled', value: [true, null] });
    await blocker.query('ROLLBACK');
    await blocker.end();
    expect(await finish('held', client)).toEqual([true, null]);
    client.destroy();
    other.destroy();
  });

  it.runIf(FULL_SIZE)('loses nothing when statements take too long, again and again', async () => {
    const daemon = await start('statement_timeout=1');
    await makeSpecs(daemon.rpcPort);
    const clients = workload([() => daemon.rpcPort]);
    const blocker = new pg.Client(server.url());
    await blocker.connect();
    for (let round = 0; round < ROUNDS; round++) {
      await clients.progress();
      await blocker.query('BEGIN');
      await blocker.query('LOCK TABLE coordinate.work_unit');
      await clients.hear(/statement timeout/);
      await blocker.query('ROLLBACK');
    }
    await blocker.end();
    await clients.progress();
    expect(await audit(server.url(), await clients.stop())).toEqual([]);
  });

  it.runIf(FULL_SIZE)(
    'loses nothing when there are too many connections, says so in clear words, and goes on by itself',
    async () => {
      await sql('CREATE ROLE app LOGIN');
      await sql('GRANT CREATE ON DATABASE postgres TO app');
      const url = server.url().replace('postgres@', 'app@');
      const daemon = await startDaemon(['-backend', url]);
      daemons.push(daemon);
      await makeSpecs(daemon.rpcPort);
      const clients = workload([() => daemon.rpcPort]);
      for (let round = 0; round < ROUNDS; round++) {
        await clients.progress();
        await sql('ALTER ROLE app CONNECTION LIMIT 0');
        await sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'`);
        await clients.hear(/too many connections/);
        await sql('ALTER ROLE app CONNECTION LIMIT -1');
      }
      await clients.progress();
      expect(await audit(server.url(), await clients.stop())).toEqual([]);
    },
  );

  it('waits for a database that starts after it, and is not ready until then', async () => {
    await server.stop();
    const [rpc, http] = [await freePort(), await freePort()];
    const flags = ['-backend', server.url(), '-cborrpc', `127.0.0.1:${rpc}`, '-http', `127.0.0.1:${http}`];
    const program = await launch(flags);
    const ready = async (): Promise<number | undefined> => {
      expect(program.child.exitCode).toBe(null);
      const response = await fetch(`http://127.0.0.1:${http}/readyz`).catch(() => undefined);
      return response?.status;
    };
    await expect.poll(ready).toBe(503);
    await sleep(1000);
    expect(await ready()).toBe(503);
    await server.start();
    await expect.poll(ready).toBe(200);
    await makeSpecs(rpc);
    const clients = workload([() => rpc]);
    await clients.progress();
    expect(await audit(server.url(), await clients.stop())).toEqual([]);
    program.child.kill('SIGTERM');
    expect(await program.exited).toMatchObject({ code: 0 });
  });

  it.runIf(FULL_SIZE)('is served by daemons that start together on an empty database', async () => {
    const several = await Promise.all([start(), start(), start()]);
    await makeSpecs(several[0].rpcPort);
    const clients = workload(several.map((daemon) => () => daemon.rpcPort));
    await clients.progress();
    expect(await audit(server.url(), await clients.stop())).toEqual([]);
  });

  it('ends with one clear line when the database is not to be reached', async () => {
    await server.stop();
    const program = await launch([
      '-backend',
      server.url('postgres', 'startup_wait=0.2'),
      '-cborrpc',
      '127.0.0.1:0',
      '-http',
      'off',
    ]);
    expect(await program.exited).toMatchObject({ code: 1 });
    expect(program.stderr().trim().split('\n')).toEqual([
      expect.stringMatching(/^coordinated: storage unavailable: .*ECONNREFUSED/),
    ]);
  });
});
