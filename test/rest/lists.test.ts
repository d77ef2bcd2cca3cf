import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../src/cbor/index.js';
import { MINUTE, SECOND } from '../../src/domain/time.js';
import type { JsonStream } from '../../src/rest/http/answers.js';
import { listInWindows, windowsOf } from '../../src/rest/http/windows.js';
import { formatTime } from '../../src/rest/time.js';
import { RestApp } from './app.js';

const SPEC = '/namespace/n/work_spec/s';
const WORKER = '/namespace/n/worker/w';
const V1 = { headers: { accept: 'application/vnd.diffeo.coordinate.v1+json' } };
const ZERO = '0001-01-01T00:00:00Z';

type Item = Record<string, unknown> & { url: string };
type Page = Record<string, Item[]> & { next_url?: string };

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());
beforeEach(async () => {
  const { json } = await rest.get('/namespace');
  for (const { url } of (json as Page).namespaces) await rest.delete(url);
  await rest.post('/namespace/n/work_spec', { data: { name: 's' } });
});

const add = (...units: string[]) =>
  rest.post(`${SPEC}/add`, { work_units: units.map((name) => ({ name, data: { of: name } })) });
const page = async (url: string, options = {}): Promise<Page> => (await rest.get(url, options)).json as Page;
const claim = async (count: number): Promise<Item[]> => {
  const { json } = await rest.post(`${WORKER}/request_attempts`, { number_of_work_units: count });
  return (json as { attempts: Item[] }).attempts;
};

/** All items of a list, taken in windows; checks how many each has. */
async function all(key: string, url: string, limit: number): Promise<unknown[]> {
  const items: unknown[] = [];
  for (let next: string | undefined = `${url}${url.includes('?') ? '&' : '?'}limit=${limit}`; next !== undefined;) {
    const { [key]: found, next_url }: Page = await page(next);
    expect(found.length).toBe(next_url === undefined ? found.length : limit);
    items.push(...found);
    next = next_url;
  }
  return items;
}

describe('a list that is taken in windows', () => {
  it('of namespaces has all of them, in the order of their bytes', async () => {
    const names = ['', 'a', 'n', 'é', '\uffff', '\u{1f600}'];
    for (const name of names) await rest.post('/namespace', { name });
    const whole = (await page('/namespace')).namespaces;
    expect(whole.map(({ name }) => name)).toEqual(names);
    for (const limit of [1, 2, 6]) expect(await all('namespaces', '/namespace', limit)).toEqual(whole);
    expect((await rest.get('/namespace?limit=0')).status).toBe(400);
  });

  it('of work specs has all of them', async () => {
    const names = ['\u0000', 'a', 'a b', 's', 'é'];
    for (const name of names) await rest.post('/namespace/n/work_spec', { data: { name } });
    const whole = (await page('/namespace/n/work_spec')).work_specs;
    expect(whole.map(({ name }) => name)).toEqual(names);
    for (const limit of [1, 2, 5]) expect(await all('work_specs', '/namespace/n/work_spec', limit)).toEqual(whole);
    const { status, json } = await rest.get('/namespace/n/work_spec?previous=%FF');
    expect([status, json]).toMatchObject([400, { details: [{ field: 'previous', reason: 'is not UTF-8' }] }]);
  });

  it('of attempts has all of them, oldest first, whoever asks', async () => {
    await add('a', 'b', 'c');
    await rest.put(WORKER, { parent: 'p' });
    const started = await claim(3);
    await rest.post(`${started[1].url}/expire`);
    await claim(1);
    for (const [list, count] of [
      [`${WORKER}/all_attempts`, 4],
      [`${WORKER}/active_attempts`, 3],
      ['/namespace/n/worker/p/child_attempts', 3],
      [`${SPEC}/work_unit/b/attempts`, 2],
    ] as const) {
      const { attempts: whole, next_url } = await page(list);
      expect([list, whole.length, next_url]).toEqual([list, count, undefined]);
      for (const limit of [1, 2, 4]) expect(await all('attempts', list, limit)).toEqual(whole);
      const { status, json } = await rest.get(`${list}?next=%2e`);
      expect([status, json]).toMatchObject([400, { details: [{ field: 'next' }] }]);
    }
    expect((await page('/namespace/n/worker/none/all_attempts?limit=1')).attempts).toEqual([]);
  });

  it('has 1,000 where nobody says how many, and all for the historic client, workers apart', async () => {
    const names = Array.from({ length: 1001 }, (_, i) => `u${String(i).padStart(4, '0')}`);
    await add(...names);
    const { work_units, next_url } = await page(`${SPEC}/work_unit`);
    expect([work_units.length, next_url]).toEqual([1000, `${SPEC}/work_unit?previous=u0999&limit=1000`]);
    expect((await page(next_url!)).work_units.map(({ name }) => name)).toEqual(['u1000']);
    expect((await page(`${SPEC}/work_unit`, V1)).work_units.length).toBe(1001);
    await claim(1001);
    const attempts = await page(`${WORKER}/active_attempts`);
    expect(attempts.attempts.length).toBe(1000);
    expect((await page(attempts.next_url!)).attempts.length).toBe(1);
    expect((await page(`${WORKER}/active_attempts`, V1)).attempts.length).toBe(1001);
    // What changes things has no limit but one that is given.
    expect((await rest.delete(`${SPEC}/work_unit`)).json).toEqual({ Deleted: 1001 });
  });
});

