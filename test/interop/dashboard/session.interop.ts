import { connect, type Coordinate } from 'coordinate-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from '../playwright.js';
import { type AskingDaemon, startAsking } from './asking.js';
import { type Dashboard, openDashboard, settled, until } from './browser.js';

let daemon: AskingDaemon<'ann'>;
let coordinate: Coordinate;
let dashboard: Dashboard;
/** Of the same browser, where the session is ended. */
let other: Page;

beforeAll(async () => {
  daemon = await startAsking({ ann: '{shop: [submit, define], other: [read]}' });
  coordinate = connect(daemon.url, { namespace: 'shop', token: daemon.tokens.ann });
  await coordinate.spec('mail').set({});
  dashboard = await openDashboard();
  other = await dashboard.browser.newPage();
  await other.goto(`${daemon.url}/docs`);
});

afterAll(async () => {
  await dashboard?.close();
  await daemon?.stop();
});

beforeEach(() => begin());

/** Begins a session of the browser, in the other tab. */
async function begin(): Promise<void> {
  const body = JSON.stringify(JSON.stringify({ token: daemon.tokens.ann }));
  const headers = "{ 'content-type': 'application/json' }";
  const program = `fetch('/session', { method: 'POST', headers: ${headers}, body: ${body} }).then(({ status }) => status)`;
  expect(await other.evaluate(program)).toBe(201);
}

const END = "fetch('/session', { method: 'DELETE' }).then(({ status }) => status)";
const AGAIN = 'dialog.again';

async function open(path: string): Promise<Page> {
  const { page } = dashboard;
  await page.goto(`${daemon.url}/ui/${path}`);
  await settled(page);
  // Who one is has been asked, and is known: what is known must not be taken for what is so when the session has ended.
  await page.click('button[popovertarget=settings]');
  await page.locator('#settings >> text=Signed in as').waitFor();
  await page.keyboard.press('Escape');
  return page;
}

/** How many requests a page makes in a while. */
async function requestsIn(page: Page, ms: number): Promise<number> {
  let requests = 0;
  const count = (): void => void requests++;
  page.on('request', count);
  await page.waitForTimeout(ms);
  page.off('request', count);
  return requests;
}

async function signInAgain(page: Page): Promise<void> {
  await page.fill(`${AGAIN} input[type=password]`, daemon.tokens.ann);
  await page.click(`${AGAIN} button[type=submit]`);
  await page.locator(AGAIN).waitFor({ state: 'detached' });
}

const countOf = async (): Promise<number> =>
  Object.values(await coordinate.spec('mail').counts()).reduce((sum, count) => sum + count, 0);

describe('a session that ends while a page is in use', () => {
  it('has it ask who one is over what is typed, which goes on where it was', async () => {
    const page = await open('n/shop/units/mail');
    await page.click('main button:text-is("Add units")');
    await page.fill('dialog textarea', 'one\ntwo');
    expect(await other.evaluate(END)).toBe(204);
    await page.locator(AGAIN).waitFor({ timeout: 20_000 });
    // It stays, asks at its pace, and is not to be got rid of.
    expect(await requestsIn(page, 1_500)).toBeLessThan(8);
    for (let times = 0; times < 3; times++) await page.keyboard.press('Escape');
    await until(page, `document.querySelector('${AGAIN}').matches(':modal')`, 10_000);

    await signInAgain(page);
    expect(await page.locator('dialog textarea').inputValue()).toBe('one\ntwo');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');
    await page.click('dialog .dialog-foot button:last-child');
    await expect.poll(countOf, { timeout: 20_000 }).toBe(2);
  });

  it('in the middle of an act has that fail, and be done afterwards', async () => {
    const page = await open('n/shop/units/mail');
    await page.click('main button:text-is("Add units")');
    await page.fill('dialog textarea', 'three');
    // The act is what hears of it first: in the same breath.
    await page.evaluate(`${END}.then(() => document.querySelector('dialog .dialog-foot button:last-child').click())`);
    await page.locator(AGAIN).waitFor({ timeout: 20_000 });
    expect(await countOf()).toBe(2);
    await signInAgain(page);
    expect(await page.locator('dialog textarea').inputValue()).toBe('three');
    await page.click('dialog .dialog-foot button:last-child');
    await expect.poll(countOf, { timeout: 20_000 }).toBe(3);
  });

  it('and in another tab is begun anew, has the page go on by itself', async () => {
    const page = await open('n/shop/spec/mail');
    await page.click('main button:text-is("Edit")');
    await page.fill('textarea.editor', 'name: mail\nmin_gb: 3\n');
    expect(await other.evaluate(END)).toBe(204);
    await page.locator(AGAIN).waitFor({ timeout: 20_000 });
    await begin();
    await page.locator(AGAIN).waitFor({ state: 'detached' });
    expect(await page.locator('textarea.editor').inputValue()).toContain('min_gb: 3');
  });

  it.each(['n/shop', 'n/shop/workers', 'n/shop/schedule', 'namespaces', 'daemon'])('is noticed at %s', async (path) => {
    const page = await open(path);
    expect(await other.evaluate(END)).toBe(204);
    await page.locator(AGAIN).waitFor({ timeout: 20_000 });
    await signInAgain(page);
    expect(await page.locator('main').count()).toBe(1);
  });
});
