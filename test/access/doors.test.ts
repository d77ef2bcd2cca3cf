import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Callers } from '../../src/access/callers.js';
import { OPEN } from '../../src/access/need.js';
import { type Right, RIGHTS } from '../../src/access/right.js';
import { hashOfToken } from '../../src/access/token.js';
import { methodDeclarations } from '../../src/cbor-rpc/handlers/reference.js';
import { encode } from '../../src/cbor/index.js';
import { errorOf, frame, RawClient, request, requestMap } from '../cbor-rpc/client.js';
import { FakeHandlers } from '../cbor-rpc/fake.handlers.js';
import { startRpcApp } from '../cbor-rpc/rpc-app.js';
import { type Entry, holders, OpenDoors, type Sent, TOKENS as tokens } from './open-doors.js';

let doors: OpenDoors;
beforeAll(async () => {
  doors = await OpenDoors.open();
});
afterAll(() => doors.close());

const know = (entries: readonly Entry[], plain?: Entry['rights']): void => doors.know(entries, plain);
const send = (method: string, path: string, sent?: Sent): Promise<Response> => doors.send(method, path, sent);

/** A path of a route in a namespace, with something for each of its other parts. */
function pathIn(path: string, namespace: string): string {
  return path.replace(':namespace', namespace).replace(':start', '1.1').replaceAll(/:\w+/g, 'x');
}

const includes = (held: Right, needed: Right): boolean => held === needed || (needed === 'read' && held !== 'operate');

describe('over REST', () => {
  it('each route lets in who has its right in the namespace of its path, and nobody else', async () => {
    expect(doors.routes.length).toBeGreaterThan(50);
    for (const [method, path, needs] of doors.routes) {
      const body = method === 'POST' || method === 'PUT' ? { name: 'own' } : undefined;
      const status = async (namespace: string, token?: string): Promise<string> => {
        const answer = await send(method, pathIn(path, namespace), { token, body });
        const said = answer.status === 401 || answer.status === 403 ? String(answer.status) : 'let in';
        return `${method} ${path} in ${namespace}: ${said}`;
      };
      const expected = (namespace: string, said: string): string => `${method} ${path} in ${namespace}: ${said}`;
      expect(await status('own')).toBe(expected('own', needs === OPEN ? 'let in' : '401'));
      for (const held of RIGHTS) {
        const may =
          needs === OPEN ||
          (needs.where === 'here' && includes(held, needs.right)) ||
          (needs.where === 'everywhere' && held === 'operate' && needs.right === 'operate') ||
          (needs.where === 'each' && (needs.right === 'read' || held === needs.right));
        expect(`${held} ${await status('own', tokens[held])}`).toBe(
          `${held} ${expected('own', may ? 'let in' : '403')}`,
        );
        if (needs === OPEN || needs.where !== 'here') continue;
        for (const other of ['other', 'missing']) {
          expect(await status(other, tokens[held])).toBe(expected(other, '403'));
        }
      }
    }
  });

  it('lists show what the caller may read; who may operate sees all', async () => {
    know([
      { name: 'all', token_sha256: hashOfToken('a'), rights: { '*': ['admin', 'define', 'submit'] } },
      ...holders(),
    ]);
    for (const namespace of ['own', 'secret']) {
      const spec = { body: { data: { name: 's' } }, token: 'a' };
      expect((await send('POST', `/namespace/${namespace}/work_spec`, spec)).status).toBe(201);
      await send('POST', `/namespace/${namespace}/work_spec/s/work_unit`, { body: { name: 'u' }, token: 'a' });
    }
    const seen = async (path: string, token: string): Promise<string> => (await send('GET', path, { token })).text();
    for (const path of ['/namespace', '/summary']) {
      expect(await seen(path, tokens.read)).toContain('own');
      expect(await seen(path, tokens.read)).not.toContain('secret');
      expect(await seen(path, tokens.operate)).toContain('secret');
    }
  });

  it('with read alone GET makes nothing', async () => {
    know([{ name: 'reader', token_sha256: hashOfToken('r'), rights: { '*': ['read'] } }, ...holders()]);
    expect((await send('GET', '/namespace/new', { token: 'r' })).status).toBe(404);
    expect((await send('GET', '/namespace/own/worker/new', { token: 'r' })).status).toBe(404);
    expect(await (await send('GET', '/namespace', { token: 'r' })).text()).not.toContain('new');
    expect((await send('GET', '/namespace/own/worker/new', { token: tokens.work })).status).toBe(200);
    expect((await send('GET', '/namespace/own/worker/new', { token: 'r' })).status).toBe(200);
  });

  it('says who is not known, and that with a challenge that makes no browser ask for a password', async () => {
    const without = await send('GET', '/summary');
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const wrong = await send('GET', '/summary', { token: `${tokens.read.slice(0, -1)}!` });
    expect([wrong.status, await wrong.json()]).toEqual([
      401,
      { error: 'error', message: 'sign in first: the token is not known, or no longer valid' },
    ]);
    const denied = await send('DELETE', '/namespace/own', { token: tokens.read });
    expect(await denied.json()).toEqual({
      error: 'error',
      message: '"read" does not have the right admin in the namespace "own"',
    });
  });

  it('takes a token as a password from tools, and not from browsers', async () => {
    const authorization = `Basic ${Buffer.from(`x:${tokens.read}`).toString('base64')}`;
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await doors.app.inject({ url: '/summary', headers: { authorization, ...headers } })).statusCode;
    expect(await status({})).toBe(200);
    expect(await status({ origin: 'http://elsewhere.example' })).toBe(401);
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(401);
  });
});

