import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOfToken, makeToken } from '../../../src/access/token.js';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { freePort } from '../../support/ports.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type BrowserContext, openBrowser, type Page } from '../playwright.js';
import { providerAt } from './provider.js';

const folder = mkdtempSync(join(tmpdir(), 'coordinate-sign-in-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const HOSTILE = readFileSync(join(import.meta.dirname, 'hostile-page.html'));
const TOKEN = makeToken();
const SECRET = 'a secret of the client that nobody guesses';

const servers: Server[] = [];
let serve: RequestListener;
let database: TestDatabase;
let browser: BrowserContext;
let flags: string[];
const daemons: (RunningDaemon | undefined)[] = [];
let urls: string[];

/** @returns its port */
async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function startAt(at: number): Promise<void> {
  daemons[at] = await startDaemon([...flags, '-http', new URL(urls[at]).host, '-cborrpc', 'off']);
}

beforeAll(async () => {
  database = await createDatabase();
  // The provider has to know beforehand where people come back to.
  urls = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`);
  // Another site than that of the daemons, for a browser.
  const issuer = `http://localhost:${await listen((request, answer) => serve(request, answer))}`;
  const redirects = urls.map((url) => `${url}/session/callback`);
  serve = await providerAt(issuer, { client_id: 'dashboard', client_secret: SECRET, redirect_uris: redirects }, [
    'people',
    'ops',
  ]);
  const rights = "{demo: [admin, submit], 'team-*': [read], 'evil*': [admin]}";
  const reader = `{name: reader, token_sha256: ${hashOfToken(TOKEN)}, rights: {demo: [read]}}`;
  flags = [
    ...['-backend', database.url, '-auth-issuer', issuer, '-auth-audience', 'coordinate'],
    ...['-oidc-client-id', 'dashboard', '-oidc-client-secret-file', file('secret', SECRET)],
    ...[
      '-auth-tokens',
      file('callers.yaml', `callers: [{name: ops, claim: {groups: ops}, rights: ${rights}}, ${reader}]`),
    ],
  ];
  await Promise.all([startAt(0), startAt(1)]);
  browser = await openBrowser(join(folder, 'browser'));
});

afterAll(async () => {
  await browser?.close();
  for (const daemon of daemons) await daemon?.kill();
  for (const server of servers) server.close().closeAllConnections();
  await database?.drop();
  rmSync(folder, { recursive: true, maxRetries: 20, retryDelay: 200 });
});

interface Who {
  known: boolean;
  caller?: string;
  shown_as?: string;
  rights: object;
}

/** Who somebody is, as a page of a daemon is told. */
const who = async (page: Page): Promise<Who> =>
  (await page.evaluate("fetch('/session').then((answer) => answer.json())")) as Who;
const statusOf = async (page: Page, method: string, path: string): Promise<number> =>
  (await page.evaluate(`fetch('${path}', { method: '${method}' }).then(({ status }) => status)`)) as number;

describe('people who sign in at a provider, in a browser', () => {
  it('have a session on all daemons, which outlives them, until they sign out', async () => {
    const page = await browser.newPage();
    await page.goto(`${urls[0]}/docs`);
    expect(await who(page)).toMatchObject({ known: false, rights: {} });
    expect(await statusOf(page, 'GET', '/namespace/demo/work_spec')).toBe(401);

    await page.goto(`${urls[0]}/session/sign-in?return_to=${encodeURIComponent('/docs?from=there')}`);
    expect(new URL(page.url()).hostname).toBe('localhost');
    await page.fill('input[name=login]', 'ann');
    await page.fill('input[name=password]', 'any');
    await page.click('button[type=submit]');
    await page.waitForURL((url) => url.pathname.includes('/interaction/'));
    await page.click('button[type=submit]');
    await page.waitForURL(`${urls[0]}/docs?from=there`);
    const ann = { known: true, caller: 'ann', shown_as: 'ann of the provider' };
    const rights = { demo: ['read', 'submit', 'admin'], 'team-*': ['read'], 'evil*': ['read', 'admin'] };
    expect(await who(page)).toMatchObject({ ...ann, rights });
    expect(await statusOf(page, 'GET', '/namespace/demo')).toBe(200);
    expect(await statusOf(page, 'GET', '/namespace/other/work_spec')).toBe(403);
    const cookies = (await browser.cookies()).filter(({ name }) => name.startsWith('coordinate'));
    expect(cookies).toMatchObject([{ name: 'coordinate-session', httpOnly: true, sameSite: 'Strict' }]);

    await page.reload();
    expect(await who(page)).toMatchObject(ann);

    await daemons[0]!.stop();
    await startAt(0);
    await page.reload();
    expect(await who(page)).toMatchObject(ann);

    const other = await browser.newPage();
    await other.goto(`${urls[1]}/docs`);
    expect(await who(other)).toMatchObject({ ...ann, rights });

    await tryFrom('localhost');
    await tryFrom('127.0.0.1');
    expect(await who(page)).toMatchObject(ann);
    const names = 'answer.namespaces.map(({ name }) => name)';
    const list = `fetch('/namespace').then((answer) => answer.json()).then((answer) => ${names})`;
    expect(await page.evaluate(list)).toEqual(['demo']);

    // A stream of events of the other daemon ends with the session.
    await other.evaluate("fetch('/namespace/demo/events').then((answer) => void (window.ends = answer.text()))");
    expect(await statusOf(page, 'DELETE', '/session')).toBe(204);
    expect(await who(page)).toMatchObject({ known: false });
    expect(await other.evaluate('window.ends')).toContain('event: overview');
    await other.reload();
    expect(await who(other)).toMatchObject({ known: false });
    expect(await statusOf(other, 'GET', '/namespace/demo/work_spec')).toBe(401);

    await inDashboard(page);

    const log = daemons.map((daemon) => daemon!.output()).join('');
    expect(log).toContain('sign out');
    expect(log).not.toContain(SECRET);
    expect(log).not.toContain(TOKEN);
    expect(log).not.toMatch(/[?&]code=/);
  });
});

/** The dashboard asks who one is, leads to the provider, which knows them still, and takes a token. */
async function inDashboard(page: Page): Promise<void> {
  await page.goto(`${urls[0]}/ui/n/demo`);
  await page.click('text=Sign in with your account');
  await page.waitForURL(`${urls[0]}/ui/n/demo`);
  await page.click('button[popovertarget=settings]');
  // The button that opens it bears the name as well.
  await page.click('#settings >> text=ann of the provider');
  await page.click('text=Sign out >> visible=true');
  await page.fill('input[type=password]', TOKEN);
  await page.click('button[type=submit]');
  await page.click('button[popovertarget=settings]');
  await page.click('#settings >> text=reader');
  expect(await who(page)).toMatchObject({ known: true, caller: 'reader', rights: { demo: ['read'] } });
}

/** A page of another site, or of another port of the same one, tries what it can while somebody is signed in. */
async function tryFrom(host: string): Promise<void> {
  const port = await listen((_, answer) => answer.writeHead(200, { 'content-type': 'text/html' }).end(HOSTILE));
  const page = await browser.newPage();
  await page.goto(`http://${host}:${port}/`);
  expect(await page.evaluate(`tryAll(${JSON.stringify(urls[0])})`)).toEqual([
    ...['read failed', 'sign out failed', 'make failed', 'delete failed'],
    ...['make quietly opaque', 'sign in quietly opaque', 'make by looking opaque'],
  ]);
}
