import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { stringify } from 'yaml';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IssuerAwayError } from '../../src/access/errors.js';
import { Issuer } from '../../src/access/issuer.js';
import { IssuerKeys } from '../../src/access/issuer-keys.js';
import { type Daemon, startDaemon } from '../../src/bootstrap/daemon.js';
import { loadConfig } from '../../src/config/load.js';
import { createLog } from '../../src/observability/log.js';
import { RawClient } from '../cbor-rpc/client.js';

const STDERR = 2;
const MINUTE_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'coordinate-jwt-'));
const callers = join(folder, 'callers.yaml');

type Keys = Awaited<ReturnType<typeof generateKeyPair>> & { jwk: JWK };

async function makeKeys(alg: string, kid: string): Promise<Keys> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg } };
}

/** What the issuer says, and how often it was asked for its keys. */
const says = { keys: [] as JWK[], asked: 0, isAway: false };
const issuer = createServer(({ url }, answer) => {
  if (says.isAway) return void answer.destroy();
  if (url === '/.well-known/openid-configuration') {
    return void answer.end(JSON.stringify({ issuer: issuerUrl, jwks_uri: `${issuerUrl}/keys` }));
  }
  says.asked++;
  answer.end(JSON.stringify({ keys: says.keys }));
});
let issuerUrl: string;
let rsa: Keys;
let daemon: Daemon | undefined;
let url: string;
let rpcPort: number;

beforeAll(async () => {
  rsa = await makeKeys('RS256', 'rsa');
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  issuerUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  says.keys = [rsa.jwk];
});
afterEach(async () => {
  await daemon?.close();
  daemon = undefined;
});
afterAll(() => {
  issuer.close();
  rmSync(folder, { recursive: true });
});

async function start(...flags: string[]): Promise<void> {
  const args = ['-cborrpc', '127.0.0.1:0', '-http', '127.0.0.1:0', '-namespace', 'own', '-log-level', 'fatal'];
  const all = [...args, '-auth-issuer', issuerUrl, '-auth-audience', 'coordinate', ...flags];
  const loaded = loadConfig(all, { env: {}, isTerminal: false });
  if (loaded.action !== 'start') throw new Error('no configuration');
  daemon = await startDaemon(loaded.config, createLog(loaded.config.log, STDERR));
  const portOf = (what: string): number =>
    Number(daemon!.banner.find((line) => line.startsWith(what))!.replace(/.*:/, ''));
  rpcPort = portOf('CBOR-RPC on ');
  url = `http://127.0.0.1:${portOf('HTTP on ')}`;
}

const now = (): number => Math.floor(Date.now() / 1000);
const OWN = { own: ['work'] };

/** A token that is right but for what is given. */
function sign(claims: JWTPayload = {}, keys = rsa, header: { kid?: string; alg?: string } = {}): Promise<string> {
  const right = { iss: issuerUrl, aud: 'coordinate', sub: 'ann', exp: now() + 300, coordinate: OWN };
  const { kid = keys.jwk.kid, alg = keys.jwk.alg! } = header;
  return new SignJWT({ ...right, ...claims }).setProtectedHeader({ alg, kid }).sign(keys.privateKey);
}

