import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { hashOfToken, makeToken } from '../../src/access/token.js';
import { type Daemon, startDaemon } from '../../src/bootstrap/daemon.js';
import { loadConfig } from '../../src/config/load.js';
import { createLog } from '../../src/observability/log.js';
import { CookieBrowser } from '../support/cookie-browser.js';
import { Provider } from '../support/provider.js';

const STDERR = 2;
export const TOKEN = makeToken();
export const ANN = { name: 'ann', token_sha256: hashOfToken(TOKEN), rights: { own: ['submit'], 'team-*': ['read'] } };
export const OPS = { name: 'ops', claim: { groups: 'ops' }, rights: { own: ['admin'] } };
export const SESSION = 'coordinate-session';

/** Daemons that people sign in to, and a provider for it, for the tests of a file. */
export class SignInWorld {
  provider!: Provider;
  readonly daemons: Daemon[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'coordinate-sessions-'));
  private readonly callers = this.path('callers.yaml');

  constructor() {
    beforeAll(async () => {
      this.provider = await Provider.start();
      writeFileSync(this.path('secret'), `${this.provider.secret}\n`);
    });
    afterEach(async () => {
      await Promise.all(this.daemons.splice(0).map((daemon) => daemon.close()));
      const claims = { sub: 'ann', name: 'Ann Example' };
      Object.assign(this.provider, { claims, more: undefined, wrong: {}, isAway: false });
    });
    afterAll(() => {
      this.provider.close();
      rmSync(this.folder, { recursive: true });
    });
  }

  private path(name: string): string {
    return join(this.folder, name);
  }

  know(...list: object[]): void {
    writeFileSync(this.callers, stringify({ callers: list }));
    process.emit('SIGHUP', 'SIGHUP');
  }

  /** A daemon that knows Ann by a token, and operators by the claims of the provider. @returns its URL */
  async start(...flags: string[]): Promise<string> {
    if (this.daemons.length === 0) this.know(ANN, OPS);
    return this.startAsking('-auth-tokens', this.callers, ...flags);
  }

  /** One that asks who people are as the flags say, or nobody. @returns its URL */
  async startAsking(...flags: string[]): Promise<string> {
    const args = ['-cborrpc', 'off', '-http', '127.0.0.1:0', '-log-level', 'fatal'];
    const loaded = loadConfig([...args, ...flags], { env: {}, isTerminal: false });
    if (loaded.action !== 'start') throw new Error('no configuration');
    const daemon = await startDaemon(loaded.config, createLog(loaded.config.log, STDERR));
    this.daemons.push(daemon);
    return `http://127.0.0.1:${daemon.banner.find((line) => line.startsWith('HTTP on '))!.replace(/.*:/, '')}`;
  }

  openId(): string[] {
    return [
      ...['-auth-issuer', this.provider.url, '-auth-audience', 'coordinate'],
      ...['-oidc-client-id', this.provider.clientId, '-oidc-client-secret-file', this.path('secret')],
    ];
  }
}

export async function who(browser: CookieBrowser, url: string): Promise<Record<string, unknown>> {
  return JSON.parse((await browser.go(`${url}/session`)).text) as Record<string, unknown>;
}

export const status = async (browser: CookieBrowser, url: string, path = '/namespace/own/work_spec'): Promise<number> =>
  (await browser.go(url + path)).status;

export async function signInByToken(url: string, token = TOKEN): Promise<CookieBrowser> {
  const browser = new CookieBrowser();
  const answer = await browser.go(`${url}/session`, { method: 'POST', body: { token } });
  expect([answer.status, answer.text]).toEqual([201, expect.stringContaining('"known":true')]);
  return browser;
}

/** Goes to the provider and comes back. @returns with what it comes back */
export async function comeBack(browser: CookieBrowser, url: string, returnTo = '/docs?x=1#y'): Promise<string> {
  const begun = await browser.go(`${url}/session/sign-in?return_to=${encodeURIComponent(returnTo)}`);
  expect(begun.status).toBe(302);
  const there = await fetch(begun.headers.location!, { redirect: 'manual' });
  return there.headers.get('location')!;
}

export async function signIn(url: string): Promise<CookieBrowser> {
  const browser = new CookieBrowser();
  const page = await browser.go(await comeBack(browser, url), { site: 'cross-site' });
  expect([page.status, page.text]).toEqual([200, expect.stringContaining('content="0;url=/docs?x=1#y"')]);
  return browser;
}
