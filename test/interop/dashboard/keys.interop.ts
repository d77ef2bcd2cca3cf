import { pathPart } from 'coordinate-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { type Dashboard, openDashboard, settled } from './browser.js';
import { type Example, seeded } from './example.js';

let daemon: RunningDaemon;
let example: Example;
let dashboard: Dashboard;
let ui: string;

beforeAll(async () => {
  daemon = await startDaemon(['-cborrpc', 'off', '-log-level', 'warn']);
  ui = `http://127.0.0.1:${daemon.httpPort}/ui/`;
  example = await seeded(`http://127.0.0.1:${daemon.httpPort}`);
  dashboard = await openDashboard();
});

afterAll(async () => {
  await dashboard?.close();
  await example?.stop();
  await daemon?.stop();
});

async function press(...keys: string[]): Promise<void> {
  for (const key of keys) await dashboard.page.keyboard.press(key);
}

/** What shows where the keyboard is: none where nothing does. */
const OUTLINE = `(() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return document.activeElement === document.body ? 'nowhere' : outlineStyle === 'none' ? 'none' : outlineWidth;
})()`;

it('goes from page to page by g and a letter', async () => {
  const { page } = dashboard;
  await page.goto(`${ui}n/photos`);
  await settled(page);
  for (const [key, path] of [
    ['u', 'n/photos/units'],
    ['w', 'n/photos/workers'],
    ['s', 'n/photos/schedule'],
    ['d', 'daemon'],
    ['n', 'namespaces'],
  ]) {
    await press('g', key);
    await page.waitForURL(ui + path);
    await settled(page);
  }
  await page.goto(`${ui}n/photos/workers`);
  await settled(page);
  await press('g', 'o');
  await page.waitForURL(`${ui}n/photos`);
});

it('lists keys by ?, searches by /, and finds by the palette', async () => {
  const { page } = dashboard;
  await page.goto(`${ui}n/photos`);
  await settled(page);
  await press('?');
  expect(await page.locator('dialog').innerText()).toContain('Go to the workers');
  await press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await press('/');
  await page.keyboard.type('mail');
  await page.waitForURL((url) => url.searchParams.get('find') === 'mail');
  expect(await page.locator('[aria-label="Work specs"] .table-row').count()).toBe(1);

  await page.goto(`${ui}n/photos`);
  await settled(page);
  await press('p');
  await page.keyboard.type('resize');
  await press('Enter');
  await page.waitForURL(`${ui}n/photos/spec/resize`);
});

it('goes through rows by j and k, selects by x, opens by Enter', async () => {
  const { page } = dashboard;
  await page.goto(`${ui}n/photos/units/archive`);
  await settled(page);
  await press('j', 'j', 'k', 'j', 'x');
  await page.locator('.selection strong:has-text("1 unit selected")').waitFor();
  expect(await page.locator('.table-row[aria-selected=true]').getAttribute('data-at')).toBe('1');
  expect(await page.evaluate(OUTLINE)).toBe('2px');
  await press('Enter');
  await page.waitForURL((url) => url.pathname.endsWith(`/units/archive/${pathPart('archive/2026/00/000012.jpg')}`));
});

it('shows where the keyboard is at every step, and goes into dialogs and back out of them', async () => {
  const { page } = dashboard;
  for (const path of ['n/photos', 'n/photos/spec/send-mail', 'n/photos/units/send-mail?status=failed']) {
    await page.goto(ui + path);
    await settled(page);
    const outlines: unknown[] = [];
    for (let step = 0; step < 30; step++) {
      await press('Tab');
      outlines.push(await page.evaluate(OUTLINE));
    }
    expect([path, ...outlines]).not.toContain('none');
    expect(outlines.filter((one) => one === 'nowhere').length).toBeLessThan(2);
  }
  await page.goto(`${ui}n/photos/units/archive`);
  await settled(page);
  await page.locator('main button:text-is("Add units")').focus();
  await press('Enter');
  await page.locator('dialog textarea').waitFor();
  expect(await page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');
  await press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Add units');
});

it('moves nothing for whoever does not want that', async () => {
  const { page } = dashboard;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(`${ui}n/photos`);
  await settled(page);
  const moving = `[...document.querySelectorAll('*')].flatMap((element) => {
    const { animationDuration, animationName, transitionDuration } = getComputedStyle(element);
    const long = (text) => text.split(',').some((one) => parseFloat(one) > 0.001);
    return (animationName !== 'none' && long(animationDuration)) || long(transitionDuration) ? [element.className] : [];
  })`;
  expect(await page.evaluate(moving)).toEqual([]);
  expect(dashboard.wrong).toEqual([]);
});
