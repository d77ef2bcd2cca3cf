import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { CborMap } from '../../src/cbor/index.js';
import { hashOfToken, makeToken } from '../../src/access/token.js';
import { RawClient } from '../cbor-rpc/client.js';
import { type RunningDaemon, runDaemon, startDaemon } from '../support/daemon.js';
import { testFolder } from '../support/files.js';
import { KNOWING } from './written.js';

const { file } = testFolder();
const TOKEN = makeToken();
let daemon: RunningDaemon;

beforeAll(async () => {
  const callers = [{ name: 'own', token_sha256: hashOfToken(TOKEN), rights: { n: ['define'] } }];
  const flags = ['-plugin', file('badge.mjs', KNOWING), '-auth-tokens', file('callers.yaml', stringify({ callers }))];
  daemon = await startDaemon([...flags, '-namespace', 'n', '-log-format', 'json']);
});
afterAll(() => daemon.stop());

function send(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Response> {
  return fetch(`http://127.0.0.1:${daemon.httpPort}${path}`, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function hello(options: Record<string, string>): Promise<unknown> {
  const client = await RawClient.connect(daemon.rpcPort);
  try {
    return await client.call('hello', options);
  } finally {
    client.destroy();
  }
}

const badge = (text: string): Record<string, string> => ({ 'x-badge': text });

it('a plug-in says who makes a request, by what is in its head, and what they may do of what it declares', async () => {
  expect((await send('GET', '/namespace/n/work_spec', {})).status).toBe(401);
  expect((await send('GET', '/namespace/n/work_spec', badge('ann'))).status).toBe(200);
  expect(await (await send('GET', '/session', badge('ann'))).json()).toMatchObject({ caller: 'ann' });
  // It gives admin as well, and declares submit.
  const made = await send('POST', '/namespace/n/work_spec', badge('ann'), { data: { name: 's' } });
  expect([made.status, ((await made.json()) as { message: string }).message]).toEqual([
    403,
    '"ann" does not have the right define in the namespace "n"',
  ]);
  expect((await send('GET', '/namespace/other/work_spec', badge('ann'))).status).toBe(403);
  // Who is known by a token of the file is not for it to say.
  const own = { authorization: `Bearer ${TOKEN}`, ...badge('ann') };
  expect((await send('POST', '/namespace/n/work_spec', own, { data: { name: 's' } })).status).toBe(201);
});

it('over CBOR-RPC it is asked at hello', async () => {
  const client = await RawClient.connect(daemon.rpcPort);
  const [said] = (await client.call('hello', { token: 'badge ann' })) as [CborMap, null];
  expect(Object.fromEntries(said.entries)).toMatchObject({ caller: 'ann', rights: ['read', 'submit'] });
  expect(await client.call('list_work_specs', {})).toBeTruthy();
  await expect(client.call('set_work_spec', { name: 't' })).rejects.toThrow('"ann" does not have the right define');
  client.destroy();
  await expect(hello({ token: 'badge' })).rejects.toThrow('sign in first: the token is not known');
  await expect(hello({ token: 'nothing of anybody' })).rejects.toThrow('sign in first: the token is not known');
  await expect(hello({})).rejects.toThrow('sign in first');
});

it('who is wrong is refused as with a wrong token', async () => {
  const answer = await send('GET', '/namespace/n/work_spec', badge(''));
  expect(answer.status).toBe(401);
  await expect
    .poll(() => daemon.output())
    .toMatch(/"door":"rest","address":"127.0.0.1","action":"sign in","outcome":"refused"/);
});

it('one that throws or hangs hurts that request alone', async () => {
  const over = new AbortController();
  const url = `http://127.0.0.1:${daemon.httpPort}/namespace/n/work_spec`;
  const hanging = fetch(url, { headers: badge('hang'), signal: over.signal }).catch(() => 'given up');
  const thrown = await send('GET', '/namespace/n/work_spec', badge('throw'));
  expect([thrown.status, thrown.headers.get('retry-after'), await thrown.json()]).toEqual([
    503,
    '1',
    { error: 'error', message: 'who is calling cannot be told now, try again later' },
  ]);
  const client = await RawClient.connect(daemon.rpcPort);
  await expect(client.call('hello', { token: 'badge throw' })).rejects.toThrow('who is calling cannot be told now');
  // The same connection may say it again.
  expect(await client.call('hello', { token: 'badge ann' })).toBeTruthy();
  client.destroy();
  expect((await send('GET', '/namespace/n/work_spec', badge('ann'))).status).toBe(200);
  // Whoever looks after the daemon is not asked.
  expect((await send('GET', '/healthz', badge('throw'))).status).toBe(200);
  await expect.poll(() => daemon.output()).toContain('plug-in badge: its Badges cannot say who is calling: no glasses');
  over.abort();
  expect(await hanging).toBe('given up');
});

it('the log says by which plug-in somebody is known who changes something, or may not', async () => {
  await send('POST', '/namespace/n/work_spec/s/add', badge('bob'), { work_units: [{ name: 'u' }] });
  await send('DELETE', '/namespace/n/work_spec/s', badge('bob'));
  const lines = () =>
    daemon
      .output()
      .split('\n')
      .filter((line) => line.includes('"caller":"bob"'))
      .map((line) => JSON.parse(line) as object);
  await expect
    .poll(lines)
    .toEqual([
      expect.objectContaining({ plugin: 'badge', outcome: 'ok' }),
      expect.objectContaining({ plugin: 'badge', outcome: 'denied' }),
    ]);
  expect(daemon.output()).toContain(`the plug-in \\"badge\\" says who somebody is, who may at most submit in \\"n\\"`);
});

it('where only a plug-in knows callers, nobody else may do anything', async () => {
  const checked = await runDaemon(['check-config', '-plugin', file('badge.mjs', KNOWING)]);
  expect(checked.stdout).toContain('# the plug-in "badge" says who somebody is, who may at most submit in "n"\n');
  expect(checked.stdout).toContain('whoever reaches it has to sign in by hello\n');
  const refused = await runDaemon(['-plugin', file('bare.mjs', KNOWING.replace("rights: { n: ['submit'] }", ''))]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^coordinated: plug-in \S+: declares no rights for the callers that Badges knows\n$/);
});
