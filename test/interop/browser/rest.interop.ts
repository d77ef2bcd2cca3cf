import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { outcomesAfterRebinding, outcomesOf } from './browser.js';

const page = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');
const REST_PAGE = page('rest-page.html');
const REBOUND_PAGE = page('rebound-page.html');

const urlOf = ({ httpPort }: RunningDaemon): string => `http://127.0.0.1:${httpPort}`;

/** What is there, and how many requests were answered with a status. */
async function look(daemon: RunningDaemon): Promise<{ names: string[]; answered: (status: number) => number }> {
  const list = (await (await fetch(`${urlOf(daemon)}/namespace`)).json()) as { namespaces: { name: string }[] };
  const metrics = await (await fetch(`${urlOf(daemon)}/metrics`)).text();
  const answered = (status: number): number => {
    const counts = metrics.matchAll(
      new RegExp(`^coordinate_http_seconds_count{[^}]*status="${status}"[^}]*} (\\d+)`, 'gm'),
    );
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  return { names: list.namespaces.map(({ name }) => name), answered };
}

async function keep(daemon: RunningDaemon): Promise<void> {
  expect((await fetch(`${urlOf(daemon)}/namespace/kept`)).status).toBe(200);
}

it.each([
  ['another site', 'localhost'],
  ['another port of the same machine', '127.0.0.1'],
])('a page of %s changes nothing on a daemon beside the browser', async (_, host) => {
  const daemon = await startDaemon([]);
  try {
    await keep(daemon);
    const outcomes = await outcomesOf(() => REST_PAGE.replace('DAEMON', urlOf(daemon)), { host });
    expect(outcomes).toEqual([
      ...['JSON failed', 'PUT failed', 'DELETE failed'],
      ...['text was sent', 'no type was sent', 'no body was sent', 'GET was sent', 'HEAD was sent', 'to read failed'],
      ...['beacon was tried', 'image was tried', 'script was tried', 'frame was tried', 'style was tried'],
      ...['form of text was tried', 'form was tried', 'form with a file was tried', 'form that gets was tried'],
      ...['WebSocket failed', 'popup was tried'],
    ]);
    const { names, answered } = await look(daemon);
    expect(names).toEqual(['kept']);
    // The browser did knock: with what it sends quietly, forms, what a page shows, and the WebSocket.
    expect(answered(403)).toBeGreaterThanOrEqual(10);
  } finally {
    await daemon.stop();
  }
});

it('a page of -cors-origin is let in by the same requests', async () => {
  let daemon: RunningDaemon | undefined;
  try {
    await outcomesOf(() => REST_PAGE.replace('DAEMON', urlOf(daemon!)), {
      onListening: async (port) => {
        daemon = await startDaemon(['-cors-origin', `http://127.0.0.1:${port}`]);
      },
    });
    expect((await look(daemon!)).names).toEqual(['evil']);
  } finally {
    await daemon?.stop();
  }
});

it('a page whose own name leads to the daemon after it was loaded changes and reads nothing', async () => {
  const daemon = await startDaemon(['-trusted-proxies', '127.0.0.1']);
  try {
    await keep(daemon);
    const outcomes = await outcomesAfterRebinding(
      (port) => REBOUND_PAGE.replace('OUTCOMES', String(port)),
      daemon.httpPort,
    );
    const tried = ['read', 'make by looking', 'make', 'make with a token', 'make as a proxy', 'delete', 'docs'];
    expect(outcomes).toEqual(tried.map((what) => `${what} 421 true`));
    expect((await look(daemon)).names).toEqual(['kept']);
  } finally {
    await daemon.stop();
  }
});
