import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CborMap } from '../../../src/cbor/index.js';
import { RawClient } from '../../cbor-rpc/client.js';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';

let daemon: RunningDaemon;
beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(() => daemon.stop());

it.runIf(process.env.EXPECTED_NODE)('the daemon runs on the Node that was asked for', async () => {
  const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
  expect(metrics).toMatch(/^# HELP nodejs_version_info/m);
  expect(/nodejs_version_info\{version="([^"]+)"/.exec(metrics)![1]).toBe(process.env.EXPECTED_NODE);
});

it('a unit goes in by one door, and out by both', async () => {
  const spec = `http://127.0.0.1:${daemon.httpPort}/namespace/-/work_spec`;
  const post = async (url: string, body: unknown): Promise<number> =>
    (
      await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).status;
  expect(await post(spec, { data: { name: 's' } })).toBe(201);
  expect(await post(`${spec}/s/work_unit`, { name: 'u', data: { page: 1 } })).toBe(201);
  const client = await RawClient.connect(daemon.rpcPort);
  expect(JSON.stringify(await client.call('get_work', 'w', {}))).toContain('"u"');
  expect(await client.call('update_work_unit', 's', 'u', { status: 4, worker_id: 'w' })).toEqual([true, null]);
  const unit = (await (await fetch(`${spec}/s/work_unit/u`)).json()) as { status: string };
  expect(unit.status).toBe('finished');
  const [counts] = (await client.call('count_work_units', 's')) as [CborMap];
  expect(counts.entries).toEqual([[4, 1]]);
  client.destroy();
});

it('the documentation is served', async () => {
  const document = (await (await fetch(`http://127.0.0.1:${daemon.httpPort}/openapi.json`)).json()) as {
    openapi: string;
  };
  expect(document.openapi).toMatch(/^3\./);
  expect((await fetch(`http://127.0.0.1:${daemon.httpPort}/docs/`)).status).toBe(200);
});
