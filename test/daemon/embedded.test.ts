import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CborRpcClient } from 'coordinate-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningDaemon } from '../support/daemon.js';
import { runDaemon, startDaemon } from '../support/daemon.js';
import { EmbeddedFolder } from '../support/embedded.js';
import { FULL_SIZE } from '../support/full-size.js';

const isRoot = process.getuid?.() === 0;

describe('-backend embedded', () => {
  /** Left by a daemon that has been stopped: making all of it anew takes most of the time of a start. */
  const used = new EmbeddedFolder();
  let folder: EmbeddedFolder;
  const daemons: RunningDaemon[] = [];

  beforeAll(async () => {
    await (await startDaemon(used.flags)).stop();
  });

  afterAll(() => used.remove());

  beforeEach(() => {
    folder = used.copy();
  });

  afterEach(async () => {
    await Promise.all(daemons.splice(0).map((daemon) => daemon.kill()));
    await folder.remove();
  });

  async function start(): Promise<RunningDaemon> {
    const daemon = await startDaemon(folder.flags);
    daemons.push(daemon);
    return daemon;
  }

  async function addWork(daemon: RunningDaemon, name: string): Promise<void> {
    const client = new CborRpcClient({ address: `127.0.0.1:${daemon.rpcPort}` });
    await client.call('set_work_spec', { name: 'spec' });
    await client.call('add_work_units', 'spec', [[name, { a: 1 }]]);
    client.close();
  }

  async function unitsOf(daemon: RunningDaemon, timeout?: number): Promise<unknown> {
    const client = new CborRpcClient({ address: `127.0.0.1:${daemon.rpcPort}`, timeout });
    const [counts] = await client.call('count_work_units', 'spec');
    client.close();
    return [...counts];
  }

  const refused = async (): Promise<string> => {
    const { code, stdout, stderr } = await runDaemon([...folder.flags, '-cborrpc', '127.0.0.1:0', '-http', 'off']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{"level":"info"'));
    expect(lines).toHaveLength(1);
    return lines[0];
  };

  async function ready(daemon: RunningDaemon): Promise<number> {
    return (await fetch(`http://127.0.0.1:${daemon.httpPort}/readyz`)).status;
  }

  it('keeps the work over a restart, leaves nothing running, and has nobody else work on it', async () => {
    const first = await start();
    expect(first.output()).toContain(`storage embedded:${folder.dir}\n`);
    await addWork(first, 'one');
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    expect(() => folder.pid).toThrow('no PostgreSQL runs');
    const second = await start();
    await addWork(second, 'two');
    expect(await unitsOf(second)).toEqual([[1, 2]]);
    expect(await refused()).toBe(`coordinated: embedded PostgreSQL: another daemon uses ${folder.dir}`);
    await addWork(second, 'three');
  });

  it.runIf(FULL_SIZE)('commits to the disk, listens to nobody else, and is not the work of root', async () => {
    const daemon = await start();
    await addWork(daemon, 'one');
    const client = new pg.Client(folder.url);
    await client.connect();
    const { rows } = await client.query<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_settings WHERE name IN
        ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'password_encryption')`,
    );
    await client.end();
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
      password_encryption: 'scram-sha-256',
    });
    const stranger = new pg.Client(folder.url.replace(/:[^:@]*@/, ':guessed@'));
    await expect(stranger.connect()).rejects.toThrow('password authentication failed');
    expect(statSync(join(folder.dir, 'password')).mode & 0o777).toBe(0o600);
    expect(statSync(folder.data).uid === 0).toBe(false);
  });

  it('finds its work again after SIGKILL, and its PostgreSQL does not outlive it', async () => {
    const daemon = await start();
    await addWork(daemon, 'one');
    await daemon.kill();
    await folder.quiet();
    expect(await unitsOf(await start())).toEqual([[1, 1]]);
  });

  it.runIf(FULL_SIZE)('stops a PostgreSQL that a killed daemon has left behind', async () => {
    const daemon = await start();
    await addWork(daemon, 'one');
    const left = folder.pid;
    const [watchdog] = folder.watchdogs;
    process.kill(watchdog, 'SIGKILL');
    await daemon.kill();
    await sleep(200);
    expect(folder.pid).toBe(left);
    const next = await start();
    expect(next.output()).toContain(`has left its PostgreSQL running (process ${left})`);
    expect(await unitsOf(next)).toEqual([[1, 1]]);
  });

  it.runIf(FULL_SIZE)(
    'starts its PostgreSQL again when that is killed, and says meanwhile that it is not ready',
    async () => {
      const daemon = await start();
      await addWork(daemon, 'one');
      // As if the disk were away for a while.
      renameSync(folder.data, `${folder.data}.away`);
      process.kill(folder.pid, 'SIGKILL');
      while ((await ready(daemon)) !== 503) await sleep(20);
      expect((await fetch(`http://127.0.0.1:${daemon.httpPort}/healthz`)).status).toBe(200);
      // The client asks again for as long as it may.
      await expect(unitsOf(daemon, 8_000)).rejects.toThrow('storage unavailable');
      renameSync(`${folder.data}.away`, folder.data);
      while ((await ready(daemon)) !== 200) await sleep(20);
      expect(await unitsOf(daemon)).toEqual([[1, 1]]);
      expect(daemon.output()).toContain('PostgreSQL serves again');
    },
  );

  it.runIf(FULL_SIZE)('does not take the process number in a stale note for its PostgreSQL', async () => {
    const daemon = await start();
    await addWork(daemon, 'one');
    const note = readFileSync(join(folder.data, 'postmaster.pid'), 'utf8');
    await daemon.stop();
    writeFileSync(join(folder.data, 'postmaster.pid'), note.replace(/^\d+/, String(process.pid)));
    expect(await unitsOf(await start())).toEqual([[1, 1]]);
  });

  it.runIf(FULL_SIZE)('refuses data of another major version in one line that names the way out', async () => {
    writeFileSync(join(folder.data, 'PG_VERSION'), '17\n');
    expect(await refused()).toMatch(/holds data of PostgreSQL 17, .* brings PostgreSQL 18: .*dump FILE.*restore FILE/);
  });

  it('refuses a folder that holds something else, and leaves it as it is', async () => {
    rmSync(folder.dir, { recursive: true });
    mkdirSync(folder.dir);
    writeFileSync(join(folder.dir, 'letter.txt'), 'dear');
    expect(await refused()).toContain(`${folder.dir} is not empty and holds no storage of Coordinate`);
    expect(readFileSync(join(folder.dir, 'letter.txt'), 'utf8')).toBe('dear');
    expect(() => statSync(join(folder.dir, 'coordinate.json'))).toThrow('ENOENT');
  });

  it.runIf(FULL_SIZE)('refuses a file in the place of a folder', async () => {
    rmSync(folder.dir, { recursive: true });
    writeFileSync(folder.dir, 'a file');
    expect(await refused()).toContain(`${folder.dir} can not be used: it is not a folder`);
    rmSync(folder.dir);
  });

  it.runIf(process.platform === 'linux' && FULL_SIZE)('says so where no folder can be made', async () => {
    const { code, stderr } = await runDaemon(['-backend', 'embedded:/proc/coordinate', '-cborrpc', 'off']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^coordinated: embedded PostgreSQL: \/proc\/coordinate can not be used: ENOENT.*\n$/);
  });

  it.runIf(FULL_SIZE)('serves from a path that is too long for a socket', async () => {
    const long = new EmbeddedFolder(`${'long'.repeat(20)}/${'path'.repeat(20)}`);
    try {
      const daemon = await startDaemon(long.flags);
      daemons.push(daemon);
      await addWork(daemon, 'one');
      expect(long.url).toContain('@127.0.0.1:');
      await daemon.stop();
    } finally {
      await long.remove();
    }
  });

  it.runIf(isRoot && FULL_SIZE)('serves from a folder below one that only root may enter', async () => {
    const hidden = new EmbeddedFolder('inner/state', 0o700);
    try {
      const daemon = await startDaemon(hidden.flags);
      daemons.push(daemon);
      await addWork(daemon, 'one');
      expect(hidden.data).toMatch(/^\/var\/lib\/coordinate-elsewhere\//);
      await daemon.kill();
      const next = await startDaemon(hidden.flags);
      daemons.push(next);
      expect(await unitsOf(next)).toEqual([[1, 1]]);
      await next.stop();
    } finally {
      await hidden.remove();
    }
  });
});
