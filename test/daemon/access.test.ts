import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { CborRpcClient } from 'coordinate-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runDaemon, startDaemon } from '../support/daemon.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coordinate-access-'));
  file = join(folder, 'callers.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (...callers: object[]): void => writeFileSync(file, stringify({ callers }));

it('asks who is calling by the file of -auth-tokens, and reads it again when it changes', async () => {
  const made = await runDaemon(['token', 'reader', '--right', 'read@*']);
  const token = made.stdout.trim();
  const reader = { name: 'reader', token_file: join(folder, 'token'), rights: { '*': ['read'] } };
  const workers = { name: 'workers', rights: { '': ['work'] } };
  writeFileSync(reader.token_file, token);
  write(reader, workers);
  const daemon = await startDaemon(['-auth-tokens', file, '-rpc-caller', 'workers']);
  const status = async (authorization?: string): Promise<number> => {
    const headers = authorization === undefined ? undefined : { authorization };
    return (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`, { headers })).status;
  };
  try {
    expect([await status(), await status(`Bearer ${token}`), await status('Bearer x')]).toEqual([401, 200, 401]);
    expect((await fetch(`http://127.0.0.1:${daemon.httpPort}/readyz`)).status).toBe(200);
    const client = new CborRpcClient({ address: `127.0.0.1:${daemon.rpcPort}` });
    expect(await client.call('worker_heartbeat', 'me', 'run', 60, {}, null)).toEqual([true, null]);
    await expect(client.call('clear')).rejects.toThrow('"workers" does not have the right admin');
    client.close();
    write(workers);
    await expect.poll(() => status(`Bearer ${token}`)).toBe(401);
  } finally {
    await daemon.stop();
  }
});

it('does not start with a file that is not right, and says where', async () => {
  write({ name: 'ci', rights: { demo: ['everything'] } });
  for (const command of [[], ['check-config']]) {
    const { code, stderr } = await runDaemon([...command, '-auth-tokens', file]);
    expect([code, stderr]).toEqual([
      1,
      `coordinated: -auth-tokens ${file}: callers[0].rights["demo"][0] must be one of read, submit, work, define, admin, operate\n`,
    ]);
  }
});
