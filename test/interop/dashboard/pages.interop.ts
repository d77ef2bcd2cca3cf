import { pathPart } from 'coordinate-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { startAsking } from './asking.js';
import { findings, type Rules, withAxe } from './axe.js';
import { type Dashboard, openDashboard, settled } from './browser.js';
import { type Example, seeded } from './example.js';

/** Widths at which pages are looked at, and what axe looks for there in which themes: on a wall there is what there is on a desk. */
const LOOKS: readonly {
  readonly size: { readonly width: number; readonly height: number };
  readonly themes: readonly (readonly [theme: 'light' | 'dark', rules: Rules])[];
}[] = [
  {
    size: { width: 360, height: 780 },
    themes: [
      ['light', 'all'],
      ['dark', 'of colours'],
    ],
  },
  {
    size: { width: 1280, height: 800 },
    themes: [
      ['dark', 'of colours'],
      ['light', 'all'],
    ],
  },
  { size: { width: 3840, height: 2160 }, themes: [] },
];

const A_UNIT = `n/photos/units/archive/${pathPart('archive/2026/00/000000.jpg')}`;

/** Addresses of pages after /ui/, and what is pressed there before it is looked at. */
const PAGES: readonly (readonly [name: string, path: string, press?: string])[] = [
  ['namespaces', 'namespaces'],
  ['the overview', 'n/photos'],
  ['an empty namespace', 'n/empty'],
  ['a work spec', 'n/photos/spec/send-mail'],
  ['a work spec that is not there', 'n/photos/spec/nothing'],
  ['work specs whose units there are', 'n/photos/units'],
  ['units', 'n/photos/units/fetch'],
  ['units that failed', 'n/photos/units/send-mail?status=failed'],
  ['no units', 'n/photos/units/translate-captions'],
  ['units that are selected', 'n/photos/units/archive', '.table-row input'],
  ['a unit that failed', 'n/photos/units/send-mail?status=failed', '.table-row a'],
  ['a unit', A_UNIT],
  ['workers', 'n/photos/workers'],
  ['a worker', 'n/photos/workers/batch-fetch'],
  ['the schedule', 'n/photos/schedule'],
  ['the daemon', 'daemon'],
  ['nothing', 'what-is-not-there'],
  ['the palette', 'n/photos', 'button[aria-label="Find (p)"]'],
  ['who one is', 'n/photos', 'button[popovertarget=settings]'],
  ['a definition that is edited', 'n/photos/spec/resize', 'button:text("Edit")'],
  ['a question', 'n/photos/spec/archive', 'button[aria-label="Delete the work spec"]'],
  ['units that are added', 'n/photos/units/archive', 'button:text("Add units")'],
  ['a unit that is edited', A_UNIT, 'button:text("Edit")'],
];

let daemon: RunningDaemon;
let example: Example;
let dashboard: Dashboard;
let url: string;

beforeAll(async () => {
  daemon = await startDaemon(['-cborrpc', 'off', '-log-level', 'warn']);
  url = `http://127.0.0.1:${daemon.httpPort}`;
  example = await seeded(url);
  dashboard = await openDashboard();
  await withAxe(dashboard.page);
});

afterAll(async () => {
  await dashboard?.close();
  await example?.stop();
  await daemon?.stop();
});

/** What is wrong with what the page shows, at each width and in each theme. */
async function faults(): Promise<string[]> {
  const { page } = dashboard;
  const found: string[] = [];
  for (const { size, themes } of LOOKS) {
    await page.setViewportSize(size);
    await settled(page);
    for (const [colorScheme, rules] of themes) {
      await page.emulateMedia({ colorScheme });
      await settled(page);
      const as = `${size.width} px, ${colorScheme}`;
      found.push(...(await findings(page, rules)).map((finding) => `${as}: ${finding}`));
    }
    const across = (await page.evaluate('document.documentElement.scrollWidth')) as number;
    if (across > size.width) found.push(`${size.width} px: it is ${across} px across`);
  }
  return found;
}

describe('each page, in both themes, on a telephone, a desk and a wall', () => {
  it.each(PAGES)('%s: axe finds nothing, nothing is cut off', async (_, path, press) => {
    const { page, wrong } = dashboard;
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${url}/ui/${path}`);
    await settled(page);
    if (press !== undefined) await page.locator(press).first().click();
    expect(await faults()).toEqual([]);
    expect(wrong.splice(0)).toEqual([]);
  });

  it('signing in', async () => {
    const asking = await startAsking({ reader: '{photos: [read]}' });
    try {
      await dashboard.page.goto(`${asking.url}/ui/`);
      await dashboard.page.locator('input[type=password]').waitFor();
      expect(await faults()).toEqual([]);
    } finally {
      await asking.stop();
    }
  });
});