/** @param from - where a proxy says that it comes from */
async function status(token: string, path = '/namespace/own/work_spec', from = '10.0.0.1'): Promise<number> {
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': from } });
  await answer.arrayBuffer();
  return answer.status;
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token of the issuer', () => {
  it('says who makes a request, over both interfaces, by keys of all kinds that are public', async () => {
    const kinds = ['RS256', 'RS512', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA'];
    const all = await Promise.all(kinds.map((alg) => makeKeys(alg, alg)));
    says.keys = [rsa.jwk, ...all.map(({ jwk }) => jwk)];
    await start();
    for (const keys of all) expect([keys.jwk.alg, await status(await sign({}, keys))]).toEqual([keys.jwk.alg, 200]);
    says.keys = [rsa.jwk];
    const token = await sign();
    expect(await status(token, '/namespace/other/work_spec')).toBe(403);
    const basic = Buffer.from(`x:${token}`).toString('base64');
    const answer = await fetch(`${url}/namespace/own/work_spec`, { headers: { authorization: `Basic ${basic}` } });
    expect(answer.status).toBe(200);
    const client = await RawClient.connect(rpcPort);
    const said = await client.call('hello', { token });
    expect(JSON.stringify(said)).toContain('ann');
    expect(await client.call('get_work', 'me', {})).toBeInstanceOf(Array);
    client.destroy();
    const other = await RawClient.connect(rpcPort);
    await expect(other.call('hello', { token: `${token}x` })).rejects.toThrow('sign in first');
    other.destroy();
  });

  it('is nothing when anything about it is wrong', async () => {
    await start('-trusted-proxies', '127.0.0.1');
    const elsewhere = await makeKeys('RS256', 'rsa');
    const right = await sign();
    const [head, claims, signature] = right.split('.');
    const none = `${part({ alg: 'none' })}.${claims}.`;
    const spki = await exportSPKI(rsa.publicKey);
    const unsigned = `${part({ alg: 'HS256', kid: 'rsa' })}.${claims}`;
    const hmac = `${unsigned}.${createHmac('sha256', spki).update(unsigned).digest('base64url')}`;
    const wrong: [string, string][] = [
      ['alg none', none],
      ['alg none with a signature', `${part({ alg: 'none', kid: 'rsa' })}.${claims}.${signature}`],
      ['HS256 with the public key', hmac],
      ['expired', await sign({ exp: now() - 61 })],
      ['without an end', await sign({ exp: undefined })],
      ['an end that is no number', `${head}.${part({ iss: issuerUrl, aud: 'coordinate', exp: 'never' })}.${signature}`],
      ['not yet valid', await sign({ nbf: now() + 90 })],
      ['of another issuer', await sign({ iss: 'https://evil.example' })],
      ['of an issuer that begins so', await sign({ iss: `${issuerUrl}.evil.example` })],
      ['for somebody else', await sign({ aud: 'others' })],
      ['for nobody', await sign({ aud: undefined })],
      ['signed by another', await sign({}, elsewhere)],
      ['of a key that is not known', await sign({}, rsa, { kid: 'unknown' })],
      ['of a key that is a path', await sign({}, rsa, { kid: '../../../../dev/null' })],
      [
        'changed',
        `${head}.${part({ iss: issuerUrl, aud: 'coordinate', exp: now() + 300, coordinate: { '*': ['admin'] } })}.${signature}`,
      ],
      ['cut off', right.slice(0, -4)],
      ['of 1 MB', `${head}.${'A'.repeat(1_000_000)}.${signature}`],
    ];
    says.asked = 0;
    for (const [i, [what, token]] of wrong.entries()) {
      // Each from another address: who was wrong ten times is told to wait.
      const seen = await status(token, undefined, `10.0.1.${i}`);
      expect([what, seen]).toEqual([what, 401]);
    }
    expect(says.asked).toBeLessThanOrEqual(1);
    for (const within of [{ exp: now() - 30 }, { nbf: now() + 30 }, { aud: ['others', 'coordinate'] }]) {
      expect(await status(await sign(within))).toBe(200);
    }
  });

  it('gives the rights of its claim, and those of callers that it fits', async () => {
    const list = [
      { name: 'ops', claim: { groups: 'ops' }, rights: { '*': ['read', 'operate'] } },
      { name: 'both', claim: { 'realm.roles': 'boss', groups: 'ops' }, rights: { own: ['admin'] } },
    ];
    writeFileSync(callers, stringify({ callers: list }));
    await start('-auth-tokens', callers, '-auth-claim', 'https://coordinate/rights');
    const may = async (claims: JWTPayload): Promise<number[]> => {
      const token = await sign(claims);
      return [await status(token), await status(token, '/namespace/other/work_spec'), await status(token, '/dump')];
    };
    expect(await may({ 'https://coordinate/rights': ['read@own'] })).toEqual([200, 403, 403]);
    expect(await may({ 'https://coordinate/rights': { 'ot*': ['work'] } })).toEqual([403, 200, 403]);
    expect(await may({ groups: ['dev', 'ops'] })).toEqual([200, 200, 200]);
    expect(await may({ groups: 'ops' })).toEqual([200, 200, 200]);
    for (const claims of [
      ...[{}, { groups: 'op' }, { groups: { ops: true } }, { realm: { roles: ['boss'] } }],
      ...[{ 'https://coordinate/rights': 'read@own' }, { 'https://coordinate/rights': ['root@own', 'operate@own'] }],
      { 'https://coordinate/rights': { own: 'read' } },
    ]) {
      expect([claims, await may(claims)]).toEqual([claims, [403, 403, 403]]);
    }
    const token = await sign({ groups: ['ops'], realm: { roles: ['boss'] } });
    const remove = async (): Promise<number> => {
      const answer = await fetch(`${url}/namespace/own`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${token}` },
      });
      return answer.status;
    };
    expect(await remove()).toBe(204);
    writeFileSync(callers, stringify({ callers: list.slice(0, 1) }));
    process.emit('SIGHUP', 'SIGHUP');
    expect(await remove()).toBe(403);
  });

  it('cannot be looked at while no keys have ever been had, which is no fault of it', async () => {
    says.isAway = true;
    await start();
    const answer = await fetch(`${url}/summary`, { headers: { authorization: `Bearer ${await sign()}` } });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    says.isAway = false;
  });

  it('is known by keys in a file, too', async () => {
    const file = join(folder, 'keys.json');
    writeFileSync(file, JSON.stringify({ keys: [rsa.jwk] }));
    says.asked = 0;
    await start('-auth-jwks', file);
    expect(await status(await sign())).toBe(200);
    expect(says.asked).toBe(0);
  });
});

describe('the keys of the issuer', () => {
  const watched = (): {
    time: { ms: number };
    troubles: string[];
    holder: (token: string) => Promise<string | undefined>;
  } => {
    const time = { ms: 1e9 };
    const troubles: string[] = [];
    const keys = new IssuerKeys(
      { issuer: issuerUrl, jwks: undefined },
      (reason) => troubles.push(reason),
      () => time.ms,
    );
    const config = { url: issuerUrl, audience: 'coordinate', jwks: undefined, claim: 'coordinate' };
    const known = new Issuer(config, keys);
    return { time, troubles, holder: async (token) => (await known.holderOf(token, []))?.name };
  };

  it('are looked for again for one that is new, at most once a minute', async () => {
    says.asked = 0;
    const { time, holder } = watched();
    const [first, rotated] = [await sign(), await makeKeys('ES256', 'new')];
    expect(await holder(first)).toBe('ann');
    const second = await sign({}, rotated);
    says.keys = [rotated.jwk];
    expect(await holder(second)).toBeUndefined();
    time.ms += MINUTE_MS;
    expect(await holder(second)).toBe('ann');
    expect(await holder(first)).toBeUndefined();
    for (let i = 0; i < 10; i++) await holder(await sign({}, rsa, { kid: `made up ${i}` }));
    expect(says.asked).toBe(2);
    says.keys = [rsa.jwk];
  });

  it('stay those that were had last while it is away', async () => {
    const { time, troubles, holder } = watched();
    expect(await holder(await sign())).toBe('ann');
    says.isAway = true;
    time.ms += 24 * 60 * MINUTE_MS;
    expect(await holder(await sign({ sub: 'bob' }))).toBe('bob');
    await expect.poll(() => troubles.length).toBe(1);
    expect(await holder(await sign({}, rsa, { kid: 'unknown' }))).toBeUndefined();
    says.isAway = false;
    says.keys = [];
    time.ms += 11 * MINUTE_MS;
    await holder(await sign());
    await expect.poll(() => holder('x.y.z').then(async () => holder(await sign()))).toBeUndefined();
    says.keys = [rsa.jwk];
  });

  it('are not taken from whoever says that it is another', async () => {
    const keys = new IssuerKeys({ issuer: `${issuerUrl}/other`, jwks: undefined }, () => undefined);
    await expect((async () => keys.keyOf({ alg: 'RS256' }, { payload: '', signature: '' }))()).rejects.toThrow(
      IssuerAwayError,
    );
  });
});
