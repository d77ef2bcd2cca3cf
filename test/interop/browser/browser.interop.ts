import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { RawClient, request } from '../../cbor-rpc/client.js';
import { startDaemon } from '../../support/daemon.js';

const PAGE = readFileSync(join(import.meta.dirname, 'page.html'), 'utf8');

/** What the page wants the daemon to do, between ends of lines so that it is apart from the head of the HTTP request. */
const SMUGGLED = Buffer.concat([request(1, 'set_work_spec', [{ name: 'smuggled' }]), Buffer.from('\r\n')]);

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  ...['--disable-sync', '--disable-quic', '--remote-debugging-port=0'],
];

/** Shows the page in a browser. @returns what it says in the end */
async function outcomesOf(page: string): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), 'coordinate-browser-'));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const outcomes = new Promise<unknown>((resolve, reject) => {
    server.on('request', (request, response) => {
      response.setHeader('content-type', 'text/html').end(page);
      if (request.method === 'POST') void json(request).then(resolve, reject);
    });
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const flags = [...FLAGS, `--user-data-dir=${profile}`, url];
  const browser = spawn(process.env.CHROMIUM ?? 'chromium', flags, { stdio: 'ignore' });
  const ended = once(browser, 'exit');
  try {
    return await Promise.race([outcomes, ended.then(() => 'the browser ended')]);
  } finally {
    browser.kill();
    await ended;
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

it('a page in a browser cannot drive the daemon on the same machine', async () => {
  const daemon = await startDaemon([]);
  try {
    const page = PAGE.replace('PORT', String(daemon.rpcPort)).replace('MESSAGE', SMUGGLED.toString('base64'));
    expect(await outcomesOf(page)).toEqual([
      ...['GET failed', 'HEAD failed', 'POST failed', 'PUT failed', 'DELETE failed', 'OPTIONS failed', 'PATCH failed'],
      ...['simple POST failed', 'https failed', 'WebSocket failed', 'secure WebSocket failed'],
    ]);
    // The browser did knock.
    const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
    expect(Number(/^coordinate_rpc_protocol_errors_total (\d+)/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual(11);
    const client = await RawClient.connect(daemon.rpcPort);
    expect(await client.call('list_work_specs', {})).toEqual([[], null]);
    client.destroy();
  } finally {
    await daemon.stop();
  }
});
