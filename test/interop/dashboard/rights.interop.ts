import type { Coordinate } from 'coordinate-client';
import { connect } from 'coordinate-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTS, type Act, button } from './acts.js';
import { type AskingDaemon, startAsking } from './asking.js';
import type { PageRequest } from '../playwright.js';
import { type Dashboard, openDashboard, settled } from './browser.js';

const RIGHTS = ['read', 'submit', 'work', 'define', 'admin'] as const;
type Right = (typeof RIGHTS)[number];

let daemon: AskingDaemon<Right | 'all'>;
let all: Coordinate;
let dashboard: Dashboard;
const specOf = (act: Act): string => `s${String(ACTS.indexOf(act)).padStart(2, '0')}`;

beforeAll(async () => {
  const one = (right: Right): [Right, string] => [right, `{shop: [${right}]}`];
  const callers = Object.fromEntries(RIGHTS.map(one)) as Record<Right, string>;
  daemon = await startAsking({ ...callers, all: '{shop: [submit, work, define, admin]}' });
  all = connect(daemon.url, { namespace: 'shop', token: daemon.tokens.all });
  for (const act of ACTS) await prepare(act);
  dashboard = await openDashboard();
});

afterAll(async () => {
  await dashboard?.close();
  await daemon?.stop();
});

/** A work spec with a unit that failed, one that a worker holds, one that waits for its time, and one for whoever asks. */
async function prepare(act: Act): Promise<void> {
  const name = specOf(act);
  const spec = all.spec(name);
  await spec.set({ weight: 20, ...(act.definition ?? { flow: { schedule: '0 3 1 1 *' } }) });
  const worker = all.worker('w');
  await spec.add([{ name: 'bad' }]);
  const [bad] = await worker.claim({ specs: [name] });
  await worker.finish([{ attempt: bad, outcome: 'failed', data: { traceback: 'ValueError: bad' } }]);
  await spec.add([{ name: 'held' }]);
  await worker.claim({ specs: [name], lease: '1h' });
  await spec.add([{ name: 'free' }, { name: 'later', delay: '1h' }]);
  await act.before?.(all, name);
}

/** The acts by the pages that offer them, which all work specs have alike. */
const PAGES = [...new Set(ACTS.map(({ at }) => at('')))].map((page) => ACTS.filter(({ at }) => at('') === page));

async function signIn(caller: Right | 'all'): Promise<void> {
  const { browser, page } = dashboard;
  await browser.clearCookies();
  await page.goto(`${daemon.url}/ui/n/shop`);
  await page.fill('input[type=password]', daemon.tokens[caller]);
  await page.click('button[type=submit]');
  await page.locator('.top').waitFor();
}

async function open(act: Act): Promise<void> {
  await dashboard.page.goto(`${daemon.url}/ui/n/shop/${act.at(specOf(act))}`);
  await settled(dashboard.page);
  // What one may do is known a little later than what there is.
  await dashboard.page.waitForTimeout(300);
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
  readonly type: string | undefined;
}

/** What the page sends that would change something, while somebody does an act. */
async function sentBy(doing: () => Promise<void>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const note = (request: PageRequest): void => {
    if (request.method() === 'GET') return;
    const { pathname, search } = new URL(request.url());
    sent.push({
      method: request.method(),
      path: pathname + search,
      body: request.postData(),
      type: request.headers()['content-type'],
    });
  };
  dashboard.page.on('request', note);
  await doing();
  dashboard.page.off('request', note);
  return sent;
}

/** The status that somebody gets who sends the same. */
async function statusFor(right: Right, { method, path, body, type }: Sent): Promise<number> {
  const headers = { authorization: `Bearer ${daemon.tokens[right]}`, ...(type && { 'content-type': type }) };
  return (await fetch(daemon.url + path, { method, headers, body })).status;
}

/** What each act sent when it was done. */
const done = new Map<Act, Sent[]>();

describe('what one may not do', () => {
  it.each(RIGHTS)('is not offered to whoever has the right to %s alone, and the rest is', async (right) => {
    await signIn(right);
    const offered: Act[] = [];
    for (const acts of PAGES) {
      await open(acts[0]);
      for (const act of acts) {
        if ((await dashboard.page.locator(act.offer(specOf(act))).count()) > 0) offered.push(act);
      }
    }
    const what = ACTS.filter((act) => offered.includes(act)).map((act) => act.what);
    expect(what).toEqual(ACTS.filter(({ needs }) => needs === right).map((act) => act.what));
    expect(dashboard.wrong.splice(0)).toEqual([]);
  });
});

