import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/domain/time.js';
import { formatTime } from '../../src/rest/time.js';
import { RestApp } from './app.js';

const SPEC = '/namespace/n/work_spec/s';
const WORKER = '/namespace/n/worker/w';
const ZERO = '0001-01-01T00:00:00Z';

interface Attempt extends Record<string, unknown> {
  url: string;
}

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());
beforeEach(async () => {
  await rest.delete('/namespace/n');
  await rest.post('/namespace/n/work_spec', { data: { name: 's', min_gb: 2, runtime: 'go', then: 'next' } });
  await add('a', 'b', 'c');
});

const add = (...names: string[]) =>
  rest.post(`${SPEC}/add`, { work_units: names.map((name) => ({ name, data: { of: name } })) });
const request = async (body?: unknown, worker = WORKER) =>
  (await rest.post(`${worker}/request_attempts`, body)).json as { work_spec_url?: string; attempts: Attempt[] };
const claim = async (): Promise<Attempt> => (await request()).attempts[0];
const get = async (url: string) => (await rest.get(url)).json as Attempt;
const unit = (name: string) => get(`${SPEC}/work_unit/${name}`);

describe('asking for work', () => {
  it('gives an attempt that says all that is needed', async () => {
    const { work_spec_url, attempts } = await request();
    const { url } = attempts[0];
    expect(url).toMatch(new RegExp(`^${SPEC}/work_unit/a/attempt/w/[a-z0-9.]+$`));
    const attempt = {
      url,
      work_unit_url: `${SPEC}/work_unit/a`,
      worker_url: WORKER,
      start_time: formatTime(rest.clock.time),
      namespace: 'n',
      work_spec: 's',
      work_unit: 'a',
      worker: 'w',
      start: url.split('/').at(-1),
      status: 'pending',
      data: { of: 'a' },
      end_time: ZERO,
      expiration_time: formatTime(rest.clock.time + 15 * MINUTE),
      renew_url: `${url}/renew`,
      expire_url: `${url}/expire`,
      finish_url: `${url}/finish`,
      fail_url: `${url}/fail`,
      retry_url: `${url}/retry`,
    };
    expect(work_spec_url).toBe(SPEC);
    expect(attempts).toEqual([attempt]);
    expect(await get(url)).toEqual(attempt);
    expect(await unit('a')).toMatchObject({ status: 'pending', active_attempt_url: url });
  });

  it('says no more than it takes to work on them, where that is asked', async () => {
    await add('A B', '\u00e9');
    const whole = await request({ number_of_work_units: 2 });
    const { work_spec_url, attempts, brief_attempts } = (
      await rest.post(`${WORKER}/request_attempts`, { number_of_work_units: 9, brief: true })
    ).json as { work_spec_url: string; attempts: unknown[]; brief_attempts: Attempt[] };
    expect(whole.attempts.map(({ work_unit }) => work_unit)).toEqual(['A B', 'a']);
    expect([work_spec_url, attempts]).toEqual([SPEC, []]);
    expect(brief_attempts.map(({ work_unit, data }) => [work_unit, data])).toEqual(
      ['b', 'c', '\u00e9'].map((name) => [name, { of: name }]),
    );
    for (const { url, work_unit } of brief_attempts)
      expect(await get(url)).toMatchObject({ url, work_unit, status: 'pending' });
    const none = (await rest.post(`${WORKER}/request_attempts`, { brief: true })).json;
    expect(none).toEqual({ attempts: [], brief_attempts: [] });
  });

  it('obeys what is asked', async () => {
    const none = { attempts: [] };
    expect(await request({ available_gb: 1.5 })).toEqual(none);
    expect(await request({ work_specs: ['other'] })).toMatchObject(none);
    expect(await request({ runtimes: [''] })).toEqual(none);
    expect(
      (await request({ available_gb: 0, work_specs: [], runtimes: null, number_of_work_units: -3 })).attempts.length,
    ).toBe(1);
    const rest = await request({ available_gb: 2, work_specs: ['s'], runtimes: ['go'], number_of_work_units: 10 });
    expect(rest.attempts.length).toBe(2);
    expect(await request()).toEqual(none);
  });

  it('gives a lease as long as was asked, exactly', async () => {
    const lease = async (lifetime: unknown) => (await request({ lifetime })).attempts[0].expiration_time;
    expect(await lease(1_500_000)).toBe(formatTime(rest.clock.time + 1500));
    expect(await lease(0)).toBe(formatTime(rest.clock.time + 15 * MINUTE));
    expect(await lease(null)).toBe(formatTime(rest.clock.time + 15 * MINUTE));
  });

  it('is refused when it makes no sense', async () => {
    for (const [body, field] of [
      [{ lifetime: -1 }, 'lifetime'],
      [{ lifetime: 1.5 }, 'lifetime'],
      [{ lifetime: 2 ** 53 }, 'lifetime'],
      [{ number_of_work_units: 'x' }, 'number_of_work_units'],
      [{ work_specs: 's' }, 'work_specs'],
      [{ runtimes: ['x', null] }, 'runtimes[1]'],
      [{ available_gb: '1' }, 'available_gb'],
    ] as const) {
      const { status, json } = await rest.post(`${WORKER}/request_attempts`, body);
      expect([status, json]).toMatchObject([400, { details: [{ field }] }]);
    }
    expect((await request({ lifetime: 1e9 })).attempts.length).toBe(1);
  });

  it('of a certain unit works whatever its state', async () => {
    const first = await claim();
    const body = { work_spec: 's', work_unit: 'a', lifetime: 60_000_000_000 };
    const { status, json } = await rest.post(`${WORKER}/make_attempt`, body);
    expect([status, json]).toMatchObject([
      200,
      {
        work_unit_url: `${SPEC}/work_unit/a`,
        expiration_time: formatTime(rest.clock.time + MINUTE),
        status: 'pending',
      },
    ]);
    expect((json as Attempt).url).not.toBe(first.url);
    expect(await unit('a')).toMatchObject({ active_attempt_url: (json as Attempt).url });
    expect((await rest.get(`${SPEC}/work_unit/a/num-attempts`)).text).toBe('2');
    for (const [missing, error, value] of [
      [{ work_spec: 'x', work_unit: 'a' }, 'ErrNoSuchWorkSpec', 'x'],
      [{ work_spec: 's', work_unit: 'x' }, 'ErrNoSuchWorkUnit', 'x'],
    ] as const) {
      const refused = await rest.post(`${WORKER}/make_attempt`, missing);
      expect([refused.status, refused.json]).toMatchObject([404, { error, value }]);
    }
    expect((await rest.post(`${WORKER}/make_attempt`, { work_spec: 's' })).json).toMatchObject({
      details: [{ field: 'work_unit', reason: 'is required' }],
    });
  });
});

