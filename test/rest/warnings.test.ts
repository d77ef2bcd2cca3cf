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

it('asking for work warns of fields that are mistyped', async () => {
  await set({ name: 's' });
  expect((await request({ work_spec: ['s'], lifetim: 1, worker: 'w' })).warnings).toEqual([
    { key: 'work_spec', reason: 'is ignored, did you mean work_specs?' },
    { key: 'lifetim', reason: 'is ignored, did you mean lifetime?' },
  ]);
});

describe('a work unit', () => {
  const UNITS = `${SPECS}/s/work_unit`;
  beforeEach(() => set({ name: 's' }));
  const inHeader = async (answer: Promise<{ status: number; headers: Record<string, unknown> }>): Promise<unknown> => {
    const { status, headers } = await answer;
    expect(status).toBe(204);
    const text = headers['coordinate-warnings'];
    return text === undefined ? undefined : (JSON.parse(text as string) as unknown);
  };

  it('that is as it should be has none, nor one that is sent back whole', async () => {
    const made = await rest.post(UNITS, { name: 'u', data: {}, meta: { priority: 1, not_before: null } });
    expect(made.json).not.toHaveProperty('warnings');
    const { json } = await rest.get(`${UNITS}/u`);
    expect((await rest.post(UNITS, json as object)).json).not.toHaveProperty('warnings');
    expect(await inHeader(rest.put(`${UNITS}/u`, json as object))).toBeUndefined();
    expect((await rest.post(UNITS, { ...(json as object), meta: '' })).json).not.toHaveProperty('warnings');
  });

  it('is told of keys of meta that mean nothing, and of those that belong there', async () => {
    const delay = 'is no field of meta and is ignored, not_before says from when on it runs';
    const priority = 'is no field of meta and is ignored, did you mean priority?';
    const beside = 'is ignored here, it belongs into meta';
    const made = await rest.post(UNITS, { name: 'u', priority: 3, daat: {}, meta: { delay: 60, priorty: 1, x: 2 } });
    expect([made.status, (made.json as Warned).warnings]).toEqual([
      201,
      [
        { key: 'priority', reason: beside },
        { key: 'daat', reason: 'is ignored, did you mean data?' },
        { key: 'meta.delay', reason: delay },
        { key: 'meta.priorty', reason: priority },
        { key: 'meta.x', reason: 'is no field of meta and is ignored' },
      ],
    ]);
    const many = await rest.post(`${SPECS}/s/add`, { work_units: [{ name: 'a' }, { name: 'b', meta: { delay: 60 } }] });
    expect((many.json as Warned).warnings).toEqual([{ key: 'work_units[1].meta.delay', reason: delay }]);
    const large = Array.from({ length: 3_000 }, (_, i) => ({ name: `u${i}`, meta: { delay: 60 } }));
    expect(((await rest.post(`${SPECS}/s/add`, { work_units: large })).json as Warned).warnings).toHaveLength(100);
    expect(await inHeader(rest.put(`${UNITS}/u`, { meta: { delay: 60 } }))).toEqual([
      { key: 'meta.delay', reason: delay },
    ]);
    for (const action of ['change', 'adjust']) {
      const changed = inHeader(rest.post(`${SPECS}/s/${action}`, { priority: 5, meta: { priorty: 1 } }));
      expect(await changed).toEqual([
        { key: 'priority', reason: beside },
        { key: 'meta.priorty', reason: priority },
      ]);
    }
  });
});

it('the meta of a work spec warns of what means nothing in it, but of nothing that is read there', async () => {
  await set({ name: 's' });
  const { json } = await rest.get(`${SPECS}/s/meta`);
  expect((await rest.put(`${SPECS}/s/meta`, json as object)).headers).not.toHaveProperty('coordinate-warnings');
  const { status, headers } = await rest.put(`${SPECS}/s/meta`, { max_runing: 3, delay: 1 });
  expect([status, JSON.parse(headers['coordinate-warnings'] as string)]).toEqual([
    204,
    [
      { key: 'max_runing', reason: 'is no field of meta and is ignored, did you mean max_running?' },
      { key: 'delay', reason: 'is no field of meta and is ignored' },
    ],
  ]);
});
