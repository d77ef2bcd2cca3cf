import { setTimeout as pause } from 'node:timers/promises';
import type { Coordinate } from 'coordinate-client';
import { connect } from 'coordinate-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { type Dashboard, openDashboard, settled, until } from './browser.js';

/** The size that the dashboard is made for: ten parts of the list that are scrolled through at a time. DASHBOARD_UNITS says another. */
const UNITS = Number(process.env.DASHBOARD_UNITS ?? 1_000_000);
const FAILED = UNITS / 20;
const CAUSES = 40;
const WORKERS = 200;
/** A row of which the page can be put at the top: those at the end of a part that is scrolled through have too few after them. */
const AMID = UNITS * 0.45;

const whole = (number: number): string => number.toLocaleString('en-US');
const nameAt = (at: number): string => `unit-${String(at).padStart(7, '0')}`;

let daemon: RunningDaemon;
let dashboard: Dashboard;
let coordinate: Coordinate;
let ui: string;
const load = new AbortController();
let loading: Promise<void> = Promise.resolve();

beforeAll(async () => {
  daemon = await startDaemon(['-cborrpc', 'off', '-log-level', 'warn']);
  const url = `http://127.0.0.1:${daemon.httpPort}`;
  ui = `${url}/ui/n/large`;
  coordinate = connect(url, { namespace: 'large', timeout: '2m' });
  const spec = coordinate.spec('work');
  await spec.set({});
  await spec.add(Array.from({ length: UNITS }, (_, at) => ({ name: nameAt(at) })));
  await failSome();
  await spec.pause();
  await coordinate.spec('busy').set({});
  for (let at = 0; at < WORKERS; at++) await coordinate.worker(`worker-${at}`).update({ mode: 'run', lifetime: '1h' });
  loading = keepBusy();
  dashboard = await openDashboard();
});

afterAll(async () => {
  load.abort();
  await loading;
  await dashboard?.close();
  await daemon?.stop();
});

/** Has units fail of many causes, a batch at a time. */
async function failSome(): Promise<void> {
  const worker = coordinate.worker('worker-0');
  for (let failed = 0; failed < FAILED;) {
    const attempts = await worker.claim({ units: Math.min(500, FAILED - failed), specs: ['work'] });
    await worker.finish(
      attempts.map((attempt, at) => {
        const traceback = `Error: cause ${String.fromCharCode(65 + ((failed + at) % CAUSES))}`;
        return { attempt, outcome: 'failed' as const, data: { traceback } };
      }),
    );
    failed += attempts.length;
  }
}

/** The workers take turns, ten times a second, at work that never ends. */
async function keepBusy(): Promise<void> {
  for (let turn = 0; !load.signal.aborted; turn++) {
    await coordinate.spec('busy').add(Array.from({ length: 20 }, (_, at) => ({ name: `${turn}-${at}` })));
    const worker = coordinate.worker(`worker-${turn % WORKERS}`);
    const attempts = await worker.claim({ units: 20, specs: ['busy'] });
    await worker.finish(attempts.map((attempt) => ({ attempt, outcome: 'finished' as const })));
    await pause(100);
  }
}

/** Goes to a row by its number, from 1 on, and waits until it is there. */
async function goTo(row: number): Promise<void> {
  await dashboard.page.fill('.row-jump input', String(row));
  await dashboard.page.keyboard.press('Enter');
  await dashboard.page.locator(`.table-row a:has-text("${nameAt(row - 1)}")`).waitFor({ timeout: 60_000 });
}

/** The first rows below what is stuck to the top, of which at least half is seen. */
const SEEN = `[...document.querySelectorAll('.table-row')]
  .filter((row) => row.getBoundingClientRect().top >= document.querySelector('.table-head').getBoundingClientRect().bottom - row.clientHeight / 2)
  .slice(0, 5).map((row) => row.querySelector('a')?.textContent)`;

it('a list of very many units is scrolled to its end and to a row amid it, and is there again after it was loaded again', async () => {
  const { page } = dashboard;
  await page.goto(`${ui}/units/work`);
  await settled(page);
  expect(await page.locator('.selection').innerText()).toContain(`${whole(UNITS)} units`);
  await goTo(UNITS);
  expect(await page.locator('.table-row').count()).toBeLessThan(100);

  await goTo(AMID);
  await page.waitForURL((url) => url.searchParams.get('row') === String(AMID));
  const before = (await page.evaluate(SEEN)) as string[];
  expect(before[0]).toBe(nameAt(AMID - 1));
  await page.reload();
  await page.locator(`.table-row a:has-text("${nameAt(AMID - 1)}")`).waitFor({ timeout: 60_000 });
  await expect.poll(() => page.evaluate(SEEN), { timeout: 20_000 }).toEqual(before);
});

it('charts and numbers move while workers are at it, and all of them are there', async () => {
  const { page } = dashboard;
  await page.goto(ui);
  await settled(page);
  const finished = `document.querySelector('.totals').innerText`;
  const before = JSON.stringify(await page.evaluate(finished));
  await until(page, `${finished} !== ${before}`);
  // The picture of the last hour is asked for every 15 s.
  const chart = `document.querySelector('.chart canvas').toDataURL()`;
  const drawn = (await page.evaluate(chart)) as string;
  await until(page, `${chart} !== ${JSON.stringify(drawn)}`);
  await page.goto(`${ui}/workers`);
  await settled(page);
  expect(await page.locator('[role=table]').getAttribute('aria-rowcount')).toBe(String(WORKERS + 1));
});

it('failures are told apart by cause, and all that match are tried again, of which the question says exactly how many', async () => {
  const { page } = dashboard;
  await page.goto(`${ui}/spec/work`);
  await settled(page);
  expect(await page.locator('.cause').count()).toBe(CAUSES);

  await page.goto(`${ui}/units/work?status=failed`);
  await settled(page);
  await page.click('.table-head input[type=checkbox]');
  await page.click('.selection button:text-is("Retry")');
  const sure = page.locator('dialog .dialog-foot button.main');
  await page.locator(`dialog .confirm-count:text-is("${whole(FAILED)} units")`).waitFor();
  expect(await sure.innerText()).toBe(`Retry ${whole(FAILED)} units`);
  await sure.click();
  await page.locator(`.toast.done:has-text("${whole(FAILED)} units")`).waitFor({ timeout: 120_000 });
  expect(await coordinate.spec('work').counts()).toMatchObject({ available: UNITS, failed: 0 });
  expect(dashboard.wrong).toEqual([]);
});