describe('a list of attempts', () => {
  it('says how each went, and each attempt says what it is of', async () => {
    await add('a', 'b');
    const [first, second] = await claim(2);
    rest.clock.pass(SECOND);
    await rest.post(`${first.url}/fail`);
    const start = first.url.split('/').at(-1);
    const names = { namespace: 'n', work_spec: 's', work_unit: 'a', worker: 'w', start };
    expect(await page(first.url)).toMatchObject(names);
    const [failed, pending] = (await page(`${WORKER}/all_attempts`)).attempts;
    expect(failed).toMatchObject({ ...names, status: 'failed', end_time: formatTime(rest.clock.time) });
    expect(pending).toMatchObject({ url: second.url, status: 'pending', end_time: ZERO });
  });
});

describe('a list of units', () => {
  it('says who does what', async () => {
    await add('a', 'b', 'c', 'd');
    const [first, second] = await claim(3);
    const started = formatTime(rest.clock.time);
    const expiration_time = formatTime(rest.clock.time + 15 * MINUTE);
    rest.clock.pass(SECOND);
    await rest.post(`${first.url}/fail`, { data: { traceback: 'no such page' } });
    const attempt = {
      url: second.url,
      worker: 'w',
      worker_url: WORKER,
      start_time: started,
      end_time: ZERO,
      expiration_time,
    };
    const { work_units } = await page(`${SPEC}/work_unit?status=pending&include=attempt`);
    expect(work_units.length).toBe(2);
    expect(work_units[0]).toEqual({ url: `${SPEC}/work_unit/b`, name: 'b', status: 'pending', attempt });
    const failed = await page(`${SPEC}/work_unit?status=failed&include=attempt`);
    expect(failed.work_units).toMatchObject([
      { name: 'a', attempt: { url: first.url, end_time: formatTime(rest.clock.time), traceback: 'no such page' } },
    ]);
    const both = await page(`${SPEC}/work_unit?name=d&include=attempt,data`);
    expect(both.work_units).toEqual([
      { url: `${SPEC}/work_unit/d`, name: 'd', status: 'available', data: { of: 'd' } },
    ]);
    await rest.post(`${SPEC}/change?name=d`, { meta: { priority: -2.5 } });
    const meta = await page(`${SPEC}/work_unit?name=d&include=meta`);
    expect(meta.work_units).toEqual([
      { url: `${SPEC}/work_unit/d`, name: 'd', meta: { priority: -2.5, not_before: ZERO } },
    ]);
    expect((await page(`${SPEC}/work_unit?include=data&name=d`)).work_units[0]).not.toHaveProperty('status');
  });

  it('keeps what it includes in the link to the next window, which is shorter where the data are large', async () => {
    await add('a', 'b', 'c');
    const included = await all('work_units', `${SPEC}/work_unit?include=data&include=attempt`, 1);
    expect(included).toMatchObject(['a', 'b', 'c'].map((of) => ({ data: { of }, status: 'available' })));
    for (const name of ['x', 'y', 'z']) {
      await rest.post(`${SPEC}/work_unit`, { name, data: { text: 'x'.repeat(5_000_000) } });
    }
    const { work_units, next_url } = await page(`${SPEC}/work_unit?include=data&previous=c`);
    expect(work_units.map(({ name }) => name)).toEqual(['x', 'y']);
    expect((await page(next_url!)).work_units.map(({ name }) => name)).toEqual(['z']);
  });

  it('tells why a unit failed that was tried too often', async () => {
    await rest.post('/namespace/n/work_spec', { data: { name: 's', max_retries: 1 } });
    await add('a');
    const [first] = await claim(1);
    await rest.post(`${first.url}/retry`, { data: { traceback: 'no such page' } });
    expect(await claim(1)).toEqual([]);
    const { work_units } = await page(`${SPEC}/work_unit?status=failed&include=attempt`);
    expect(work_units).toMatchObject([{ attempt: { traceback: 'too many retries; the last one: no such page' } }]);
  });

  it('is refused what it cannot include', async () => {
    const { status, json } = await rest.get(`${SPEC}/work_unit?include=data,everything`);
    expect([status, json]).toMatchObject([
      400,
      { details: [{ field: 'include', value: 'everything', reason: 'must be one of data, attempt, meta' }] },
    ]);
  });
});