describe('over CBOR-RPC', () => {
  /** The methods that refuse a caller for want of a right, each called without parameters in a namespace. */
  async function refusedIn(client: RawClient): Promise<string[]> {
    const refusals: string[] = [];
    for (const { name } of methodDeclarations()) {
      try {
        await client.call(name);
      } catch (error) {
        if (String(error).includes('does not have the right')) refusals.push(name);
      }
    }
    return refusals;
  }

  /** Those that are to refuse whoever holds a right alone, there or nowhere. */
  function withoutRight(held: Right | undefined): string[] {
    const refusing = methodDeclarations().filter(({ needs }) => needs !== OPEN && !(held && includes(held, needs)));
    return refusing.map(({ name }) => name);
  }

  it.each(RIGHTS)('each method lets in who has its right in the namespace of the connection: %s', async (held) => {
    know(holders(), { [held === 'operate' ? '*' : 'own']: [held] });
    const client = await RawClient.connect(doors.rpcPort);
    expect(await refusedIn(client)).toEqual(withoutRight(held));
    for (const namespace of ['own', 'other', 'missing']) {
      await client.call('hello', { token: tokens[held], namespace });
      const there = namespace === 'own' || held === 'operate' ? held : undefined;
      expect([namespace, await refusedIn(client)]).toEqual([namespace, withoutRight(there)]);
    }
    client.destroy();
  });

  it('a right elsewhere is none here', async () => {
    know(holders(), { other: ['work', 'admin'], 'own-*': ['read'] });
    const client = await RawClient.connect(doors.rpcPort);
    await expect(client.call('get_work', 'me')).rejects.toThrow(
      '"plain" does not have the right work in the namespace "own"',
    );
    client.destroy();
  });

  it('nobody is told to sign in, once, and the connection is reset, for whatever was asked', async () => {
    know([]);
    const nobody = await startRpcApp(
      [FakeHandlers],
      {},
      new Callers('own', { tokens: doors.file, rpcCaller: undefined }),
    );
    FakeHandlers.calls.length = 0;
    const requests = [
      request(1, 'note', ['x']),
      request(1, 'no_such_method', []),
      frame(encode([requestMap(1, 'note', ['x']), requestMap(2, 'note', ['x'])])),
    ];
    for (const bytes of requests) {
      const client = await RawClient.connect(nobody.port);
      client.send(Buffer.concat([bytes, request(3, 'note', ['y'])]));
      const [answer] = [await client.read()].flat();
      expect(errorOf(answer)).toBe('sign in first');
      expect(await client.closed()).toBe('reset');
      expect(client.unread).toBe(0);
    }
    expect(FakeHandlers.calls).toEqual([]);
    await nobody.close();
  });

  it('who is over is sent away, and others stay', async () => {
    know(holders(), { own: ['read'] });
    const client = await RawClient.connect(doors.rpcPort);
    await client.call('now');
    know([...holders().slice(1)], { own: ['read'] });
    await client.call('now');
    know(holders(), { own: ['work'] });
    await expect.poll(() => client.ended).toBe('reset');
  });
});

