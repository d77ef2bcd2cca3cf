import { afterAll, beforeAll, expect, it } from 'vitest';
import { RawClient } from '../cbor-rpc/client.js';
import { type RunningDaemon, runDaemon, startDaemon } from '../support/daemon.js';
import { testFolder } from '../support/files.js';
import { FULL_SIZE, some } from '../support/full-size.js';
import { BROKEN, OBSERVING, TALLY, WANTING } from './written.js';

const { file } = testFolder();
let daemon: RunningDaemon;
beforeAll(async () => {
  daemon = await startDaemon([
    '-plugin',
    file('tally.mjs', TALLY),
    '-plugin',
    file('broken.mjs', BROKEN),
    '-plugin',
    file('ear.mjs', OBSERVING),
  ]);
  for (const name of ['crawl', 'crop', 'sort']) {
    await request('/namespace/n/work_spec', { method: 'POST', body: JSON.stringify({ data: { name } }) });
  }
});
afterAll(() => daemon.stop());

function request(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`http://127.0.0.1:${daemon.httpPort}${path}`, { headers, ...options });
}

it('a plug-in has methods and routes beside those of the daemon, and in its OpenAPI document', async () => {
  const client = await RawClient.connect(daemon.rpcPort);
  await client.call('hello', { namespace: 'n' });
  expect(await client.call('tally', 'cr')).toBe(2);
  client.destroy();
  expect(await (await request('/namespace/n/tally/cr')).json()).toEqual({ count: 2 });
  const document = (await (await request('/openapi.json')).json()) as {
    paths: Record<string, { get: { operationId: string; 'x-right': string } }>;
    tags: { name: string }[];
  };
  expect(document.paths['/namespace/{namespace}/tally/{prefix}'].get).toMatchObject({
    operationId: 'tally',
    'x-right': 'read',
    tags: ['Plug-ins'],
  });
  expect(document.tags.map(({ name }) => name)).toContain('Plug-ins');
});

it('what a plug-in throws hurts that request alone, and is logged with its name', async () => {
  const client = await RawClient.connect(daemon.rpcPort);
  await expect(client.call('broken')).rejects.toThrow('plug-in broken: all fingers are thumbs');
  // The same connection goes on.
  expect(await client.call('tally', '')).toBe(0);
  client.destroy();
  const answer = await request('/namespace/n/broken');
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ error: 'error', message: 'Internal server error' });
  await expect.poll(() => daemon.output().match(/plug-in broken: TypeError: all fingers are thumbs/g)).toHaveLength(2);
  expect((await request('/namespace/n/tally/x')).status).toBe(200);
});

it('an observer hears of what is drained and of what fails, in namespaces too that are made later', async () => {
  const post = (path: string, body: object) =>
    request(`/namespace/later${path}`, { method: 'POST', body: JSON.stringify(body) });
  await post('/work_spec', { data: { name: 's' } });
  await post('/work_spec/s/add', { work_units: [{ name: 'u' }] });
  const claimed = await post('/worker/w/request_attempts', {});
  const { attempts } = (await claimed.json()) as { attempts: { fail_url: string }[] };
  await request(attempts[0].fail_url, { method: 'POST', body: JSON.stringify({ data: { traceback: 'oh' } }) });
  const heard = () => [...daemon.output().matchAll(/heard (\{.*?\})"/g)].map(([, json]) => json.replaceAll('\\"', '"'));
  const url = '/namespace/later/work_spec/s';
  await expect
    .poll(() => heard().map((json) => JSON.parse(json) as object))
    .toEqual(
      expect.arrayContaining([
        expect.objectContaining({ namespace: 'later', type: 'spec', url, name: 's', change: 'made' }),
        expect.objectContaining({ namespace: 'later', type: 'drained', url, name: 's' }),
        expect.objectContaining({
          namespace: 'later',
          type: 'failure',
          work_spec_url: url,
          work_unit: 'u',
          worker: 'w',
        }),
        expect.objectContaining({ namespace: 'later', type: 'failing', url, name: 's', failed: 1, ended: 1 }),
      ]),
    );
  await expect.poll(() => daemon.output()).toContain('plug-in ear: its observer Ear throws: too bad');
});

/** What is given, and what keeps the daemon from starting. */
const REFUSED: readonly (readonly [plugin: () => string, reason: string])[] = [
  [() => file('refused.mjs', 'throw new Error("no\\nluck")'), 'cannot be loaded: no luck'],
  [() => './nowhere.js', 'there is no file /.*/nowhere.js'],
  [() => 'coordinate-nowhere', 'there is no such package in .*, nor beside the daemon'],
  [
    () => file('lacking.mjs', 'import "not-installed-anywhere"'),
    "cannot be loaded: Cannot find package 'not-installed-anywhere' imported from .*",
  ],
  [() => file('empty.mjs', 'export const name = 1;'), 'exports no plug-in: its default export is to be .*'],
  [
    () =>
      file('again.mjs', 'import { definePlugin } from "coordinate-daemon/plugin"; export default definePlugin({});'),
    'its name must be of letters, digits and hyphens',
  ],
];

it.each(some(REFUSED, 1))('a plug-in that cannot be one keeps the daemon from starting: %#', async (make, reason) => {
  const plugin = make();
  const line = new RegExp(`^coordinated: plug-in ${plugin}: ${reason}\n$`);
  expect(await runDaemon(['-plugin', plugin])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(line) as string,
  });
  // The flag may be given often, and check-config says the same.
  const checked = await runDaemon(['check-config', '-plugin', file('tally.mjs', TALLY), '-plugin', plugin]);
  expect(checked).toMatchObject({ code: 1, stderr: expect.stringMatching(line) as string });
});

it.runIf(FULL_SIZE)('one that cannot be put together is named as well', async () => {
  const path = file('wanting.mjs', WANTING);
  const { code, stderr } = await runDaemon(['-plugin', path, '-cborrpc', 'off', '-http', '127.0.0.1:0']);
  expect(code).toBe(1);
  const lines = stderr.split('\n').filter((line) => line.startsWith('coordinated: '));
  expect(lines).toEqual([
    expect.stringMatching(`^coordinated: plug-in ${path}: does not start: Nest can't resolve .*`),
  ]);
});