describe('renewing many attempts', () => {
  it('goes on with each for itself, in order', async () => {
    await add('a', 'b', 'c', 'd');
    const [a, b, c, d] = await claim(4);
    await rest.post(`${b.url}/finish`);
    const minute = 60_000_000_000;
    const { status, json } = await rest.post(`${WORKER}/renew_attempts`, {
      attempts: [
        { url: a.url, extend_duration: minute, data: { done: 1 } },
        { url: b.url },
        { url: '/nowhere' },
        { url: c.url },
        { url: d.url, extend_duration: 0 },
      ],
    });
    expect([status, json]).toEqual([
      200,
      {
        results: [
          { url: a.url, status: 'pending' },
          { url: b.url, error: 'ErrNotPending', message: 'Attempt is not pending' },
          { url: '/nowhere', error: 'ErrGone', message: 'Object no longer exists' },
          { url: c.url, status: 'pending' },
          { url: d.url, status: 'expired' },
        ],
      },
    ]);
    expect(await page(a.url)).toMatchObject({
      data: { done: 1 },
      expiration_time: formatTime(rest.clock.time + MINUTE),
    });
    expect(await page(c.url)).toMatchObject({ expiration_time: formatTime(rest.clock.time + 15 * MINUTE) });
  });

  it('is refused as a whole when a part of it makes no sense', async () => {
    const { status, json } = await rest.post(`${WORKER}/renew_attempts`, {
      attempts: [{ url: 'x', extend_duration: 60 }, { extend_duration: 'x' }],
    });
    expect([status, json]).toMatchObject([
      400,
      {
        details: [
          { field: 'attempts[0].extend_duration' },
          { field: 'attempts[1].extend_duration' },
          { field: 'attempts[1].url' },
        ],
      },
    ]);
  });
});

