import { get, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { WorkerEventHub } from '../../src/live/events/rest/worker-event-hub.js';
import { RestApp } from './app.js';

const NS = '/namespace/n';
let rest: RestApp;
const open: IncomingMessage[] = [];
beforeAll(async () => {
  rest = await RestApp.start();
  await rest.post(`${NS}/work_spec`, { data: { name: 's' } });
});
afterEach(() => open.splice(0).forEach((response) => response.destroy()));
afterAll(() => rest.stop());

/** What a worker is told, one event after another. */
async function listen(worker: string): Promise<AsyncGenerator<Record<string, unknown>, void>> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { host: '127.0.0.1', port: rest.port, path: `${NS}/worker/${worker}/events`, agent: false };
    get(options, resolve).on('error', reject);
  });
  open.push(response);
  return (async function* () {
    let text = '';
    for await (const chunk of response) {
      text += String(chunk);
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const [event, , data] = block.split('\n').map((line) => line.split(/: (.*)/s)[1]);
        if (data !== undefined) yield { event, ...(JSON.parse(data) as object) };
      }
    }
  })();
}

async function claim(worker: string, ...units: string[]): Promise<string[]> {
  await rest.post(`${NS}/work_spec/s/add`, { work_units: units.map((name) => ({ name })) });
  const { json } = await rest.post(`${NS}/worker/${worker}/request_attempts`, { number_of_work_units: units.length });
  return (json as { attempts: { url: string }[] }).attempts.map(({ url }) => url);
}

it('a worker is told at once which of its attempts are stopped, and of no other', async () => {
  const told = await listen('w');
  const [a, b] = await claim('w', 'a', 'b');
  const [c] = await claim('other', 'c');
  await rest.post(`${c}/cancel`);
  await rest.post(`${a}/cancel`, { reason: 'x' });
  expect((await told.next()).value).toMatchObject({
    event: 'cancelled',
    url: a,
    work_spec: 's',
    work_unit: 'a',
    status: 'failed',
  });
  await rest.post(`${NS}/work_spec/s/cancel?worker=w`, { release: true });
  expect((await told.next()).value).toMatchObject({ event: 'cancelled', url: b, status: 'retryable' });
});

it('one that comes later is told of what was stopped lately', async () => {
  const [url] = await claim('late', 'd');
  await rest.post(`${url}/cancel`);
  const told = await listen('late');
  expect((await told.next()).value).toMatchObject({ url, time: expect.any(String) as string });
});

it('it is over at once when the daemon ends', async () => {
  const told = await listen('w2');
  rest.app.get(WorkerEventHub, { strict: false }).end();
  expect((await told.next()).done).toBe(true);
});
