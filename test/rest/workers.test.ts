import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/domain/time.js';
import { RestApp } from './app.js';

const WORKERS = '/namespace/n/worker';

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());
beforeEach(() => rest.delete('/namespace/n'));

const worker = async (name: string) => (await rest.get(`${WORKERS}/${name}`)).json as Record<string, unknown>;
const put = async (name: string, body: unknown) => (await rest.put(`${WORKERS}/${name}`, body)).status;

describe('a worker', () => {
  it('is made by GET, active for exactly 15 minutes', async () => {
    rest.clock.time = 1_767_323_045_678_901;
    const url = `${WORKERS}/a:b`;
    expect(await worker('a%3Ab')).toEqual({
      url,
      name: 'a:b',
      active: true,
      mode: '',
      data: {},
      expiration: '2026-01-02T03:19:05.678901Z',
      last_update: '2026-01-02T03:04:05.678901Z',
      request_attempts_url: `${url}/request_attempts`,
      make_attempt_url: `${url}/make_attempt`,
      active_attempts_url: `${url}/active_attempts`,
      all_attempts_url: `${url}/all_attempts`,
      child_attempts_url: `${url}/child_attempts`,
    });
  });

  it('is made by PUT and by every POST below it', async () => {
    await put('put', {});
    await rest.post(`${WORKERS}/request/request_attempts`);
    await rest.post(`${WORKERS}/finish/finish_attempts`, { attempts: [] });
    expect((await rest.get(WORKERS)).json).toMatchObject({
      workers: [{ name: 'finish' }, { name: 'put' }, { name: 'request' }],
    });
  });

  it('keeps what an update does not mention', async () => {
    const full = {
      active: true,
      mode: 'run',
      data: { pid: 7 },
      last_update: '2026-01-02T03:00:00.000001Z',
      expiration: '2027-01-01T00:00:00+01:00',
    };
    expect(await put('w', full)).toBe(204);
    const now = { ...full, expiration: '2026-12-31T23:00:00Z' };
    expect(await worker('w')).toMatchObject(now);
    await put('w', { active: true });
    await put('w', { active: null, mode: 'other', data: { x: 1 } });
    await put('w', { mode: 'other' });
    await put('w', { active: true, mode: null, last_update: null, expiration: null });
    expect(await worker('w')).toMatchObject(now);
    await put('w', { active: true, data: null, mode: '' });
    expect(await worker('w')).toMatchObject({ data: {}, mode: '', expiration: now.expiration });
  });

  it('that was gone comes back for 15 minutes', async () => {
    await put('w', { active: false });
    expect(await worker('w')).toMatchObject({ active: false });
    await put('w', { active: true });
    expect(await worker('w')).toMatchObject({ active: true });
    rest.clock.pass(15 * MINUTE);
    expect(await worker('w')).toMatchObject({ active: false });
    await put('w', { active: true, mode: 'back' });
    expect(await worker('w')).toMatchObject({ active: true, mode: 'back' });
    rest.clock.pass(15 * MINUTE - 1);
    expect(await worker('w')).toMatchObject({ active: true });
    rest.clock.pass(1);
    expect(await worker('w')).toMatchObject({ active: false });
  });

  it('shows its family', async () => {
    await put('c%201', { parent: 'p' });
    await put('c2', { parent: 'p', active: false, data: null, mode: '', url: '' });
    expect(await worker('c2')).toMatchObject({ parent: 'p', parent_url: `${WORKERS}/p`, active: true });
    expect(await worker('p')).toMatchObject({
      active: false,
      child_urls: [`${WORKERS}/-YyAx`, `${WORKERS}/c2`],
    });
    await put('c2', { active: false });
    expect(await worker('c2')).toMatchObject({ parent: 'p', active: false });
    await put('c2', { parent: null, active: true });
    expect(await worker('c2')).toMatchObject({ parent: 'p', active: true });
    await put('c2', { parent: '' });
    expect(await worker('c2')).not.toHaveProperty('parent');
    await put('c%201', { parent: '' });
    expect(await worker('p')).not.toHaveProperty('child_urls');
    await put('c2', { parent: 'p', parent_encoded: '-_w' });
    expect(await worker('c2')).toMatchObject({ parent_url: `${WORKERS}/-_w` });
  });

  it('cannot be below itself', async () => {
    await put('b', { parent: 'a' });
    await put('c', { parent: 'b' });
    for (const parent of ['a', 'b', 'c']) {
      const { status, json } = await rest.put(`${WORKERS}/a`, { parent, active: true, mode: 'x' });
      expect([status, json]).toMatchObject([400, { details: [{ field: 'parent', value: parent }] }]);
    }
    expect(await worker('a')).toMatchObject({ mode: '' });
  });
});

describe('the list of workers', () => {
  it('has windows, and can be limited to active ones', async () => {
    for (const name of ['d', 'b', 'a', 'c']) await put(name, {});
    await put('b', { active: false });
    const all = {
      workers: ['a', 'b', 'c', 'd'].map((name) => ({
        url: `${WORKERS}/${name}`,
        name,
        active: name !== 'b',
        last_update: expect.any(String) as unknown,
        finished_last_hour: 0,
        work_units: 0,
      })),
    };
    expect((await rest.get(WORKERS)).json).toEqual(all);
    expect((await rest.get(`${WORKERS}?active=false`)).json).toEqual(all);
    const first = (await rest.get(`${WORKERS}?active=true&limit=2`)).json as { next_url: string };
    expect(first).toMatchObject({
      workers: [{ name: 'a' }, { name: 'c' }],
      next_url: `${WORKERS}?active=true&previous=c&limit=2`,
    });
    expect((await rest.get(first.next_url)).json).toEqual({ workers: [all.workers[3]] });
    for (const query of ['active=1', 'limit=0', 'previous=-A']) {
      expect((await rest.get(`${WORKERS}?${query}`)).status).toBe(400);
    }
  });

  it('has a thousand at a time unless asked otherwise', async () => {
    for (let i = 0; i < 1001; i++) await put(`w${String(i).padStart(4, '0')}`, {});
    const first = (await rest.get(WORKERS)).json as { workers: unknown[]; next_url: string };
    expect([first.workers.length, first.next_url]).toEqual([1000, `${WORKERS}?previous=w0999&limit=1000`]);
    expect((await rest.get(`${WORKERS}?limit=2000`)).json).not.toHaveProperty('next_url');
    rest.clock.pass(SECOND);
  });
});
