import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RestApp } from './app.js';

const SPEC = '/namespace/n/work_spec/s';
const UNIT = `${SPEC}/work_unit`;

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());
beforeEach(async () => {
  await rest.delete('/namespace/n');
  await rest.post('/namespace/n/work_spec', { data: { name: 's' } });
  await rest.post(`${SPEC}/add`, { work_units: [{ name: 'a', data: { v: 1 } }, { name: 'b' }, { name: 'c' }] });
});

/** The link of an attempt of each unit that is free. */
async function claim(units = 3): Promise<string[]> {
  const { json } = await rest.post('/namespace/n/worker/w/request_attempts', { number_of_work_units: units });
  return (json as { attempts: { url: string }[] }).attempts.map(({ url }) => url);
}

describe('cancelling an attempt', () => {
  it('ends it as failed and cancelled, and refuses whatever its worker says of it', async () => {
    const [url] = await claim(1);
    expect((await rest.post(`${url}/cancel`, { reason: 'wrong input' })).status).toBe(204);
    expect((await rest.get(url)).json).toMatchObject({ status: 'failed', cancelled: true, data: { v: 1 } });
    expect((await rest.get(`${UNIT}/a/attempts`)).json).toMatchObject({
      attempts: [{ status: 'failed', cancelled: true }],
    });
    expect((await rest.get(`${UNIT}/a`)).json).toMatchObject({ status: 'failed', active_attempt_url: url });
    expect((await rest.get(`${SPEC}/failures`)).json).toMatchObject({
      failures: [{ cause: 'cancelled: wrong input', count: 1 }],
    });
    for (const [action, error] of [
      ['finish', 'ErrNotPending'],
      ['fail', 'ErrNotPending'],
      ['renew', 'ErrLostLease'],
    ]) {
      const { status, json } = await rest.post(`${url}/${action}`, {});
      expect([status, json]).toMatchObject([409, { error }]);
    }
    const home = await rest.post('/namespace/n/worker/w/finish_attempts', { attempts: [{ url, outcome: 'finished' }] });
    expect(home.json).toMatchObject({ results: [{ url, error: 'ErrNotPending' }] });
    expect((await rest.post(`${url}/cancel`)).status).toBe(204);
  });

  it('gives the unit back with release', async () => {
    const [url] = await claim(1);
    expect((await rest.post(`${url}/cancel`, { release: true })).status).toBe(204);
    expect((await rest.get(url)).json).toMatchObject({ status: 'retryable', cancelled: true });
    expect((await rest.get(`${UNIT}/a`)).json).toMatchObject({ status: 'available' });
  });

  it('says of no other that it was', async () => {
    const [url] = await claim(1);
    await rest.post(`${url}/fail`);
    expect((await rest.get(url)).json).not.toHaveProperty('cancelled');
    const { status, json } = await rest.post(`${url}/cancel`);
    expect([status, json]).toMatchObject([409, { error: 'ErrNotPending' }]);
  });

  it('names what is wrong with the body, and what is probably not meant', async () => {
    const [url] = await claim(1);
    for (const [body, field] of [
      [{ reason: 5 }, 'reason'],
      [{ release: 'yes' }, 'release'],
    ] as const) {
      expect([(await rest.post(`${url}/cancel`, body)).json]).toMatchObject([{ details: [{ field }] }]);
    }
    const { status, headers } = await rest.post(`${url}/cancel`, { reasons: 'x' });
    expect([status, headers['coordinate-warnings']]).toEqual([204, expect.stringContaining('reason')]);
  });

  it('is an error of what is not there', async () => {
    const [url] = await claim(1);
    expect((await rest.post(`${url.slice(0, -1)}zzz/cancel`)).status).toBe(410);
    expect((await rest.post(`${UNIT}/none/attempt/w/1.1/cancel`)).status).toBe(404);
  });
});

describe('cancelling by query', () => {
  it('stops what it selects and says how many', async () => {
    await claim();
    const cancel = async (query: string, body?: object): Promise<unknown> =>
      (await rest.post(`${SPEC}/cancel${query}`, body)).json;
    expect(await cancel('?name=a&name=none')).toEqual({ Cancelled: 1 });
    expect(await cancel('?prefix=b&status=pending', { release: true })).toEqual({ Cancelled: 1 });
    expect(await cancel('?worker=other')).toEqual({ Cancelled: 0 });
    expect(await cancel('?worker=w', { reason: 'enough' })).toEqual({ Cancelled: 1 });
    expect(await cancel('')).toEqual({ Cancelled: 0 });
    expect((await rest.get(`${SPEC}/counts`)).json).toEqual({ available: 1, failed: 2 });
  });

  it('is of pending units only', async () => {
    const { status, json } = await rest.post(`${SPEC}/cancel?status=failed`);
    expect([status, json]).toMatchObject([400, { details: [{ field: 'status' }] }]);
    expect((await rest.post('/namespace/n/work_spec/none/cancel')).status).toBe(404);
  });
});

describe('editing a unit', () => {
  it('gives it other data, which its next attempt gets', async () => {
    expect((await rest.put(`${UNIT}/a`, { data: { v: 2 } })).status).toBe(204);
    expect((await rest.get(`${UNIT}/a`)).json).toMatchObject({ data: { v: 2 }, status: 'available' });
    const [url] = await claim(1);
    expect((await rest.get(url)).json).toMatchObject({ data: { v: 2 } });
  });

  it('is refused while it is pending, unless the attempt is taken away with it', async () => {
    await claim(1);
    const { status, json } = await rest.put(`${UNIT}/a`, { data: { v: 2 }, meta: { priority: 5 } });
    expect([status, json]).toMatchObject([409, { error: 'ErrPending' }]);
    expect((await rest.get(`${UNIT}/a`)).json).toMatchObject({ data: { v: 1 }, meta: { priority: 0 } });
    expect((await rest.put(`${UNIT}/a`, { data: null, meta: { priority: 5 } })).status).toBe(204);
    expect((await rest.put(`${UNIT}/a`, { data: { v: 2 }, active_attempt_url: '-' })).status).toBe(204);
    expect((await rest.get(`${UNIT}/a`)).json).toMatchObject({ data: { v: 2 }, status: 'available' });
  });

  it('leaves a failed one failed, to be sent back', async () => {
    const [url] = await claim(1);
    await rest.post(`${url}/fail`, { data: { error: 'no such size' } });
    await rest.put(`${UNIT}/a`, { data: { v: 2 } });
    expect((await rest.get(`${UNIT}/a`)).json).toMatchObject({ data: { v: 2 }, status: 'failed' });
    expect((await rest.get(`${UNIT}?include=data&name=a`)).json).toMatchObject({ work_units: [{ data: { v: 2 } }] });
    expect((await rest.get(url)).json).toMatchObject({ data: { error: 'no such size' } });
    expect((await rest.post(`${SPEC}/retry`)).json).toEqual({ Retried: 1 });
    const [next] = await claim(1);
    expect((await rest.get(next)).json).toMatchObject({ data: { v: 2 } });
  });
});
