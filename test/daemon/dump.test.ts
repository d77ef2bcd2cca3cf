import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CborRpcClient } from 'coordinate-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Result, RunningDaemon } from '../support/daemon.js';
import { runDaemon, startDaemon } from '../support/daemon.js';
import { EmbeddedFolder } from '../support/embedded.js';
import { FULL_SIZE, some } from '../support/full-size.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

describe('coordinated dump and restore', () => {
  let folder: string;
  let file: string;
  let memory: RunningDaemon;
  let database: TestDatabase;
  const state = new EmbeddedFolder();
  beforeEach(async () => {
    database = await createDatabase();
  });
  afterEach(() => database.drop());

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coordinate-dump-'));
    chmodSync(folder, 0o711);
    file = join(folder, 'work.dump');
    memory = await startDaemon();
    const client = new CborRpcClient({ address: `127.0.0.1:${memory.rpcPort}` });
    await client.call('set_work_spec', { name: 'spec', weight: 7 });
    await client.call('add_work_units', 'spec', [
      ['one', { a: 1 }],
      ['two', { a: 2 }],
    ]);
    await client.call('get_work', 'worker', { lease_time: 3600 });
    client.close();
  });

  afterAll(async () => {
    await memory.kill();
    await state.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (...args: string[]): Promise<Result> => runDaemon(args);

  async function failed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    // The PostgreSQL of the tests does not write through, of which every start warns.
    const lines = stderr
      .trimEnd()
      .split('\n')
      .filter((line) => !line.includes('fsync'));
    expect(lines).toHaveLength(1);
    return lines[0];
  }

  async function attemptsIn({ httpPort }: RunningDaemon): Promise<unknown> {
    const url = `http://127.0.0.1:${httpPort}/namespace/-/work_spec/spec`;
    const [unit, attempts, counts] = await Promise.all(
      ['/work_unit/one', '/work_unit/one/attempts', '/counts'].map(async (path) => (await fetch(url + path)).json()),
    );
    return { unit, attempts, counts };
  }

  it.runIf(existsSync('/dev/full'))('name the file that there is no room for, and leave nothing of it', async () => {
    const full = join(folder, 'full.dump');
    symlinkSync('/dev/full', `${full}.part`);
    expect(await failed('dump', full, '-backend', `http://127.0.0.1:${memory.httpPort}/`)).toBe(
      `coordinated: ${full}.part can not be written: ENOSPC: no space left on device, write`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('move work from the memory of a daemon to a PostgreSQL and back', async () => {
    // To make all of an embedded one takes most of the time here.
    const flags = FULL_SIZE ? state.flags : ['-backend', database.url];
    const there = await attemptsIn(memory);
    const dumped = await run('dump', file, '-backend', `http://127.0.0.1:${memory.httpPort}/`);
    expect(dumped).toMatchObject({ code: 0, stdout: '' });
    expect(dumped.stderr).toMatch(
      /^dumped 1 namespace, 1 work spec, 2 work units, 1 attempt, 1 worker: \d+ bytes in [\d.]+ s\n$/,
    );
    expect(existsSync(`${file}.part`)).toBe(false);

    expect(await run('restore', file, ...flags)).toMatchObject({ code: 0 });
    const daemon = await startDaemon(flags);
    expect(await attemptsIn(daemon)).toEqual(there);
    // Beside the daemon that works on it.
    const second = join(folder, 'second.dump');
    expect(await run('dump', second, ...flags)).toMatchObject({ code: 0 });
    if (FULL_SIZE) {
      expect(await failed('restore', second, ...state.flags)).toContain('the storage is not empty');
      expect(await daemon.stop()).toMatchObject({ code: 0 });
      // And without one.
      expect(await run('dump', second, ...state.flags)).toMatchObject({ code: 0 });
      expect(() => state.pid).toThrow('no PostgreSQL runs');
    }
    await daemon.kill();

    const served = await startDaemon(['restore', second]);
    expect(served.output()).toContain('restored 1 namespace');
    expect(await attemptsIn(served)).toEqual(there);
    await served.stop();
  });

  it('refuse a file that is not whole, and leave the storage empty', async () => {
    await run('dump', file, '-backend', `http://127.0.0.1:${memory.httpPort}/`);
    const whole = readFileSync(file);
    const damaged = join(folder, 'damaged.dump');
    const empty = new EmbeddedFolder();
    const flags = FULL_SIZE ? empty.flags : ['-backend', database.url];
    try {
      const cases = [
        [withAnotherBit(whole), 'its checksum is not right'],
        [whole.subarray(0, -1), 'cut off: its end is missing'],
        [whole.subarray(0, 100), 'cut off: its end is missing'],
        [Buffer.alloc(0), 'not a dump of Coordinate'],
        [Buffer.from('a letter'), 'not a dump'],
        [Buffer.concat([whole, Buffer.of(0)]), 'something follows the end of the dump'],
      ] as const;
      for (const [bytes, reason] of some(cases, 1)) {
        writeFileSync(damaged, bytes);
        const line = await failed('restore', damaged, ...flags);
        expect(line).toMatch(/^coordinated: \S+ is not restored: /);
        expect(line).toContain(reason);
      }
      expect(await run('restore', file, ...flags)).toMatchObject({ code: 0 });
    } finally {
      await empty.remove();
    }
  });

  it('say in one line what they can not do', async () => {
    const http = ['-backend', `http://127.0.0.1:${memory.httpPort}/`];
    expect(await failed('dump', file, '-backend', 'memory')).toContain('dump it through its HTTP address');
    expect(await failed('dump', file, '-backend', `embedded:${folder}/none`)).toContain('holds no storage');
    expect(existsSync(join(folder, 'none'))).toBe(false);
    expect(await failed('dump', join(folder, 'no/such.dump'), ...http)).toContain('ENOENT');
    expect(await failed('restore', file, ...http)).toContain('not into a running daemon');
    expect(await failed('restore', join(folder, 'nothing'))).toContain('ENOENT');
    expect(await run('dump')).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a FILE') as string });
  });

  it('write to stdout and read from stdin what is called -', async () => {
    const { code, stdout, stderr } = await run('dump', '-', '-backend', `http://127.0.0.1:${memory.httpPort}/`);
    expect(code).toBe(0);
    expect(stdout).toContain('coordinate-dump');
    expect(stderr).toContain('dumped 1 namespace');
  });
});

/** One bit of the name of a unit changed. */
function withAnotherBit(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf('two');
  copy[at] ^= 1;
  return copy;
}
