import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RestApp } from './app.js';

const SPEC = '/namespace/n/work_spec/s';

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());
beforeEach(async () => {
  await rest.delete('/namespace/n');
  await rest.post('/namespace/n/work_spec', { data: { name: 's', flow: { retry: 3 } } });
  await rest.post(`${SPEC}/add`, { work_units: [{ name: 'a' }] });
});

async function claim(): Promise<string> {
  const { json } = await rest.post('/namespace/n/worker/w/request_attempts', {});
  return (json as { attempts: { url: string }[] }).attempts[0].url;
}
const status = async (): Promise<unknown> =>
  ((await rest.get(`${SPEC}/work_unit/a`)).json as { status: string }).status;

describe('a failure of a unit that is tried again', () => {
  it('leaves it available, and with final failed for good', async () => {
    for (const final of [undefined, false]) {
      expect((await rest.post(`${await claim()}/fail`, { final })).status).toBe(204);
      expect(await status()).toBe('available');
      await rest.post(`${SPEC}/add`, { work_units: [{ name: 'a' }] });
    }
    expect((await rest.post(`${await claim()}/fail`, { final: true })).status).toBe(204);
    expect(await status()).toBe('failed');
  });

  it('is so by the list of a worker as well', async () => {
    const finish = async (more: object) =>
      await rest.post('/namespace/n/worker/w/finish_attempts', {
        attempts: [{ url: await claim(), outcome: 'failed', ...more }],
      });
    await finish({});
    expect(await status()).toBe('available');
    await finish({ final: true });
    expect(await status()).toBe('failed');
  });

  it('is refused where final is no boolean, naming it', async () => {
    const url = await claim();
    const { status: code, json } = await rest.post(`${url}/fail`, { final: 'yes' });
    expect(code).toBe(400);
    expect(JSON.stringify(json)).toContain('final');
    expect(await status()).toBe('pending');
  });
});
