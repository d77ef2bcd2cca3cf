import { describe, expect, it } from 'vitest';
import { makeToken } from '../../src/access/token.js';
import { CookieBrowser } from '../support/cookie-browser.js';
import { ANN, OPS, SESSION, signInByToken, SignInWorld, status, TOKEN, who } from './sign-in-world.js';

const world = new SignInWorld();

describe('a session by a token', () => {
  it('is what its browser is known by, with the rights of the token', async () => {
    const url = await world.start();
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
    const url = await world.start();
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
    const url = await world.start();
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
    const url = await world.start();
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
    const url = await world.start('-cors-origin', origin);
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
    const url = await world.start();
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
    world.know({ ...ANN, rights: { other: ['read'] } }, OPS);
    await first();
    expect([await status(browser, url), await status(browser, url, '/namespace/other/work_spec')]).toEqual([403, 200]);
    world.know(ANN, OPS);
    const second = await listen();
    await browser.go(`${url}/session`, { method: 'DELETE' });
    await second();
    const again = await signInByToken(url);
    world.know(OPS);
    expect(await status(again, url)).toBe(401);
  });

  it('cannot be had by a wrong token, and not by many', async () => {
    const url = await world.start('-trusted-proxies', '127.0.0.1');
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
    world.know({ ...ANN, rights: { '*': ['read'] } });
    const text = (await browser.go(`${url}/metrics`)).text;
    for (const [outcome, count] of Object.entries({ accepted: 1, refused: 10, limited: 1 })) {
      expect(text).toContain(`coordinate_sign_ins_total{door="session",outcome="${outcome}"} ${count}\n`);
    }
  });

  it('is not there where nobody is asked who they are', async () => {
    const url = await world.startAsking();
    const browser = new CookieBrowser();
    expect(await who(browser, url)).toMatchObject({ asks: false, known: false, caller: 'everybody' });
    expect((await browser.go(`${url}/session`, { method: 'POST', body: { token: TOKEN } })).status).toBe(409);
    expect(await status(browser, url, '/session/sign-in')).toBe(404);
    expect(await status(browser, url, '/session/callback?code=1&state=2')).toBe(404);
  });

  it('behind a proxy that encrypts has a cookie that nobody else can set', async () => {
    const url = await world.start(
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