describe('limits', () => {
  it('wrong tokens are told to wait, by both interfaces together, and one that is known passes', async () => {
    const limited = await OpenDoors.open([]);
    try {
      const wrong = async (): Promise<Response> => limited.send('GET', '/summary', { token: 'wrong' });
      for (let i = 0; i < 9; i++) expect((await wrong()).status).toBe(401);
      const client = await RawClient.connect(limited.rpcPort);
      await expect(client.call('hello', { token: 'wrong' })).rejects.toThrow('the token is not known');
      client.destroy();
      const told = await wrong();
      expect([told.status, told.headers.get('retry-after'), await told.json()]).toEqual([
        429,
        '60',
        { error: 'error', message: 'too many wrong sign-ins from this address, try again in 60 s' },
      ]);
      const again = await RawClient.connect(limited.rpcPort);
      await expect(again.call('hello', { token: 'wrong' })).rejects.toThrow('too many wrong sign-ins');
      expect(await again.closed()).toBe('reset');
      const known = await RawClient.connect(limited.rpcPort);
      await known.call('hello', { token: tokens.read });
      known.destroy();
      const metrics = await (await limited.send('GET', '/metrics', { token: tokens.read })).text();
      expect((await limited.send('GET', '/summary')).status).toBe(401);
      expect((await limited.send('GET', '/summary', { token: tokens.read })).status).toBe(200);
      expect(metrics).toContain('does not have the right read in all namespaces');
    } finally {
      await limited.close();
    }
  });

  it('each caller is kept to the rate, by both interfaces together', async () => {
    // Of so many an hour none comes back while the test goes on.
    const limited = await OpenDoors.open(['-rate-limit', '3/h', '-metrics-open']);
    try {
      const status = async (token: string): Promise<number> =>
        (await limited.send('GET', '/summary', { token })).status;
      expect([await status(tokens.read), await status(tokens.read)]).toEqual([200, 200]);
      const client = await RawClient.connect(limited.rpcPort);
      await client.call('hello', { token: tokens.read });
      await client.call('now');
      await expect(client.call('now')).rejects.toThrow('more requests of "read" than -rate-limit 3/h allows');
      client.destroy();
      const told = await limited.send('GET', '/summary', { token: tokens.read });
      expect([told.status, Number(told.headers.get('retry-after')) > 1000]).toEqual([429, true]);
      expect([await status(tokens.work), (await limited.send('GET', '/healthz')).status]).toEqual([200, 200]);
      const metrics = await (await limited.send('GET', '/metrics')).text();
      expect(metrics).toContain('coordinate_sign_ins_total{door="rpc",outcome="accepted"} 1');
    } finally {
      await limited.close();
    }
  });
});

describe('a change of callers', () => {
  it('takes effect on connections that are open, and is refused whole when it is wrong', async () => {
    know(holders());
    expect((await send('GET', '/namespace/own/work_spec', { token: tokens.read })).status).toBe(200);
    know(holders().filter(({ name }) => name !== 'read'));
    expect((await send('GET', '/namespace/own/work_spec', { token: tokens.read })).status).toBe(401);
    know([{ name: 'x', rights: { own: ['all' as Right] } }]);
    expect((await send('GET', '/namespace/own/work_spec', { token: tokens.work })).status).toBe(200);
    know(holders().map((entry) => (entry.name === 'read' ? { ...entry, rights: { other: ['read'] } } : entry)));
    expect((await send('GET', '/namespace/own/work_spec', { token: tokens.read })).status).toBe(403);
  });

  it('an expiry is an end', async () => {
    const [reader] = holders();
    know([{ ...reader, expires: '2020-01-01' }]);
    expect((await send('GET', '/namespace/own/work_spec', { token: tokens.read })).status).toBe(401);
    know([{ ...reader, expires: '2999-01-01T00:00:00Z' }]);
    expect((await send('GET', '/namespace/own/work_spec', { token: tokens.read })).status).toBe(200);
  });
});
