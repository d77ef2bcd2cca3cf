import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair } from 'jose';
import { stringify } from 'yaml';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hashOfToken, makeToken } from '../../src/access/token.js';
import { type Daemon, startDaemon } from '../../src/bootstrap/daemon.js';
import { loadConfig } from '../../src/config/load.js';
import { createLog } from '../../src/observability/log.js';
import { returnAddress } from '../../src/sessions/rest/return-address.js';
import { CookieBrowser } from '../support/cookie-browser.js';
import { Provider } from '../support/provider.js';

const STDERR = 2;
const folder = mkdtempSync(join(tmpdir(), 'coordinate-sessions-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const TOKEN = makeToken();
const ANN = { name: 'ann', token_sha256: hashOfToken(TOKEN), rights: { own: ['submit'], 'team-*': ['read'] } };
const OPS = { name: 'ops', claim: { groups: 'ops' }, rights: { own: ['admin'] } };
const callers = join(folder, 'callers.yaml');
const SESSION = 'coordinate-session';

let provider: Provider;
let secret: string;
const daemons: Daemon[] = [];

beforeAll(async () => {
  provider = await Provider.start();
  secret = file('secret', `${provider.secret}\n`);
});
afterEach(async () => {
  await Promise.all(daemons.splice(0).map((daemon) => daemon.close()));
  Object.assign(provider, { claims: { sub: 'ann', name: 'Ann Example' }, more: undefined, wrong: {}, isAway: false });
});
afterAll(() => {
  provider.close();
  rmSync(folder, { recursive: true });
});

function know(...list: object[]): void {
  writeFileSync(callers, stringify({ callers: list }));
  process.emit('SIGHUP', 'SIGHUP');
}

/** A daemon that knows Ann by a token, and operators by the claims of the provider. @returns its URL */
async function start(...flags: string[]): Promise<string> {
  if (daemons.length === 0) know(ANN, OPS);
  const args = ['-cborrpc', 'off', '-http', '127.0.0.1:0', '-log-level', 'fatal', '-auth-tokens', callers];
  const loaded = loadConfig([...args, ...flags], { env: {}, isTerminal: false });
  if (loaded.action !== 'start') throw new Error('no configuration');
  const daemon = await startDaemon(loaded.config, createLog(loaded.config.log, STDERR));
  daemons.push(daemon);
  return `http://127.0.0.1:${daemon.banner.find((line) => line.startsWith('HTTP on '))!.replace(/.*:/, '')}`;
}

const openId = (): string[] => [
  ...['-auth-issuer', provider.url, '-auth-audience', 'coordinate'],
  ...['-oidc-client-id', provider.clientId, '-oidc-client-secret-file', secret],
];

async function who(browser: CookieBrowser, url: string): Promise<Record<string, unknown>> {
  return JSON.parse((await browser.go(`${url}/session`)).text) as Record<string, unknown>;
}

const status = async (browser: CookieBrowser, url: string, path = '/namespace/own/work_spec'): Promise<number> =>
  (await browser.go(url + path)).status;

async function signInByToken(url: string, token = TOKEN): Promise<CookieBrowser> {
  const browser = new CookieBrowser();
  const answer = await browser.go(`${url}/session`, { method: 'POST', body: { token } });
  expect([answer.status, answer.text]).toEqual([201, expect.stringContaining('"known":true')]);
  return browser;
}

/** Goes to the provider and comes back. @returns with what it comes back */
async function comeBack(browser: CookieBrowser, url: string, returnTo = '/docs?x=1#y'): Promise<string> {
  const begun = await browser.go(`${url}/session/sign-in?return_to=${encodeURIComponent(returnTo)}`);
  expect(begun.status).toBe(302);
  const there = await fetch(begun.headers.location!, { redirect: 'manual' });
  return there.headers.get('location')!;
}

async function signIn(url: string): Promise<CookieBrowser> {
  const browser = new CookieBrowser();
  const page = await browser.go(await comeBack(browser, url), { site: 'cross-site' });
  expect([page.status, page.text]).toEqual([200, expect.stringContaining('content="0;url=/docs?x=1#y"')]);
  return browser;
}

describe('a session by a token', () => {
  it('is what its browser is known by, with the rights of the token', async () => {
    const url = await start();
    const browser = await signInByToken(url);
    expect(await who(browser, url)).toMatchObject({
      ...{ asks: true, known: true, caller: 'ann', takes_tokens: true },
      rights: { own: ['read', 'submit'], 'team-*': ['read'] },
    });
    expect([await status(browser, url), await status(browser, url, '/namespace/other/work_spec')]).toEqual([200, 403]);
    const { value } = browser.cookies.get(SESSION)!;
    expect(value).toMatch(/^[\w-]{43}$/);
    const [line] = (await browser.go(`${url}/session`, { method: 'POST', body: { token: TOKEN } })).headers[
      'set-cookie'
    ]!;
    expect(line).toMatch(/^coordinate-session=[\w-]{43}; Max-Age=432\d\d; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(await who(new CookieBrowser(), url)).toMatchObject({ known: false, reason: 'sign in first', rights: {} });
  });

  it('has a new id each time, whatever the browser had: one that somebody has put there is not taken', async () => {
    const url = await start();
    const browser = new CookieBrowser();
    const fixed = 'A'.repeat(43);
    browser.cookies.set(SESSION, { value: fixed, path: '/', strict: true });
    expect(await status(browser, url)).toBe(401);
    await browser.go(`${url}/session`, { method: 'POST', body: { token: TOKEN } });
    expect(browser.cookies.get(SESSION)!.value).not.toBe(fixed);
    const before = browser.copy();
    await browser.go(`${url}/session`, { method: 'POST', body: { token: TOKEN } });
    expect([await status(browser, url), await status(before, url)]).toEqual([200, 401]);
  });

  it('is over for good when its holder signs out, for whoever has got hold of it too', async () => {
    const url = await start();
    const browser = await signInByToken(url);
    const thief = browser.copy();
    expect(await status(thief, url)).toBe(200);
    expect((await browser.go(`${url}/session`, { method: 'DELETE' })).status).toBe(204);
    expect(browser.cookies.size).toBe(0);
    expect([await status(browser, url), await status(thief, url)]).toEqual([401, 401]);
    expect(await who(thief, url)).toMatchObject({
      known: false,
      reason: expect.stringContaining('has ended') as string,
    });
    expect((await browser.go(`${url}/session`, { method: 'DELETE' })).status).toBe(204);
  });

  it('counts only as it is, and for pages of this server', async () => {
    const url = await start();
    const browser = await signInByToken(url);
    const { value } = browser.cookies.get(SESSION)!;
    for (const other of [`${value}A`, value.slice(1), value.toLowerCase(), `${value.slice(0, 42)}!`, '', `"${value}`]) {
      const tampered = new CookieBrowser();
      tampered.cookies.set(SESSION, { value: other, path: '/', strict: true });
      expect([other, await status(tampered, url)]).toEqual([other, 401]);
    }
    // As a browser that sends the cookie all the same; what changes something is 403 for other sites whoever sends it.
    const add = (site: 'same-origin' | 'same-site' | 'cross-site', origin = url) =>
      browser.copy().go(`${url}/namespace/own/work_spec/s/work_unit`, {
        ...{ method: 'POST', body: { name: 'u' }, site: site === 'cross-site' ? 'same-site' : site },
        headers: { origin, 'sec-fetch-site': site },
      });
    const evil = 'https://evil.example';
    expect([(await add('cross-site', evil)).status, (await add('same-site', evil)).status]).toEqual([403, 403]);
    expect((await add('same-origin')).status).toBe(404);
    const look = async (headers: Record<string, string>): Promise<number> =>
      (await browser.go(`${url}/namespace/own/work_spec`, { headers })).status;
    expect(await look({ 'sec-fetch-site': 'same-site' })).toBe(401);
    expect(await look({ 'sec-fetch-site': 'cross-site' })).toBe(401);
    expect(await look({ 'sec-fetch-site': 'none' })).toBe(200);
    const cookie = `${SESSION}=${value}`;
    const bare = async (method: string): Promise<number> =>
      (await fetch(`${url}/namespace/own/work_spec/s`, { method, headers: { cookie } })).status;
    // Whoever says nothing of where a change comes from is no page, and has a token.
    expect([await bare('GET'), await bare('DELETE')]).toEqual([404, 401]);
    const token = async (headers: Record<string, string>): Promise<number> =>
      (await browser.go(`${url}/namespace/own/work_spec`, { headers })).status;
    expect(await token({ authorization: 'Bearer wrong' })).toBe(401);
  });

  it('is of no use to pages of -cors-origin', async () => {
    const origin = 'http://127.0.0.1:1';
    const url = await start('-cors-origin', origin);
    const browser = await signInByToken(url);
    const of = async (path: string, method: string, body?: unknown): Promise<number> =>
      (await browser.go(url + path, { method, body, site: 'same-site', headers: { origin } })).status;
    expect(await of('/namespace/own/work_spec', 'GET')).toBe(401);
    expect(await of('/namespace/own/work_spec/s/work_unit', 'POST', { name: 'u' })).toBe(401);
    expect(await of('/session', 'POST', { token: TOKEN })).toBe(403);
    expect(await of('/session', 'DELETE')).toBe(403);
    expect(await status(browser, url)).toBe(200);
  });

  it('follows the file of callers, and ends streams of events within a second or so', async () => {
    const url = await start();
    const browser = await signInByToken(url);
    const { value } = browser.cookies.get(SESSION)!;
    const headers = { cookie: `${SESSION}=${value}`, 'sec-fetch-site': 'same-origin' };
    /** Listens. @returns what comes until the stream ends */
    const listen = async (): Promise<() => Promise<string>> => {
      const answer = await fetch(`${url}/namespace/own/events`, { headers });
      expect(answer.status).toBe(200);
      return () => answer.text();
    };
    const first = await listen();
    know({ ...ANN, rights: { other: ['read'] } }, OPS);
    await first();
    expect([await status(browser, url), await status(browser, url, '/namespace/other/work_spec')]).toEqual([403, 200]);
    know(ANN, OPS);
    const second = await listen();
    await browser.go(`${url}/session`, { method: 'DELETE' });
    await second();
    const again = await signInByToken(url);
    know(OPS);
    expect(await status(again, url)).toBe(401);
  });

  it('cannot be had by a wrong token, and not by many', async () => {
    const url = await start('-trusted-proxies', '127.0.0.1');
    const browser = new CookieBrowser();
    const attempt = async (token: unknown): Promise<number> => {
      const headers = { 'x-forwarded-for': '10.0.0.9' };
      return (await browser.go(`${url}/session`, { method: 'POST', body: { token }, headers })).status;
    };
    expect([await attempt(7), await attempt(undefined)]).toEqual([400, 400]);
    for (let i = 0; i < 10; i++) expect(await attempt(`${makeToken()}`)).toBe(401);
    expect(await attempt(makeToken())).toBe(429);
    expect(await attempt(TOKEN)).toBe(201);
    const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text();
    expect(metrics).not.toContain('coordinate_sign_ins_total');
    know({ ...ANN, rights: { '*': ['read'] } });
    const text = (await browser.go(`${url}/metrics`)).text;
    for (const [outcome, count] of Object.entries({ accepted: 1, refused: 10, limited: 1 })) {
      expect(text).toContain(`coordinate_sign_ins_total{door="session",outcome="${outcome}"} ${count}\n`);
    }
  });

  it('is not there where nobody is asked who they are', async () => {
    const loaded = loadConfig(['-cborrpc', 'off', '-http', '127.0.0.1:0', '-log-level', 'fatal'], {
      env: {},
      isTerminal: false,
    });
    if (loaded.action !== 'start') throw new Error('no configuration');
    const daemon = await startDaemon(loaded.config, createLog(loaded.config.log, STDERR));
    daemons.push(daemon);
    const url = `http://127.0.0.1:${daemon.banner.find((line) => line.startsWith('HTTP on '))!.replace(/.*:/, '')}`;
    const browser = new CookieBrowser();
    expect(await who(browser, url)).toMatchObject({ asks: false, known: false, caller: 'everybody' });
    expect((await browser.go(`${url}/session`, { method: 'POST', body: { token: TOKEN } })).status).toBe(409);
    expect(await status(browser, url, '/session/sign-in')).toBe(404);
    expect(await status(browser, url, '/session/callback?code=1&state=2')).toBe(404);
  });

  it('behind a proxy that encrypts has a cookie that nobody else can set', async () => {
    const url = await start(
      '-trusted-proxies',
      '127.0.0.1',
      '-base-path',
      '/coordinate',
      '-allowed-hosts',
      'jobs.example.com',
    );
    const browser = new CookieBrowser();
    const headers = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'jobs.example.com',
      origin: 'https://jobs.example.com',
    };
    const answer = await browser.go(`${url}/session`, { method: 'POST', body: { token: TOKEN }, headers });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^__Host-coordinate-session=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      ),
    ]);
    expect((JSON.parse(answer.text) as { url: string }).url).toBe('/coordinate/session');
    expect((await browser.go(`${url}/namespace/own/work_spec`, { headers })).status).toBe(200);
    // One without the prefix could have been set by whoever is at another name of the site.
    const { value } = browser.cookies.get(`__Host-${SESSION}`)!;
    const other = new CookieBrowser();
    other.cookies.set(SESSION, { value, path: '/', strict: true });
    expect((await other.go(`${url}/namespace/own/work_spec`, { headers })).status).toBe(401);
  });
});

