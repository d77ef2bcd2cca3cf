import { connect, pathPart } from 'coordinate-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { type Dashboard, openDashboard, settled } from './browser.js';

/** Names that do harm where they are more than text, and how they are shown. */
const NAMES: readonly (readonly [name: string, shown: string])[] = [
  ['<script>ran()</script>', '<script>ran()</script>'],
  ['<img src=x onerror=ran()>', '<img src=x onerror=ran()>'],
  ['"onmouseover=ran() x="', '"onmouseover=ran() x="'],
  ['javascript:ran()', 'javascript:ran()'],
  ['\u202egnp.exe', '\\u{202e}gnp.exe'],
  ['a\u200bb', 'a\\u{200b}b'],
  ['line\nline', 'line\\u{a}line'],
  ['🏳️‍🌈 flag', '🏳️\\u{200d}🌈 flag'],
  ['../..%2f%00', '../..%2f%00'],
  ['n'.repeat(1024), 'n'.repeat(1024)],
];
const SPECS = [...NAMES.slice(0, 8), ['s'.repeat(200), 's'.repeat(200)]] as const;
const NAMESPACE = '<b>shop</b> \u202e';
const LARGE_BYTES = 10 * 2 ** 20;

let daemon: RunningDaemon;
let dashboard: Dashboard;
let ui: string;

beforeAll(async () => {
  daemon = await startDaemon(['-cborrpc', 'off', '-log-level', 'warn']);
  const url = `http://127.0.0.1:${daemon.httpPort}`;
  ui = `${url}/ui/`;
  const coordinate = connect(url, { namespace: NAMESPACE, timeout: '2m' });
  for (const [name] of SPECS) await coordinate.spec(name).set({});
  const units = coordinate.spec(NAMES[0][0]);
  const worker = coordinate.worker(NAMES[1][0]);
  await units.add(NAMES.map(([name]) => ({ name, data: Object.fromEntries(NAMES.map(([key]) => [key, key])) })));
  const attempts = await worker.claim({ units: NAMES.length, specs: [NAMES[0][0]] });
  await worker.finish(
    attempts.map((attempt, at) => ({
      attempt,
      outcome: 'failed' as const,
      data: { traceback: `Error: ${NAMES[at][0]}` },
    })),
  );
  await units.add([{ name: 'large', data: { text: 'x'.repeat(LARGE_BYTES) } }]);
  dashboard = await openDashboard();
  await dashboard.page.addInitScript({ content: 'window.ran = () => { window.hasRun = true; };' });
});

afterAll(async () => {
  await dashboard?.close();
  await daemon?.stop();
});

const namespacePart = pathPart(NAMESPACE);
const specPart = pathPart(NAMES[0][0]);

/** Opens a page as telephones show it. @returns what is on it, as text */
async function textOf(path: string): Promise<string> {
  const { page, wrong } = dashboard;
  await page.setViewportSize({ width: 360, height: 780 });
  await page.goto(ui + path);
  await settled(page);
  await page.waitForTimeout(300);
  expect(await page.evaluate('window.hasRun === true')).toBe(false);
  // Nothing of a name has become part of the page.
  const made =
    '[...document.querySelectorAll(\'body script, img, b, [onerror], [onmouseover], a[href^="javascript" i]\')].length';
  expect(await page.evaluate(`${made} - document.querySelectorAll('body > script').length`)).toBe(0);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  expect(wrong.splice(0)).toEqual([]);
  return (await page.evaluate('document.body.textContent')) as string;
}

describe('names and data that are no friends are text', () => {
  it('on the overview, and where all namespaces are', async () => {
    const text = await textOf(`n/${namespacePart}`);
    for (const [, shown] of SPECS) expect(text).toContain(shown);
    expect(await textOf('namespaces')).toContain('<b>shop</b> \\u{202e}');
  });

  it('on the page of a work spec, with causes of failures', async () => {
    const text = await textOf(`n/${namespacePart}/spec/${specPart}`);
    expect(text).toContain(NAMES[0][1]);
    expect(text).toContain('Error: ');
  });

  it('in lists of units and of workers', async () => {
    const text = await textOf(`n/${namespacePart}/units/${specPart}`);
    for (const [, shown] of NAMES) expect(text).toContain(shown);
    expect(await textOf(`n/${namespacePart}/workers?all=true`)).toContain(NAMES[1][1]);
  });

  it.each(NAMES)('on the page of the unit %s', async (name, shown) => {
    const text = await textOf(`n/${namespacePart}/units/${specPart}/${pathPart(name)}`);
    expect(text).toContain(shown);
    expect(text).toContain('Error: ');
  });

  it('and 10 MB of data do not hold the page up', async () => {
    const text = await textOf(`n/${namespacePart}/units/${specPart}/large`);
    expect(text).toContain('xxx');
    expect(text.length).toBeLessThan(LARGE_BYTES / 10);
  });
});