describe('an attempt', () => {
  it('is finished, and its output becomes units of the next work spec', async () => {
    await rest.post('/namespace/n/work_spec', { data: { name: 'next' } });
    const { url, finish_url } = await claim();
    rest.clock.pass(SECOND);
    expect((await rest.post(finish_url as string, { data: { output: [['x', { y: 1 }]] } })).status).toBe(204);
    expect(await get(url)).toMatchObject({
      status: 'finished',
      data: { output: [['x', { y: 1 }]] },
      end_time: formatTime(rest.clock.time),
    });
    expect(await unit('a')).toMatchObject({ status: 'finished', active_attempt_url: url });
    expect(await get('/namespace/n/work_spec/next/work_unit/x')).toMatchObject({ data: { y: 1 } });
    const again = await rest.post(finish_url as string);
    expect([again.status, again.json]).toMatchObject([409, { error: 'ErrNotPending' }]);
  });

  it('keeps its data where an action has none', async () => {
    const { url, renew_url, fail_url } = await claim();
    await rest.post(renew_url as string, { data: { step: 1 } });
    await rest.post(fail_url as string, { data: null, extend_duration: 0, delay: null });
    expect(await get(url)).toMatchObject({ status: 'failed', data: { step: 1 } });
    expect(await unit('a')).toMatchObject({ status: 'failed', data: { step: 1 } });
  });

  it('is renewed from now on', async () => {
    const { url, renew_url } = await claim();
    const renew = async (body?: unknown) => {
      rest.clock.pass(SECOND);
      expect((await rest.post(renew_url as string, body)).status).toBe(204);
      return (await get(url)).expiration_time;
    };
    expect(await renew()).toBe(formatTime(rest.clock.time + 15 * MINUTE));
    expect(await renew('')).toBe(formatTime(rest.clock.time + 15 * MINUTE));
    expect(await renew({ extend_duration: 2_000_000_000 })).toBe(formatTime(rest.clock.time + 2 * SECOND));
    await renew({ extend_duration: -5 });
    expect(await get(url)).toMatchObject({ status: 'expired' });
    expect((await rest.post(renew_url as string)).json).toMatchObject({ error: 'ErrLostLease' });
  });

  it('that is late may still come home', async () => {
    const { url, finish_url } = await claim();
    rest.clock.pass(15 * MINUTE);
    expect(await get(url)).toMatchObject({ status: 'expired' });
    expect(await unit('a')).toMatchObject({ status: 'available' });
    expect((await rest.post(finish_url as string)).status).toBe(204);
    expect(await unit('a')).toMatchObject({ status: 'finished' });
  });

  it('is tried again after a delay', async () => {
    const { url, retry_url } = await claim();
    expect((await rest.post(retry_url as string, { delay: -1 })).json).toMatchObject({ details: [{ field: 'delay' }] });
    await rest.post(retry_url as string, { delay: 1_000_000_000 });
    expect(await get(url)).toMatchObject({ status: 'retryable' });
    expect(await unit('a')).toMatchObject({
      status: 'delayed',
      meta: { not_before: formatTime(rest.clock.time + SECOND) },
    });
    rest.clock.pass(SECOND);
    expect(await unit('a')).toMatchObject({ status: 'available' });
  });

  it('is expired, once and for all', async () => {
    const { url, expire_url } = await claim();
    for (let i = 0; i < 2; i++) expect((await rest.post(expire_url as string)).status).toBe(204);
    expect(await get(url)).toMatchObject({ status: 'expired' });
  });

  it('that is not there is gone, where its unit is', async () => {
    const { url } = await claim();
    const elsewhere = url.replace('/a/attempt', '/b/attempt');
    const otherWorker = url.replace('/attempt/w/', '/attempt/v/');
    for (const missing of [
      elsewhere,
      otherWorker,
      `${SPEC}/work_unit/a/attempt/w/1.1`,
      `${SPEC}/work_unit/a/attempt/w/%20`,
    ]) {
      for (const answer of [await rest.get(missing), await rest.post(`${missing}/finish`)]) {
        expect([answer.status, answer.json]).toMatchObject([410, { error: 'ErrGone' }]);
      }
    }
    await rest.delete(`${SPEC}/work_unit?name=a`);
    const { status, json } = await rest.post(`${url}/finish`);
    expect([status, json]).toMatchObject([404, { error: 'ErrNoSuchWorkUnit', value: 'a' }]);
    expect((await rest.get(url.replace('/s/', '/x/'))).json).toMatchObject({ error: 'ErrNoSuchWorkSpec', value: 'x' });
    expect((await rest.get('/namespace/n/worker/v/all_attempts')).json).toEqual({ attempts: [] });
  });
});