describe('each act is done by whoever has the right to it', () => {
  it.each(['submit', 'define', 'admin'] as const)('and no other: %s', async (right) => {
    await signIn(right);
    for (const act of ACTS.filter(({ needs }) => needs === right)) {
      const spec = specOf(act);
      await open(act);
      const sent = await sentBy(async () => {
        await dashboard.page.locator(act.offer(spec)).first().click();
        await act.then?.(dashboard.page);
        await expect.poll(() => act.outcome(all, spec), { message: act.what, timeout: 20_000 }).toEqual(act.gives);
        await dashboard.page.locator('.toast.done').first().waitFor();
      });
      expect(sent.length, act.what).toBeGreaterThan(0);
      expect(await dashboard.page.locator('.toast.error').allInnerTexts(), act.what).toEqual([]);
      done.set(act, sent);
    }
    expect(dashboard.wrong.splice(0)).toEqual([]);
  });

  it('and the daemon refuses what the page does not offer', () => {
    const tries = [...done].flatMap(([act, sent]) =>
      RIGHTS.filter((right) => right !== act.needs).flatMap((right) =>
        sent.map(async (one) => `${act.what} by ${right}: ${await statusFor(right, one)}`),
      ),
    );
    const refused = [...done].flatMap(([act, sent]) =>
      RIGHTS.filter((right) => right !== act.needs).flatMap((right) => sent.map(() => `${act.what} by ${right}: 403`)),
    );
    return expect(Promise.all(tries)).resolves.toEqual(refused);
  });
});

describe('what is done', () => {
  const NAME = 'undone';
  const undo = async (): Promise<void> => {
    await dashboard.page.locator('.toast.done button:text-is("Undo")').click();
    await dashboard.page.locator('.toast.done:has-text("Undone")').waitFor();
  };

  beforeAll(async () => {
    const spec = all.spec(NAME);
    await spec.set({});
    await spec.add([{ name: 'one', priority: 3 }, { name: 'two' }]);
    await signIn('all');
  });

  it('is undone where there is a way back: pausing, and priorities', async () => {
    const { page } = dashboard;
    await page.goto(`${daemon.url}/ui/n/shop/spec/${NAME}`);
    await page.locator(button('Pause')).click();
    await expect.poll(async () => (await all.spec(NAME).meta()).paused, { timeout: 20_000 }).toBe(true);
    await undo();
    expect((await all.spec(NAME).meta()).paused).toBe(false);

    await page.goto(`${daemon.url}/ui/n/shop/units/${NAME}`);
    await settled(page);
    await page.click('.table-head input[type=checkbox]');
    await page.click('.selection button:text-is("Priority")');
    await page.click('dialog .dialog-foot button.main');
    const priorities = async (): Promise<number[]> =>
      Promise.all(['one', 'two'].map(async (unit) => (await all.spec(NAME).unit(unit).get()).priority));
    await expect.poll(priorities, { timeout: 20_000 }).toEqual([10, 10]);
    await undo();
    expect(await priorities()).toEqual([3, 0]);
  });

  it('with a file of units is told while it goes on, and says which line is wrong', async () => {
    const { page } = dashboard;
    const add = async (text: string): Promise<void> => {
      await page.goto(`${daemon.url}/ui/n/shop/units/${NAME}`);
      await page.locator(button('Add units')).click();
      const file = { name: 'units.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(text) };
      await page.locator('dialog input[type=file]').setInputFiles(file);
      await page.locator('dialog progress, dialog p:has-text("units.jsonl")').first().waitFor();
      await page.click('dialog .dialog-foot button.main');
    };
    const lines = Array.from({ length: 5_000 }, (_, at) => JSON.stringify({ name: `line-${at}`, data: { at } }));
    await add(lines.join('\n'));
    await page.locator('.toast.done:has-text("5,000 units added")').waitFor();
    expect((await all.spec(NAME).unit('line-4999').get()).data).toEqual({ at: 4_999 });

    await add('{"name": "good"}\n{"name": ');
    await page.locator('dialog [role=alert]:has-text("2")').waitFor();
    expect(dashboard.wrong).toEqual([]);
  });
});
