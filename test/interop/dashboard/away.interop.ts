import { connect } from 'coordinate-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Dashboard, openDashboard, settled } from './browser.js';

let database: TestDatabase;
let daemons: RunningDaemon[] = [];
let dashboard: Dashboard;

const start = (http: string): Promise<RunningDaemon> =>
  startDaemon(['-backend', database.url, '-cborrpc', 'off', '-log-level', 'warn', '-http', http]);

beforeAll(async () => {
  database = await createDatabase();
  daemons = [await start('127.0.0.1:0'), await start('127.0.0.1:0')];
  dashboard = await openDashboard();
});

afterAll(async () => {
  await dashboard?.close();
  for (const daemon of daemons) await daemon.kill();
  await database?.drop();
});

it('a page whose daemon is killed says so, keeps what it shows, and goes on by itself; a page of the other one notices nothing', async () => {
  const [first, second] = daemons.map(({ httpPort }) => `http://127.0.0.1:${httpPort}`);
  const spec = connect(second, { namespace: 'shop' }).spec('mail');
  await spec.set({});
  await spec.add([{ name: 'one' }]);
  const { browser, page } = dashboard;
  const other = await browser.newPage();
  for (const [shown, url] of [
    [page, first],
    [other, second],
  ] as const) {
    await shown.goto(`${url}/ui/n/shop/units/mail`);
    await settled(shown);
  }
  const banner = 'text=The daemon does not answer since';

  await daemons[0].kill();
  await page.locator(banner).waitFor({ timeout: 60_000 });
  expect(await page.locator('main.is-away').count()).toBe(1);
  expect(await page.locator('.table-row').allInnerTexts()).toEqual([expect.stringContaining('one')]);
  expect(await other.locator(banner).count()).toBe(0);

  // While the page is without its daemon, work goes on.
  await spec.add([{ name: 'two' }]);
  daemons[0] = await start(new URL(first).host);
  await page.locator(banner).waitFor({ state: 'hidden', timeout: 60_000 });
  expect(await page.locator('main.is-away').count()).toBe(0);
  await page.locator('.chip:has-text("available") .chip-count:text-is("2")').waitFor({ timeout: 60_000 });
  expect(await other.locator(banner).count()).toBe(0);
});

it('the page of the daemon lists all that work on the database, and says which of them is gone', async () => {
  const { page } = dashboard;
  const killed = await start('127.0.0.1:0');
  await killed.kill();
  // As if that had been two minutes ago.
  await database.query('UPDATE coordinate.daemon SET seen = seen - 120000000 WHERE pid = $1', [killed.pid]);
  await page.goto(`http://127.0.0.1:${daemons[1].httpPort}/ui/daemon`);
  const stateOf = (pid: number) => page.locator(`[aria-label="Daemons"] .table-row:has-text(", ${pid}") .badge`);
  await stateOf(killed.pid).locator('text=gone').waitFor({ timeout: 60_000 });
  for (const { pid } of daemons) expect(await stateOf(pid).allInnerTexts()).toEqual(['alive']);
});