describe('lists of attempts', () => {
  it('are short and oldest first', async () => {
    await rest.put(WORKER, { parent: 'p' });
    const first = await claim();
    await rest.post(first.finish_url as string);
    const { attempts } = await request({ number_of_work_units: 2 });
    const { json } = await rest.post(`${WORKER}/make_attempt`, { work_spec: 's', work_unit: 'a' });
    const made = json as Attempt;
    const short = ({ url, work_unit_url, worker_url, start_time }: Attempt) => ({
      url,
      work_unit_url,
      worker_url,
      start_time,
    });
    const active = {
      attempts: [...attempts, made].map((attempt) => expect.objectContaining(short(attempt)) as unknown),
    };
    expect((await rest.get(`${WORKER}/all_attempts`)).json).toEqual({
      attempts: [expect.objectContaining(short(first)), ...active.attempts],
    });
    expect((await rest.get(`${WORKER}/active_attempts`)).json).toEqual(active);
    expect((await rest.get('/namespace/n/worker/p/child_attempts')).json).toEqual(active);
    expect((await rest.get('/namespace/n/worker/p/active_attempts')).json).toEqual({ attempts: [] });
    expect((await rest.get(`${SPEC}/work_unit/a/attempts`)).json).toMatchObject({ attempts: [first, made].map(short) });
  });
});

