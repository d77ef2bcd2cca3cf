import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { RawClient } from '../cbor-rpc/client.js';
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
    writeFileSync(reader.token_file, 'another token, which is long enough');
    await expect.poll(() => status(`Bearer ${token}`), { timeout: 60_000 }).toBe(401);
    writeFileSync(reader.token_file, token);
    await expect.poll(() => status(`Bearer ${token}`), { timeout: 60_000 }).toBe(200);
    write(workers);
    // Who was wrong often by now is told to wait.
    await expect.poll(() => status(`Bearer ${token}`)).toBeGreaterThanOrEqual(401);
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

it('says who may do what, writes down who changes what and who was not let, and lets connect whom it may', async () => {
  const entry = (name: string, rights: object): object => ({
    name,
    token_sha256: createHash('sha256').update(`the-token-of-${name}`).digest('hex'),
    rights,
  });
  write(entry('ci', { 'team-*': ['submit', 'define'] }), { name: 'workers', rights: { demo: ['work'] } });
  const flags = ['-auth-tokens', file, '-rpc-caller', 'workers', '-namespace', 'demo', '-rpc-allow', '10.0.0.0/8'];
  const checked = await runDaemon(['check-config', ...flags, '-http', ':5980']);
  const words = [
    '"ci" may submit, define in namespaces that begin with "team-"',
    '"workers" may work in "demo", without a token',
    'CBOR-RPC on 127.0.0.1:5932, for 10.0.0.0/8 alone: whoever reaches it is "workers" in the namespace "demo", unless it signs in by hello',
    'HTTP on all interfaces:5980: needs a token or a session, but for the documents and health',
    'warning: HTTP on all interfaces:5980 is open to other machines and not encrypted: who can read the network reads tokens and data',
  ];
  expect(checked.stdout).toContain(words.map((line) => `# ${line}\n`).join(''));
  const daemon = await startDaemon([...flags, '-log-format', 'json']);
  const send = (method: string, path: string, name: string, body?: object): Promise<Response> =>
    fetch(`http://127.0.0.1:${daemon.httpPort}${path}`, {
      method,
      headers: {
        authorization: `Bearer the-token-of-${name}`,
        'x-request-id': `${method} 1`,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
  try {
    const specs = '/namespace/team-1/work_spec';
    expect((await send('POST', specs, 'ci', { data: { name: 's', secret: 'payload' } })).status).toBe(201);
    expect((await send('DELETE', `${specs}/s`, 'ci')).status).toBe(403);
    expect((await send('GET', specs, 'nobody')).status).toBe(401);
    // On a busy machine the end is there before the beginning has been told.
    const closed = await RawClient.connect(daemon.rpcPort).then(
      (client) => client.closed(),
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect(closed).toMatch(/^(reset|ECONNRESET)$/);
    const lines = (): Record<string, unknown>[] =>
      daemon
        .output()
        .split('\n')
        .filter((line) => line.includes('"context":"audit"'))
        .map((line) => {
          const said = JSON.parse(line) as Record<string, unknown>;
          expect(said.msg).toBe('audit');
          return Object.fromEntries(Object.entries(said).filter(([key]) => !['time', 'context', 'msg'].includes(key)));
        });
    await expect.poll(() => lines().length).toBe(3);
    const common = { door: 'rest', caller: 'ci', address: '127.0.0.1', namespace: 'team-1' };
    const action = 'POST /namespace/:namespace/work_spec';
    expect(lines()).toEqual([
      { level: 'info', ...common, action, object: specs, request: 'POST 1', outcome: 'ok' },
      {
        level: 'warn',
        ...common,
        action: 'DELETE /namespace/:namespace/work_spec/:spec',
        object: `${specs}/s`,
        request: 'DELETE 1',
        reason: '"ci" does not have the right admin in the namespace "team-1"',
        outcome: 'denied',
      },
      { level: 'warn', door: 'rest', address: '127.0.0.1', action: 'sign in', outcome: 'refused' },
    ]);
    await expect.poll(() => daemon.output()).toContain(JSON.stringify(words[1]));
    await expect.poll(() => daemon.output()).toContain('127.0.0.1 may not connect (-rpc-allow)');
    for (const word of ['payload', 'the-token-of']) expect(daemon.output()).not.toContain(word);
  } finally {
    await daemon.stop();
  }
});

it('writes down over CBOR-RPC, too, who changes what and who was not let', async () => {
  write({ name: 'plain', rights: { '': ['submit', 'define'] } });
  const daemon = await startDaemon([
    '-auth-tokens',
    file,
    '-rpc-caller',
    'plain',
    '-log-format',
    'json',
    '-metrics-open',
  ]);
  try {
    const client = await RawClient.connect(daemon.rpcPort);
    await client.call('set_work_spec', { name: 's', secret: 'payload' });
    await client.call('add_work_units', 's', ['u']);
    await expect(client.call('add_work_units', 's', [7])).rejects.toThrow();
    await client.call('list_work_specs');
    await expect(client.call('clear')).rejects.toThrow('does not have the right admin');
    await expect(client.call('get_work', 'me')).rejects.toThrow('does not have the right work');
    client.destroy();
    const lines = (): unknown[] =>
      daemon
        .output()
        .split('\n')
        .filter((line) => line.includes('"context":"audit"'))
        .map((line) => {
          const { action, object, outcome, door, caller, namespace, request } = JSON.parse(line) as Record<
            string,
            unknown
          >;
          expect([door, caller, namespace, request]).toEqual(['rpc', 'plain', '', '1']);
          return [action, object, outcome];
        });
    await expect.poll(() => lines().length).toBe(5);
    expect(lines()).toEqual([
      ['set_work_spec', 's', 'ok'],
      ['add_work_units', 's', 'ok'],
      ['add_work_units', undefined, 'error'],
      ['clear', undefined, 'denied'],
      ['get_work', undefined, 'denied'],
    ]);
    expect(daemon.output()).not.toContain('payload');
    const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
    expect(metrics).toContain('coordinate_denied_total{door="rpc",right="work"} 1');
    expect(metrics).toContain('coordinate_denied_total{door="rpc",right="admin"} 1');
  } finally {
    await daemon.stop();
  }
});

it('writes down each of the calls that a daemon in front makes in one request', async () => {
  const token = (await runDaemon(['token', 'front', '--right', 'operate@*'])).stdout.trim();
  const token_file = join(folder, 'token');
  writeFileSync(token_file, token);
  write({ name: 'front', token_file, rights: { '*': ['operate', 'read'], a: ['define', 'submit', 'work'] } });
  const daemon = await startDaemon(['-auth-tokens', file, '-cborrpc', 'off']);
  try {
    const spec = { namespace: 'a', workSpec: 's' };
    const calls = [
      { call: 'specs.set', with: { namespace: 'a', definition: { data: { $cbor: 'oWRuYW1lYXM=' } } } },
      { call: 'units.clear', with: { ...spec, query: {} } },
      { call: 'units.clear', with: { ...spec, workSpec: 'none', query: {} } },
      { call: 'workers.ensure', with: { namespace: 'a', name: 'w' } },
      { call: 'specs.clear', with: { namespace: 'a' } },
      { call: 'specs.delete', with: { namespace: 'a', name: 's' } },
      { call: 'sessions.end', with: { hash: 'payload' } },
      { call: 'units.clear', with: { ...spec, query: 1 } },
    ];
    const answer = await fetch(`http://127.0.0.1:${daemon.httpPort}/storage/calls`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-request-id': '1' },
      body: JSON.stringify({ calls }),
    });
    expect(answer.status).toBe(200);
    const lines = (): unknown[] =>
      daemon
        .output()
        .split('\n')
        .filter((line) => line.includes('"context":"audit"'))
        .map((line) => {
          const said = JSON.parse(line) as Record<string, unknown>;
          expect([said.door, said.caller, said.address, said.request]).toEqual(['rest', 'front', '127.0.0.1', '1']);
          return [said.action, said.namespace, said.object, said.outcome];
        })
        .sort();
    const action = 'POST /storage/calls';
    await expect.poll(lines).toEqual([
      [`${action} sessions.end`, undefined, undefined, 'denied'],
      [`${action} specs.clear`, 'a', undefined, 'denied'],
      [`${action} specs.delete`, 'a', 's', 'denied'],
      [`${action} specs.set`, 'a', 's', 'ok'],
      [`${action} units.clear`, 'a', 'none', 'error'],
      [`${action} units.clear`, 'a', 's', 'ok'],
    ]);
    expect(daemon.output()).not.toContain('payload');
    const metrics = await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await metrics.text()).toContain('coordinate_denied_total{door="rest",right="admin"} 3');
  } finally {
    await daemon.stop();
  }
});