describe('?data=json', () => {
  it('shows data as plain JSON wherever they are shown, and they are taken back', async () => {
    const data = { text: 'é', bytes: { $bytes: 'AP8=' }, pair: { $tuple: [1, { $utf8: 'x' }] } };
    const is = { data };
    await rest.post('/namespace/n/work_spec', { data: { name: 's', ...data } });
    expect(await page(`${SPEC}?data=json`)).toMatchObject({ data: { name: 's', ...data } });
    expect(typeof (await page(SPEC)).data).toBe('string');
    await rest.post(`${SPEC}/work_unit`, { name: 'a', data });
    await rest.post(`${SPEC}/work_unit`, { name: 'b', data: {} });
    expect(await page(`${SPEC}/work_unit/a?data=json`)).toMatchObject(is);
    const listed = await page(`${SPEC}/work_unit?include=data&data=json&limit=1`);
    expect([listed.work_units[0], listed.next_url]).toMatchObject([is, expect.stringContaining('data=json')]);
    const claimed = (await rest.post(`${WORKER}/request_attempts?data=json`)).json as { attempts: Item[] };
    expect(claimed.attempts).toMatchObject([is]);
    const { url } = claimed.attempts[0];
    await rest.post(`${url}/renew`, is);
    expect(await page(`${url}?data=json`)).toMatchObject(is);
    const made = await rest.post(`${WORKER}/make_attempt?data=json`, { work_spec: 's', work_unit: 'a' });
    expect(made.json).toMatchObject(is);
    await rest.put(WORKER, { active: true, data });
    expect(await page(`${WORKER}?data=json`)).toMatchObject(is);
    const { status, json } = await rest.get(`${SPEC}?data=xml`);
    expect([status, json]).toMatchObject([400, { details: [{ field: 'data', reason: 'must be json or cbor' }] }]);
  });
});

describe('?data=cbor', () => {
  it('shows data as base64 of what was sent wherever they are shown, be they as large as they like', async () => {
    // An indefinite map, which JSON that spells it out has to quote.
    const small = Buffer.from('bf4161f93c00ff', 'hex');
    const large = encode({ text: 'x'.repeat(3_000_000) });
    await rest.post('/namespace/n/work_spec', { data: { name: 's' } });
    expect(await page(`${SPEC}?data=cbor`)).toMatchObject({ data: encode({ name: 's' }).toString('base64') });
    for (const data of [small, large, encode({})]) {
      const is = { data: data.toString('base64') };
      await rest.post(`${SPEC}/work_unit`, { name: 'a', ...is });
      expect(await page(`${SPEC}/work_unit/a?data=cbor`)).toMatchObject(is);
      const listed = await page(`${SPEC}/work_unit?include=data&data=cbor`);
      expect(listed.work_units).toMatchObject([is]);
      const claimed = (await rest.post(`${WORKER}/request_attempts?data=cbor`)).json as { attempts: Item[] };
      expect(claimed.attempts).toMatchObject([is]);
      await rest.delete(`${SPEC}/work_unit`);
    }
  });
});

async function piecesOf(answer: JsonStream): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of answer.chunks) pieces.push(piece);
  return pieces;
}

describe('a list of long names', () => {
  it('is made in pieces, whether one window holds it or not, and is whole', async () => {
    const names = Array.from({ length: 2_500 }, (_, at) => `${at}`.padStart(5, '0').padEnd(1_000, 'é'));
    for (const limit of [undefined, 900, 1_000]) {
      const answer = await listInWindows<string>({
        key: 'names',
        limit,
        window: windowsOf<string>(names),
        json: (name) => JSON.stringify(name),
        nextUrl: (last) => `/behind/${last.slice(0, 5)}`,
      });
      const pieces = typeof answer === 'string' ? [answer] : await piecesOf(answer);
      for (const piece of pieces) expect(piece.length).toBeLessThan(128 * 1024);
      const shown = names.slice(0, limit);
      const next_url = limit && `/behind/${shown.at(-1)!.slice(0, 5)}`;
      expect(JSON.parse(pieces.join(''))).toEqual({ names: shown, ...(next_url && { next_url }) });
    }
  });

  it('is one text where it is short', async () => {
    const names = Array.from({ length: 1_000 }, (_, at) => `u${at}`);
    const json = (name: string): string => JSON.stringify(name);
    const answer = await listInWindows({ key: 'names', limit: 1_000, window: windowsOf(names), json });
    expect(answer).toBe(JSON.stringify({ names }));
    expect(await listInWindows({ key: 'names', window: windowsOf<string>([]), json })).toBe('{"names":[]}');
  });
});
