import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RestApp } from './app.js';

const SPECS = '/namespace/n/work_spec';

interface Warned {
  warnings?: { key: string; reason: string }[];
}

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());
beforeEach(() => rest.delete('/namespace/n'));

const set = async (data: unknown): Promise<Warned['warnings']> => {
  const { status, json } = await rest.post(SPECS, { data });
  expect(status).toBe(201);
  return (json as Warned).warnings;
};
const request = async (body: unknown, worker = '/namespace/n/worker/w') =>
  (await rest.post(`${worker}/request_attempts`, body)).json as Warned & { attempts: unknown[] };

describe('a definition', () => {
  it('that is as it should be has no warnings', async () => {
    const full = {
      weight: 3,
      nice: -2,
      disabled: false,
      continuous: 'x',
      min_gb: 0.5,
      interval: '2.5',
      max_running: null,
    };
    expect(
      await set({ name: 's', ...full, continuous: true, max_getwork: '7', max_retries: 0, priority: -1 }),
    ).toBeUndefined();
    expect(
      await set({ name: 's', module: 'm', run_function: 'f', config: {}, desc: 'd', max_gb: 9, url: 'x' }),
    ).toBeUndefined();
  });

  it.each([
    ['weight', 'heavy', 'must be a number, and is ignored'],
    ['max_running', [3], 'must be a number, and is ignored'],
    ['disabled', 'yes', 'must be true or false, and is ignored'],
    ['then', 7, 'must be a string, and is ignored'],
    ['max_running', -1, 'is below 0, which counts as no limit'],
    ['max_retries', '-3', 'is below 0, which counts as no limit'],
    ['interval', -0.5, 'is below 0, which counts as 0'],
    ['weight', -5, 'is below 0, which counts as 1'],
    ['max_runing', 3, 'is no control value and is kept for the workers only, did you mean max_running?'],
    ['maxRetries', 3, 'is no control value and is kept for the workers only, did you mean max_retries?'],
    ['prioritiy', 3, 'is no control value and is kept for the workers only, did you mean priority?'],
    ['then', 'nowhere', 'names a work spec that this namespace does not have (yet)'],
  ])('%s: %j', async (key, value, reason) => {
    expect(await set({ name: 's', [key]: value })).toEqual([{ key, reason }]);
    // It is accepted and kept as ever.
    expect((await rest.get(`${SPECS}/s`)).json).toMatchObject({ data: { name: 's', [key]: value } });
  });

  it('hears of all its keys at once, in PUT by a header', async () => {
    const data = { name: 's', priorty: 1, weight: 'é☃', 'nam\u00e9': 2 };
    const warnings = await set(data);
    expect(warnings?.map(({ key }) => key)).toEqual(['priorty', 'weight']);
    const { status, headers, text } = await rest.put(`${SPECS}/s`, { data });
    expect([status, text]).toEqual([204, '']);
    expect(JSON.parse(headers['coordinate-warnings'] as string)).toEqual(warnings);
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`Weigh${String.fromCharCode(0x4e00 + i)}`, i]),
    );
    const header = (await rest.put(`${SPECS}/s`, { data: { name: 's', ...many } })).headers['coordinate-warnings'];
    expect(header!.length).toBeLessThanOrEqual(4096);
    expect(JSON.parse(header as string)).toContainEqual(expect.objectContaining({ key: 'Weigh一' }));
    expect((await rest.put(`${SPECS}/s`, { data: { name: 's' } })).headers).not.toHaveProperty('coordinate-warnings');
  });

  it('may go on to a work spec that is there, itself included', async () => {
    await set({ name: 'next' });
    expect(await set({ name: 's', then: 'next' })).toBeUndefined();
    expect(await set({ name: 's', then: 's' })).toBeUndefined();
  });

  it('is told of a runtime that nobody works in', async () => {
    const reason = 'is one that nobody has asked this daemon for work of since it started';
    expect(await set({ name: 's', runtime: 'pyton_3' })).toEqual([{ key: 'runtime', reason }]);
    await request({ runtimes: ['python_3'] });
    expect(await set({ name: 's', runtime: 'python_3' })).toBeUndefined();
    expect(await set({ name: 's', runtime: 'pyton_3' })).toEqual([
      { key: 'runtime', reason: `${reason}, did you mean python_3?` },
    ]);
    await request({});
    expect(await set({ name: 's', runtime: 'pyton_3' })).toBeUndefined();
  });
});

describe('asking for work', () => {
  it('in a namespace that is not there makes none, and no worker', async () => {
    for (const body of [{}, { work_specs: ['s'] }]) {
      expect(await request(body, '/namespace/none/worker/w')).toEqual({
        attempts: [],
        warnings: [{ key: 'namespace', reason: 'does not exist, so that there is no work in it' }],
      });
    }
    expect(JSON.stringify((await rest.get('/namespace')).json)).not.toContain('"none"');
  });

  it('of work specs that are not there says which', async () => {
    await set({ name: 's' });
    const missing = (name: string) => ({
      key: 'work_specs',
      reason: `has "${name}", which this namespace does not have`,
    });
    expect(await request({ work_specs: ['s'] })).toEqual({ attempts: [] });
    expect(await request({ work_specs: ['t', 's', 'u', 't'] })).toEqual({
      attempts: [],
      warnings: [missing('t'), missing('u')],
    });
    await rest.post(`${SPECS}/s/work_unit`, { name: 'a' });
    const claim = await request({ work_specs: ['t', 's'] });
    expect([claim.attempts.length, claim.warnings]).toEqual([1, [missing('t')]]);
  });
});

describe('a duration', () => {
  const reason = 'is in nanoseconds (a second is 1000000000) and must be 0 or at least 1000000';

  it.each([
    ['request_attempts', { lifetime: 60 }, 'lifetime'],
    ['request_attempts', { lifetime: 999_999 }, 'lifetime'],
    ['make_attempt', { work_spec: 's', work_unit: 'a', lifetime: 1 }, 'lifetime'],
    ['finish_attempts', { attempts: [{ url: 'x', outcome: 'retryable', delay: 30 }] }, 'attempts[0].delay'],
  ])('of less than a millisecond is refused: %s %j', async (action, body, field) => {
    await set({ name: 's' });
    await rest.post(`${SPECS}/s/work_unit`, { name: 'a' });
    const { status, json } = await rest.post(`/namespace/n/worker/w/${action}`, body);
    expect([status, json]).toMatchObject([400, { details: [{ field, reason }] }]);
    expect((await rest.get(`${SPECS}/s/counts`)).json).toEqual({ available: 1 });
  });

  it('of an attempt too, but not one of exactly a millisecond, zero or less', async () => {
    await set({ name: 's' });
    await rest.post(`${SPECS}/s/work_unit`, { name: 'a' });
    const [{ url }] = (await request({ lifetime: 60_000_000_000 })).attempts as { url: string }[];
    for (const [action, body, field] of [
      ['renew', { extend_duration: 900 }, 'extend_duration'],
      ['retry', { delay: 15 }, 'delay'],
    ] as const) {
      const { status, json } = await rest.post(`${url}/${action}`, body);
      expect([status, json]).toMatchObject([400, { details: [{ field, reason }] }]);
    }
    expect((await rest.post(`${url}/renew`, { extend_duration: 1_000_000 })).status).toBe(204);
    expect((await rest.post(`${url}/renew`, { extend_duration: -1 })).status).toBe(204);
  });
});
