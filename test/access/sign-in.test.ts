import { generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { returnAddress } from '../../src/sessions/rest/return-address.js';
import { CookieBrowser } from '../support/cookie-browser.js';
import { ANN, comeBack, SESSION, signIn, signInByToken, SignInWorld, status, who } from './sign-in-world.js';

const world = new SignInWorld();

describe('signing in at the issuer', () => {
  it('goes there and comes back to a page that goes on, with the rights of what the issuer says', async () => {
    world.provider.claims = { sub: 'ann', name: 'Ann Example', coordinate: ['read@team-*'] };
    world.provider.more = { groups: ['dev', 'ops'] };
    const url = await world.start(...world.openId());
    const browser = await signIn(url);
    expect([...browser.cookies.keys()]).toEqual([SESSION]);
    expect(await who(browser, url)).toMatchObject({
      ...{ caller: 'ann', shown_as: 'Ann Example', sign_in_url: '/session/sign-in' },
      rights: { own: ['read', 'admin'], 'team-*': ['read'] },
    });
    expect(await status(browser, url)).toBe(200);
    world.know(ANN);
    expect(await status(browser, url)).toBe(403);
    expect(await status(browser, url, '/namespace/team-a/work_spec')).toBe(200);
    // It is new, and needs no token.
    const other = await signIn(url);
    expect(other.cookies.get(SESSION)).not.toEqual(browser.cookies.get(SESSION));
  });

  it('keeps what it needs to know in a cookie for the way back alone', async () => {
    const url = await world.start(...world.openId());
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
      ...{ client_id: world.provider.clientId, redirect_uri: `${url}/session/callback` },
    });
    expect(headers['cache-control']).toBe('no-store');
  });

  it('is refused when anything about the way back is wrong, and then nobody is signed in', async () => {
    const url = await world.start(...world.openId(), '-trusted-proxies', '127.0.0.1');
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
      world.provider.wrong = wrong;
      await refused(what, () => undefined);
    }
    world.provider.wrong = {};
    world.provider.wrongKey = (await generateKeyPair('RS256')).privateKey;
    await refused('signed by another', () => undefined);
    world.provider.wrongKey = undefined;
    const browser = new CookieBrowser();
    const back = await comeBack(browser, url);
    const again = browser.copy();
    expect((await browser.go(back, { site: 'cross-site' })).status).toBe(200);
    expect((await again.go(back, { site: 'cross-site' })).status).toBe(400);
    expect(again.cookies.has(SESSION)).toBe(false);
    expect(await status(browser, url, '/session')).toBe(200);
  });

  it('leads nowhere else afterwards', async () => {
    const url = await world.start(...world.openId());
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
    const url = await world.start(...world.openId(), '-trusted-proxies', '127.0.0.1');
    world.provider.isAway = true;
    const browser = new CookieBrowser();
    const away = await browser.go(`${url}/session/sign-in?return_to=/docs`);
    expect([away.status, away.headers['retry-after'], away.text]).toEqual([
      503,
      '5',
      expect.stringContaining('%2Fdocs'),
    ]);
    world.provider.isAway = false;
    const back = await comeBack(browser, url);
    world.provider.isAway = true;
    expect((await browser.go(back, { site: 'cross-site' })).status).toBe(503);
    world.provider.isAway = false;
    const headers = { 'x-forwarded-for': '10.2.0.1' };
    for (let i = 0; i < 10; i++) expect((await browser.go(`${url}/session/callback`, { headers })).status).toBe(400);
    const limited = await browser.go(`${url}/session/callback`, { headers });
    expect([limited.status, limited.headers['retry-after']]).toEqual([429, '60']);
    await signIn(url);
  });

  it('comes back to where a proxy says that it is', async () => {
    const url = await world.start(
      ...world.openId(),
      '-trusted-proxies',
      '127.0.0.1',
      '-allowed-hosts',
      'jobs.example.com',
    );
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
    const url = await world.start(...world.openId());
    const exp = Math.floor(Date.now() / 1000) + 100;
    const browser = await signInByToken(url, await world.provider.sign({ exp, groups: 'ops' }));
    const seen = await who(browser, url);
    expect(seen).toMatchObject({ caller: 'ann', rights: { own: ['read', 'admin'] } });
    // With the minute that clocks may be apart.
    expect(Math.abs(Date.parse(seen.ends_at as string) / 1000 - exp - 60)).toBeLessThan(30);
    const answer = await browser.go(`${url}/session`, {
      method: 'POST',
      body: { token: await world.provider.sign({ exp: exp - 300 }) },
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