describe('bringing many attempts home', () => {
  it('answers item by item, in order', async () => {
    await add('d');
    const { attempts } = await request({ number_of_work_units: 4 });
    const [a, b, c, d] = attempts.map(({ url }) => url);
    const gone = `${SPEC}/work_unit/a/attempt/w/1.1`;
    const { status, json } = await rest.post(`${WORKER}/finish_attempts`, {
      attempts: [
        { url: a, outcome: 'finished', data: { x: 1 } },
        { url: a, outcome: 'finished' },
        { url: gone, outcome: 'finished' },
        { url: b, outcome: 'failed' },
        { url: 'nonsense', outcome: 'failed' },
        { url: c, outcome: 'retryable', delay: 1_000_000_000 },
        { url: d.replace('/namespace/n/', '/namespace/m/'), outcome: 'expired' },
        { url: d.replace('/d/', '/e/').replace(/[^/]+$/, 'x'), outcome: 'expired' },
        { url: d.replaceAll('w', '%77'), outcome: 'expired', data: null },
      ],
    });
    expect(status).toBe(200);
    const message = 'Object no longer exists';
    expect(json).toEqual({
      results: [
        { url: a, status: 'finished' },
        { url: a, error: 'ErrNotPending', message: 'Attempt is not pending' },
        { url: gone, error: 'ErrGone', message },
        { url: b, status: 'failed' },
        { url: 'nonsense', error: 'ErrGone', message },
        { url: c, status: 'retryable' },
        { url: d.replace('/namespace/n/', '/namespace/m/'), error: 'ErrGone', message },
        {
          url: d.replace('/d/', '/e/').replace(/[^/]+$/, 'x'),
          error: 'ErrNoSuchWorkUnit',
          message: 'No such work unit "e"',
        },
        { url: d.replaceAll('w', '%77'), status: 'expired' },
      ],
    });
    expect(await get(a)).toMatchObject({ status: 'finished', data: { x: 1 } });
    expect(await unit('c')).toMatchObject({ status: 'delayed' });
    expect(await unit('d')).toMatchObject({ status: 'available' });
  });

  it('tells only of those that were refused, where that is asked', async () => {
    const { attempts } = await request({ number_of_work_units: 3 });
    const [a, b, c] = attempts.map(({ url }) => url);
    const finish = async (...urls: string[]) =>
      (
        await rest.post(`${WORKER}/finish_attempts`, {
          attempts: urls.map((url) => ({ url, outcome: 'finished' })),
          brief: true,
        })
      ).json;
    expect(await finish(a, b)).toEqual({ results: [] });
    const refusal = { error: 'ErrNotPending', message: 'Attempt is not pending' };
    expect(await finish(c, b)).toEqual({ results: [{ url: b, ...refusal }] });
    for (const url of [a, b, c]) expect(await get(url)).toMatchObject({ status: 'finished' });
    const renewal = { attempts: [{ url: a }], brief: true };
    expect((await rest.post(`${WORKER}/renew_attempts`, renewal)).json).toEqual({ results: [{ url: a, ...refusal }] });
  });

  it('does nothing at all when an item makes no sense', async () => {
    const { url } = await claim();
    for (const [bad, field] of [
      [{ outcome: 'finished' }, 'url'],
      [{ url }, 'outcome'],
      [{ url, outcome: 'pending' }, 'outcome'],
      [{ url, outcome: 'finished', data: [] }, 'data'],
      [{ url, outcome: 'retryable', delay: -1 }, 'delay'],
    ] as const) {
      const { status, json } = await rest.post(`${WORKER}/finish_attempts`, {
        attempts: [{ url, outcome: 'finished' }, bad],
      });
      expect([status, json]).toMatchObject([400, { details: [{ field: `attempts[1].${field}` }] }]);
    }
    expect(await get(url)).toMatchObject({ status: 'pending' });
  });
});