describe('signing in at the issuer', () => {
  it('goes there and comes back to a page that goes on, with the rights of what the issuer says', async () => {
    provider.claims = { sub: 'ann', name: 'Ann Example', coordinate: ['read@team-*'] };
    provider.more = { groups: ['dev', 'ops'] };
    const url = await start(...openId());
    const browser = await signIn(url);
    expect([...browser.cookies.keys()]).toEqual([SESSION]);
    expect(await who(browser, url)).toMatchObject({
      ...{ caller: 'ann', shown_as: 'Ann Example', sign_in_url: '/session/sign-in' },
      rights: { own: ['read', 'admin'], 'team-*': ['read'] },
    });
    expect(await status(browser, url)).toBe(200);
    know(ANN);
    expect(await status(browser, url)).toBe(403);
    expect(await status(browser, url, '/namespace/team-a/work_spec')).toBe(200);
    // It is new, and needs no token.
    const other = await signIn(url);
    expect(other.cookies.get(SESSION)).not.toEqual(browser.cookies.get(SESSION));
  });

  it('keeps what it needs to know in a cookie for the way back alone', async () => {
    const url = await start(...openId());
    const browser = new CookieBrowser();
    const { headers } = await browser.go(`${url}/session/sign-in`);
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^coordinate-sign-in=[\w-]+; Max-Age=600; Path=\/session\/callback; HttpOnly; SameSite=Lax$/,
      ),
    ]);
    const there = new URL(headers.location!);
    expect(Object.fromEntries(there.searchParams)).toMatchObject({
      ...{ response_type: 'code', code_challenge_method: 'S256', scope: 'openid profile' },
      ...{ client_id: provider.clientId, redirect_uri: `${url}/session/callback` },
    });
    expect(headers['cache-control']).toBe('no-store');
  });

  it('is refused when anything about the way back is wrong, and then nobody is signed in', async () => {
    const url = await start(...openId(), '-trusted-proxies', '127.0.0.1');
    let from = 0;
    const refused = async (what: string, change: (browser: CookieBrowser, back: URL) => void): Promise<void> => {
      const browser = new CookieBrowser();
      const back = new URL(await comeBack(browser, url));
      change(browser, back);
      const headers = { 'x-forwarded-for': `10.1.0.${from++}` };
      const answer = await browser.go(back.href, { site: 'cross-site', headers });
      expect([what, answer.status, browser.cookies.has(SESSION)]).toEqual([what, 400, false]);
      expect(answer.text).toContain('/session/sign-in?return_to=');
    };
    const away = (browser: CookieBrowser): string[] =>
      JSON.parse(Buffer.from(browser.cookies.get('coordinate-sign-in')!.value, 'base64url').toString()) as string[];
    const put = (browser: CookieBrowser, at: number, value: string): void => {
      const parts = away(browser).with(at, value);
      const text = Buffer.from(JSON.stringify(parts)).toString('base64url');
      browser.cookies.set('coordinate-sign-in', { value: text, path: '/session/callback', strict: false });
    };
    await refused('another state', (_, back) => back.searchParams.set('state', 'x'));
    await refused('no state', (_, back) => back.searchParams.delete('state'));
    await refused('no code', (_, back) => back.searchParams.delete('code'));
    await refused('another code', (_, back) => back.searchParams.set('code', 'x'));
    await refused('an issuer that says no', (_, back) => {
      back.searchParams.delete('code');
      back.searchParams.set('error', 'access_denied');
    });
    await refused('no cookie', (browser) => browser.cookies.clear());
    await refused('a cookie of nothing', (browser) => {
      browser.cookies.set('coordinate-sign-in', { value: 'e30', path: '/session/callback', strict: false });
    });
    await refused('a cookie cut off', (browser) => {
      const cookie = browser.cookies.get('coordinate-sign-in')!;
      cookie.value = cookie.value.slice(0, -9);
    });
    await refused('another state in the cookie', (browser) => put(browser, 0, 'x'));
    await refused('another nonce in the cookie', (browser) => put(browser, 1, 'x'));
    await refused('another verifier in the cookie', (browser) => put(browser, 2, 'x'.repeat(43)));
    for (const [what, wrong] of Object.entries({
      'another nonce': { nonce: 'x' },
      'no nonce': { nonce: undefined },
      'for another client': { aud: 'others' },
      'of another issuer': { iss: 'https://evil.example' },
      'over already': { exp: Math.floor(Date.now() / 1000) - 120 },
    })) {
      provider.wrong = wrong;
      await refused(what, () => undefined);
    }
    provider.wrong = {};
    provider.wrongKey = (await generateKeyPair('RS256')).privateKey;
    await refused('signed by another', () => undefined);
    provider.wrongKey = undefined;
    const browser = new CookieBrowser();
    const back = await comeBack(browser, url);
    const again = browser.copy();
    expect((await browser.go(back, { site: 'cross-site' })).status).toBe(200);
    expect((await again.go(back, { site: 'cross-site' })).status).toBe(400);
    expect(again.cookies.has(SESSION)).toBe(false);
    expect(await status(browser, url, '/session')).toBe(200);
  });

  it('leads nowhere else afterwards', async () => {
    const url = await start(...openId());
    for (const evil of ['//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      const browser = new CookieBrowser();
      const page = await browser.go(await comeBack(browser, url, evil), { site: 'cross-site' });
      expect([evil, page.status, page.text]).toEqual([evil, 200, expect.stringContaining('content="0;url=/"')]);
    }
    // What is in the cookie has been in the hands of the browser.
    const browser = new CookieBrowser();
    const back = await comeBack(browser, url);
    const cookie = browser.cookies.get('coordinate-sign-in')!;
    const parts = JSON.parse(Buffer.from(cookie.value, 'base64url').toString()) as string[];
    cookie.value = Buffer.from(JSON.stringify(parts.with(3, '//evil.example'))).toString('base64url');
    expect((await browser.go(back, { site: 'cross-site' })).text).toContain('content="0;url=/"');
  });

  it('waits for an issuer that is away, and tells whoever was wrong too often to wait', async () => {
    const url = await start(...openId(), '-trusted-proxies', '127.0.0.1');
    provider.isAway = true;
    const browser = new CookieBrowser();
    const away = await browser.go(`${url}/session/sign-in?return_to=/docs`);
    expect([away.status, away.headers['retry-after'], away.text]).toEqual([
      503,
      '5',
      expect.stringContaining('%2Fdocs'),
    ]);
    provider.isAway = false;
    const back = await comeBack(browser, url);
    provider.isAway = true;
    expect((await browser.go(back, { site: 'cross-site' })).status).toBe(503);
    provider.isAway = false;
    const headers = { 'x-forwarded-for': '10.2.0.1' };
    for (let i = 0; i < 10; i++) expect((await browser.go(`${url}/session/callback`, { headers })).status).toBe(400);
    const limited = await browser.go(`${url}/session/callback`, { headers });
    expect([limited.status, limited.headers['retry-after']]).toEqual([429, '60']);
    await signIn(url);
  });

  it('comes back to where a proxy says that it is', async () => {
    const url = await start(...openId(), '-trusted-proxies', '127.0.0.1', '-allowed-hosts', 'jobs.example.com');
    const headers = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'jobs.example.com',
      'x-forwarded-prefix': '/coordinate',
    };
    const answer = await new CookieBrowser().go(`${url}/session/sign-in`, { headers });
    const there = new URL(answer.headers.location!);
    expect(there.searchParams.get('redirect_uri')).toBe('https://jobs.example.com/coordinate/session/callback');
    expect(answer.headers['set-cookie']![0]).toMatch(
      /^__Secure-coordinate-sign-in=.*; Path=\/coordinate\/session\/callback; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it('is not what a token of the issuer does, whose session ends when it does', async () => {
    const url = await start(...openId());
    const exp = Math.floor(Date.now() / 1000) + 100;
    const browser = await signInByToken(url, await provider.sign({ exp, groups: 'ops' }));
    const seen = await who(browser, url);
    expect(seen).toMatchObject({ caller: 'ann', rights: { own: ['read', 'admin'] } });
    // With the minute that clocks may be apart.
    expect(Math.abs(Date.parse(seen.ends_at as string) / 1000 - exp - 60)).toBeLessThan(30);
    const answer = await browser.go(`${url}/session`, {
      method: 'POST',
      body: { token: await provider.sign({ exp: exp - 300 }) },
    });
    expect(answer.status).toBe(401);
  });
});

describe('where to go on after signing in', () => {
  it('is a path of this server, or nothing', () => {
    for (const path of ['/', '/ui/', '/ui/#/a?b=c', '/docs?x=%2F%2Fevil', "/a'b"])
      expect(returnAddress(path, '-')).toBe(path);
    expect(returnAddress(undefined, '/x')).toBe('/x');
    for (const evil of [
      ...['', 'ui', '//evil', '///evil', '/\\evil', '\\\\evil', '/\t/evil', '/\n/evil', ' //evil', 'https:evil', '/ü'],
      ...['/./\\evil', '/x/..//evil', '/.//evil', '/%2e//evil', '/a b', `/${'a'.repeat(3000)}`, 'data:text/html,x'],
    ]) {
      expect([evil, returnAddress(evil, '-')]).toEqual([evil, '-']);
    }
  });
});
