import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RestApp } from './app.js';

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());

const NS = '/namespace/n';
const SPEC = `${NS}/work_spec/s`;
/** Nanoseconds. */
const MINUTE = 60_000_000_000;

interface History {
  url: string;
  from: string;
  to: string;
  step: number;
  bounds: number[];
  spans: { start: string; end: string; added?: number; waited?: { seconds: number; buckets: number[] } }[];
}
const history = async (url: string) => (await rest.get(url)).json as History;
const why = async (query: string) => {
  const { status, json } = await rest.get(`${SPEC}/history?${query}`);
  return [status, (json as { details: { field: string }[] }).details.map(({ field }) => field)];
};

describe('a history', () => {
  it('is of the last hour, by the minute, unless something else is asked for', async () => {
    await rest.post(`${NS}/work_spec`, { data: { name: 's' } });
    await rest.post(`${SPEC}/add`, { work_units: [{ name: 'a' }, { name: 'b' }] });
    await rest.post(`${NS}/worker/w/request_attempts`, { number_of_work_units: 1 });
    const { url, from, to, step, bounds, spans } = await history(`${SPEC}/history`);
    expect([url, step, bounds.length]).toEqual([`${SPEC}/history`, MINUTE, 14]);
    expect(Date.parse(to) - Date.parse(from)).toBeGreaterThanOrEqual(3_600_000);
    // The units may have been added at the end of a minute, and one of them claimed in the next.
    const all = { added: 0, claimed: 0, buckets: 0 };
    for (const { added = 0, waited } of spans) {
      all.added += added;
      for (const count of waited?.buckets ?? []) all.buckets += count;
    }
    expect(all).toMatchObject({ added: 2, buckets: 1 });
    expect(spans[0]).not.toHaveProperty('failed');
    expect(Date.parse(spans[0].end) - Date.parse(spans[0].start)).toBe(60_000);
  });

  it('begins and ends with whole steps', async () => {
    const query = 'from=2025-01-02T03:04:05Z&to=2025-01-02T05:00:00.000001%2B01:00';
    expect(await history(`${NS}/history?${query}`)).toMatchObject({
      url: `${NS}/history`,
      from: '2025-01-02T03:04:00Z',
      to: '2025-01-02T04:01:00Z',
      spans: [],
    });
    const days = 'from=2026-01-02T03:04:05Z&to=2026-01-12T03:00:00Z';
    expect(await history(`${SPEC}/history?${days}`)).toMatchObject({ from: '2026-01-02T03:00:00Z', step: 60 * MINUTE });
    expect(await history(`${SPEC}/history?${days}&step=${24 * 60 * MINUTE}`)).toMatchObject({
      from: '2026-01-02T00:00:00Z',
      to: '2026-01-13T00:00:00Z',
    });
  });

  it('refuses what is no part of it, naming the field', async () => {
    expect(await why('from=yesterday')).toEqual([400, ['from']]);
    expect(await why('to=')).toEqual([400, ['to']]);
    expect(await why('from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z')).toEqual([400, ['from']]);
    for (const step of ['0', '-1', 'minute', String(MINUTE / 2), String(7 * MINUTE), String(90 * MINUTE), '1e12']) {
      expect(await why(`step=${step}`), step).toEqual([400, ['step']]);
    }
    expect(await why(`from=2020-01-01T00:00:00Z&step=${MINUTE}`)).toEqual([400, ['step']]);
    expect(await why('since=now')).toEqual([400, ['since']]);
  });

  it('is that of a spec there is; of a namespace without any it is empty', async () => {
    const missing = await rest.get(`${NS}/work_spec/none/history`);
    expect([missing.status, missing.json]).toMatchObject([404, { error: 'ErrNoSuchWorkSpec', value: 'none' }]);
    expect(await history('/namespace/unseen/history')).toMatchObject({ spans: [] });
    expect((await rest.get('/namespace')).json).not.toMatchObject({ namespaces: [{ name: 'unseen' }] });
  });
});

describe('an overview', () => {
  it('has all work specs, with the links that they have elsewhere', async () => {
    await rest.post(`${NS}/work_spec`, { data: { name: 'é', disabled: true } });
    const { json } = await rest.get(`${NS}/overview`);
    const { work_specs: specs, ...rest_ } = json as { work_specs: Record<string, unknown>[] };
    expect(rest_).toMatchObject({ url: `${NS}/overview` });
    const listed = (await rest.get(`${NS}/work_spec`)).json as { work_specs: { url: string; name: string }[] };
    expect(specs.map(({ url, name }) => ({ url, name }))).toEqual(listed.work_specs);
    expect(specs).toMatchObject([
      { paused: false, counts: { available: 1, pending: 1 }, workers: 1, meta: { available_count: 1, weight: 20 } },
      { paused: true, counts: {}, workers: 0, rates: { last_minute: {}, last_5_minutes: {}, last_hour: {} } },
    ]);
    expect(specs[0]).toHaveProperty('oldest_available');
    expect(specs[0]).toHaveProperty('last_claim');
    expect(specs[0]).not.toHaveProperty('drained_at');
    expect(specs[1]).not.toHaveProperty('last_claim');
  });

  it('guesses when all will be done by what was done', async () => {
    const { json } = await rest.post(`${NS}/worker/w/request_attempts`, { work_specs: ['s'] });
    const [{ finish_url: finish }] = (json as { attempts: { finish_url: string }[] }).attempts;
    await rest.post(finish, {});
    const { work_specs: specs, time } = (await rest.get(`${NS}/overview`)).json as {
      time: string;
      work_specs: { drained_at: string; rates: { last_5_minutes: { finished: number } } }[];
    };
    expect(specs[0].rates.last_5_minutes.finished).toBeGreaterThan(0);
    // One of two was done in five minutes.
    expect(Math.round((Date.parse(specs[0].drained_at) - Date.parse(time)) / 60_000)).toBe(5);
  });

  it('is empty of a namespace that is not there, which it does not make', async () => {
    expect((await rest.get('/namespace/unseen/overview')).json).toMatchObject({ work_specs: [] });
    expect((await rest.get('/namespace')).json).not.toMatchObject({ namespaces: [{ name: 'unseen' }] });
  });
});
