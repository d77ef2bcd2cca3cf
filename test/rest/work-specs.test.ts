import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RestApp } from './app.js';

const LIST = '/namespace/n/work_spec';

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());

const set = (data: unknown) => rest.post(LIST, { data });

describe('work specs', () => {
  it('are made by POST, namespace included, whose body is full of empty links', async () => {
    const { status, json, headers } = await rest.post('/namespace/new/work_spec', {
      url: '',
      name: '',
      data: { name: 'a b', min_gb: 1 },
      work_units_url: '',
      meta: '',
    });
    const url = '/namespace/new/work_spec/-YSBi';
    expect([status, headers.location, json]).toEqual([201, url, { url, name: 'a b' }]);
    const query = '{?name*,status*,previous,limit}';
    expect((await rest.get(url)).json).toEqual({
      url,
      name: 'a b',
      data: { name: 'a b', min_gb: 1 },
      summary_url: `${url}/summary`,
      work_units_url: `${url}/work_unit`,
      work_unit_query_url: `${url}/work_unit${query}`,
      work_unit_url: `${url}/work_unit/{unit}`,
      work_unit_counts_url: `${url}/counts`,
      work_unit_change_url: `${url}/change${query}`,
      work_unit_adjust_url: `${url}/adjust${query}`,
      meta: `${url}/meta{?counts}`,
    });
    expect((await rest.get('/namespace/new/work_spec')).json).toEqual({ work_specs: [{ url, name: 'a b' }] });
  });

  it('are refused without a name that is a string', async () => {
    for (const [data, error] of [
      [{}, 'ErrNoWorkSpecName'],
      [null, 'ErrNoWorkSpecName'],
      [{ name: null }, 'ErrNoWorkSpecName'],
      [{ name: '' }, 'ErrNoWorkSpecName'],
      [{ name: 3 }, 'ErrBadWorkSpecName'],
      [{ name: ['x'] }, 'ErrBadWorkSpecName'],
    ] as const) {
      const { status, json } = await set(data);
      expect([status, json]).toMatchObject([400, { error }]);
    }
    expect((await set('x')).json).toMatchObject({ error: 'error', details: [{ field: 'data' }] });
    expect((await set({ name: 'x'.repeat(1025) })).json).toMatchObject({ details: [{ field: 'name' }] });
  });

  it('get new data by PUT, but never a new name', async () => {
    await set({ name: 'p', weight: 3 });
    const url = `${LIST}/p`;
    expect((await rest.put(url, { data: { name: 'p', weight: 4, x: [1.5] } })).status).toBe(204);
    expect((await rest.get(url)).json).toMatchObject({ data: { name: 'p', weight: 4, x: [1.5] } });
    expect((await rest.get(`${url}/meta`)).json).toMatchObject({ weight: 4 });
    expect((await rest.put(url, { data: null })).status).toBe(204);
    expect((await rest.get(url)).json).toMatchObject({ data: { weight: 4 } });
    const changed = await rest.put(url, { data: { name: 'q' } });
    expect([changed.status, changed.json]).toMatchObject([400, { error: 'ErrChangedName' }]);
    expect((await rest.put(`${LIST}/none`, { data: { name: 'q' } })).json).toMatchObject({
      error: 'ErrNoSuchWorkSpec',
      value: 'none',
    });
  });

  it('go by DELETE', async () => {
    await set({ name: 'gone' });
    expect((await rest.delete(`${LIST}/gone`)).status).toBe(204);
    const { status, json } = await rest.delete(`${LIST}/gone`);
    expect([status, json]).toMatchObject([404, { error: 'ErrNoSuchWorkSpec', value: 'gone' }]);
  });

  it('count their units', async () => {
    await set({ name: 'counted' });
    expect((await rest.get(`${LIST}/counted/counts`)).json).toEqual({});
    await rest.post(`${LIST}/counted/add`, {
      work_units: [{ name: 'a' }, { name: 'b', meta: { not_before: '2030-01-01T00:00:00+02:00' } }],
    });
    expect((await rest.get(`${LIST}/counted/counts`)).json).toEqual({ available: 1, delayed: 1 });
    expect((await rest.get(`${LIST}/none/counts`)).json).toMatchObject({ value: 'none' });
  });
});

