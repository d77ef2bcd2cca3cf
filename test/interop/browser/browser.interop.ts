import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RawClient, request } from '../../cbor-rpc/client.js';
import { startDaemon } from '../../support/daemon.js';
import { outcomesOf } from './browser.js';

const PAGE = readFileSync(join(import.meta.dirname, 'page.html'), 'utf8');

/** What the page wants the daemon to do, between ends of lines so that it is apart from the head of the HTTP request. */
const SMUGGLED = Buffer.concat([request(1, 'set_work_spec', [{ name: 'smuggled' }]), Buffer.from('\r\n')]);

it('a page in a browser cannot drive the daemon on the same machine', async () => {
  const daemon = await startDaemon([]);
  try {
    const page = PAGE.replace('PORT', String(daemon.rpcPort)).replace('MESSAGE', SMUGGLED.toString('base64'));
    expect(await outcomesOf(() => page)).toEqual([
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