describe('control values', () => {
  const meta = async (name: string, query = '') => (await rest.get(`${LIST}/${name}/meta${query}`)).json;

  it('follow from the data', async () => {
    await set({ name: 'm', continuous: true, interval: 1.5, then: 'next', runtime: 'go', nice: 5, max_getwork: 7 });
    expect(await meta('m')).toEqual({
      priority: 0,
      weight: 15,
      paused: false,
      continuous: true,
      can_be_continuous: true,
      min_memory_gb: 0,
      interval: 1_500_000_000,
      next_continuous: '0001-01-01T00:00:00Z',
      max_running: 0,
      max_attempts_returned: 7,
      max_retries: 0,
      next_work_spec_name: 'next',
      available_count: 0,
      pending_count: 0,
      runtime: 'go',
    });
  });

  it('show the flow of the units, which a PUT leaves alone, and one that is not understood is refused', async () => {
    await set({ name: 'f', flow: { retry: 3 } });
    const { flow } = (await meta('f')) as { flow: unknown };
    expect(flow).toMatchObject({ retry: { attempts: 3, backoff: 'fixed' } });
    expect((await rest.put(`${LIST}/f/meta`, { priority: 1, flow: { retry: 9 } })).status).toBe(204);
    expect(await meta('f')).toMatchObject({ priority: 1, flow });
    const refused = await rest.post(LIST, { data: { name: 'f', flow: { retry: { atempts: 3 } } } });
    expect([refused.status, refused.json]).toMatchObject([
      400,
      { message: expect.stringMatching(/flow\.retry\.atempts is not known, did you mean attempts/) as string },
    ]);
    expect(await meta('f')).toMatchObject({ flow });
  });

  it('are replaced whole by PUT, but for those that are no one’s to set', async () => {
    await set({ name: 'r', continuous: true, then: 'next', runtime: 'go', priority: 3, max_running: 4 });
    const body = {
      paused: true,
      min_memory_gb: 1.5,
      interval: 2 ** 53 - 1,
      next_continuous: '2026-02-03T04:05:06.7+01:00',
      max_retries: null,
      can_be_continuous: false,
      next_work_spec_name: 'other',
      runtime: 'other',
      available_count: 9,
    };
    expect((await rest.put(`${LIST}/r/meta`, body)).status).toBe(204);
    expect(await meta('r')).toEqual({
      priority: 0,
      weight: 20,
      paused: true,
      continuous: false,
      can_be_continuous: true,
      min_memory_gb: 1.5,
      interval: 2 ** 53 - 1,
      next_continuous: '2026-02-03T03:05:06.700000Z',
      max_running: 0,
      max_attempts_returned: 0,
      max_retries: 0,
      next_work_spec_name: 'next',
      available_count: 0,
      pending_count: 0,
      runtime: 'go',
    });
    await rest.put(`${LIST}/r/meta`, { weight: 0, continuous: true });
    expect(await meta('r')).toMatchObject({ weight: 0, continuous: true, paused: false });
  });

  it('say an interval of any length to the nanosecond, and the end of the calendar as that', async () => {
    await set({ name: 'i', continuous: true });
    const body = '{"interval": 9223372036854775807, "next_continuous": "9999-12-31T23:59:59.999999999Z"}';
    expect((await rest.put(`${LIST}/i/meta`, body)).status).toBe(204);
    const { text } = await rest.get(`${LIST}/i/meta`);
    expect(text).toContain('"interval":9223372036854775807,"next_continuous":"9999-12-31T23:59:59.999999Z"');
    for (const interval of ['9223372036854775808', '1.5', '1e300', '-1']) {
      const { status, json } = await rest.put(`${LIST}/i/meta`, `{"interval": ${interval}}`);
      expect([status, json]).toMatchObject([400, { details: [{ field: 'interval', value: interval }] }]);
    }
  });

  it('cannot make continuous what its data do not', async () => {
    await set({ name: 'c' });
    expect((await rest.put(`${LIST}/c/meta`, { continuous: true })).status).toBe(204);
    expect(await meta('c')).toMatchObject({ continuous: false });
  });

  it('have counts when asked for them', async () => {
    await set({ name: 'k' });
    await rest.post(`${LIST}/k/add`, { work_units: [{ name: 'a' }, { name: 'b' }] });
    await rest.post('/namespace/n/worker/w/make_attempt', { work_spec: 'k', work_unit: 'a' });
    expect(await meta('k', '?counts=true')).toMatchObject({ available_count: 1, pending_count: 1 });
    expect(await meta('k', '?counts=false')).toMatchObject({ available_count: 0, pending_count: 0 });
    expect((await rest.get(`${LIST}/k/meta?counts=1`)).json).toMatchObject({
      details: [{ field: 'counts', value: '1' }],
    });
  });

  it('are refused where they are no numbers', async () => {
    for (const body of [
      { priority: 1.5 },
      { weight: '3' },
      { interval: -1 },
      { max_running: 2 ** 53 },
      { paused: 1 },
    ]) {
      const { status, json } = await rest.put(`${LIST}/k/meta`, body);
      expect([status, json]).toMatchObject([400, { details: [{ field: Object.keys(body)[0] }] }]);
    }
    expect((await rest.put(`${LIST}/none/meta`, {})).status).toBe(404);
  });
});
