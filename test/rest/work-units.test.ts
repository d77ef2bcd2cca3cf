import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RestApp } from './app.js';

const SPEC = '/namespace/n/work_spec/s';
const UNITS = `${SPEC}/work_unit`;

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());
beforeEach(async () => {
  await rest.delete('/namespace/n');
  await rest.post('/namespace/n/work_spec', { data: { name: 's' } });
});

const add = (...units: object[]) => rest.post(`${SPEC}/add`, { work_units: units });
const named = (...names: string[]) => add(...names.map((name) => ({ name })));

interface List {
  work_units: { url: string; name: string }[];
  next_url?: string;
}

async function list(query: string): Promise<string[]> {
  return ((await rest.get(`${UNITS}${query}`)).json as List).work_units.map(({ name }) => name);
}

/** Claims one unit and ends the attempt. */
async function work(action: 'finish' | 'fail' | 'retry' | 'expire', body?: object): Promise<void> {
  const { json } = await rest.post('/namespace/n/worker/w/request_attempts', {});
  const [attempt] = (json as { attempts: Record<string, string>[] }).attempts;
  expect((await rest.post(attempt[`${action}_url`], body)).status).toBe(204);
}

describe('adding a work unit', () => {
  it('answers with its link, also when it is there', async () => {
    const body = { name: 'a b', data: { x: 1 }, meta: { priority: 2.5, not_before: null }, status: 'any', url: '' };
    const url = `${UNITS}/-YSBi`;
    for (let i = 0; i < 2; i++) {
      const { status, json, headers } = await rest.post(UNITS, body);
      expect([status, headers.location, json]).toEqual([201, url, { url, name: 'a b' }]);
    }
    expect((await rest.get(url)).json).toEqual({
      url,
      name: 'a b',
      data: { x: 1 },
      meta: { priority: 2.5, not_before: '0001-01-01T00:00:00Z' },
      status: 'available',
      work_spec_url: SPEC,
      attempts_url: `${url}/attempts`,
    });
  });

  it('again replaces its data and meta', async () => {
    await add({ name: 'u', data: { x: 1 }, meta: { priority: 5, not_before: '2030-01-01T00:00:00Z' } });
    expect((await rest.get(`${UNITS}/u`)).json).toMatchObject({ status: 'delayed', meta: { priority: 5 } });
    await rest.post(UNITS, { name: 'u', data: null, meta: '' });
    expect((await rest.get(`${UNITS}/u`)).json).toMatchObject({
      status: 'available',
      data: {},
      meta: { priority: 0, not_before: '0001-01-01T00:00:00Z' },
    });
  });

  it('takes a name of any bytes by its encoding', async () => {
    const { json } = await rest.post(UNITS, { name_encoded: '-_w', name: '' });
    expect(json).toEqual({ url: `${UNITS}/-_w`, name: '\ufffd' });
    expect((await rest.get(`${UNITS}/%ff`)).json).toMatchObject({ url: `${UNITS}/-_w`, name: '\ufffd' });
    expect((await rest.post(UNITS, { name: '' })).json).toEqual({ url: `${UNITS}/-`, name: '' });
  });

  it('many at a time answers in the order given', async () => {
    const { status, json, headers } = await add(
      { name: 'b' },
      { name: 'a', data: { x: 1 } },
      { name: 'b', data: { y: 2 } },
    );
    expect([status, headers.location]).toEqual([201, undefined]);
    expect((json as List).work_units.map(({ name }) => name)).toEqual(['b', 'a', 'b']);
    expect((await rest.get(`${UNITS}/b`)).json).toMatchObject({ data: { y: 2 } });
    expect((await add()).json).toEqual({ work_units: [] });
  });

  it('adds none when one is wrong, and says which', async () => {
    for (const [bad, field] of [
      [{}, 'name'],
      [{ name: 3 }, 'name'],
      [{ name: 'x', data: 'x' }, 'data'],
      [{ name: 'x', meta: { priority: 'high' } }, 'meta.priority'],
      [{ name: 'x', meta: { not_before: '' } }, 'meta.not_before'],
      [{ name: 'x'.repeat(1025) }, 'name'],
      [{ name_encoded: '-A' }, 'name_encoded'],
    ] as const) {
      const { status, json } = await add({ name: 'good' }, bad);
      expect([status, json]).toMatchObject([400, { error: 'error', details: [{ field: `work_units[1].${field}` }] }]);
    }
    expect((await add('x' as unknown as object)).json).toMatchObject({ details: [{ field: 'work_units[0]' }] });
    expect(await list('')).toEqual([]);
  });

  it('says how several are added, where a list comes in the place of one or of what holds it', async () => {
    const several = [{ name: 'a' }, { name: 'b' }];
    const messageOf = async (path: string) => ((await rest.post(path, several)).json as { message: string }).message;
    expect(await messageOf(UNITS)).toMatch(/^body must be an object, not a list: .*\/add, as \{"work_units": \[…\]\}$/);
    expect(await messageOf(`${SPEC}/add`)).toMatch(/not a list: the list goes into it as "work_units"$/);
    for (const what of ['finish_attempts', 'renew_attempts']) {
      expect(await messageOf(`/namespace/n/worker/w/${what}`)).toMatch(
        /not a list: the list goes into it as "attempts"$/,
      );
    }
    // Beyond the size from which a body is read in steps.
    const large = Array.from({ length: 3000 }, (_, i) => ({ name: `a unit with the number ${i}` }));
    expect((await rest.post(UNITS, large)).json).toMatchObject({
      details: [{ field: 'body', reason: expect.stringContaining('/add') as string }],
    });
    expect(await list('')).toEqual([]);
  });

  it('needs a work spec', async () => {
    const path = '/namespace/n/work_spec/none';
    for (const answer of [
      await rest.post(`${path}/work_unit`, { name: 'u' }),
      await rest.post(`${path}/add`, { work_units: [{ name: 'u' }] }),
      await rest.post(`${path}/add`, { work_units: [] }),
    ]) {
      expect([answer.status, answer.json]).toMatchObject([404, { error: 'ErrNoSuchWorkSpec', value: 'none' }]);
    }
  });
});

describe('listing work units', () => {
  it('is in the order of their bytes', async () => {
    await named('b', 'é', 'a', 'B', 'z', '\u{1f600}', '\uffff');
    expect(await list('')).toEqual(['B', 'a', 'b', 'z', 'é', '\uffff', '\u{1f600}']);
  });

  it('takes windows, each leading to the next', async () => {
    await named('a', 'b', 'c d', 'e', 'f');
    const seen: string[] = [];
    let next: string | undefined = `${UNITS}?status=available&status=failed&limit=2`;
    for (let page = 0; next !== undefined; page++) {
      const list: List = (await rest.get(next)).json as List;
      seen.push(...list.work_units.map(({ name }) => name));
      next = list.next_url;
      expect(next).toBe(
        [
          `${UNITS}?status=available&status=failed&previous=b&limit=2`,
          `${UNITS}?status=available&status=failed&previous=e&limit=2`,
          undefined,
        ][page],
      );
    }
    expect(seen).toEqual(['a', 'b', 'c d', 'e', 'f']);
    expect(await list('?previous=-YyBk')).toEqual(['e', 'f']);
    expect(await list('?previous=c%20d')).toEqual(['e', 'f']);
    expect((await rest.get(`${UNITS}?limit=5`)).json).not.toHaveProperty('next_url');
  });

  it('by names takes their bytes first, and else their encoding', async () => {
    await rest.post(UNITS, { name_encoded: '-_w' });
    await named('a', '-', '', '-YQ', '-YWI', 'c/d&e=f');
    expect(await list('?name=a&name=none&name=c%2Fd%26e%3Df')).toEqual(['a', 'c/d&e=f']);
    expect(await list('?name=')).toEqual(['']);
    expect(await list('?name=-YQ')).toEqual(['-YQ']);
    expect(await list('?name=-YWI')).toEqual(['-YWI']);
    expect(await list('?name=-Yw')).toEqual([]);
    expect(await list('?name=-')).toEqual(['-']);
    expect(await list('?name=%ff')).toEqual(['\ufffd']);
    expect(await list('?name=-_w')).toEqual(['\ufffd']);
    await rest.delete(`${UNITS}?name=-`);
    expect(await list('?name=-')).toEqual(['']);
    await rest.delete(`${UNITS}?name=-YQ`);
    expect(await list('?name=-YQ')).toEqual(['a']);
    const page = (await rest.get(`${UNITS}?name=a&name=%ff&name=&limit=1`)).json as List;
    expect(page.next_url).toBe(`${UNITS}?name=a&name=%FF&name=&previous=-&limit=1`);
    expect((await rest.get(page.next_url!)).json).toMatchObject({ work_units: [{ name: 'a' }] });
  });

  it('by statuses, of which any is no restriction', async () => {
    await named('a', 'b', 'c');
    await work('finish');
    await work('fail');
    expect(await list('?status=finished')).toEqual(['a']);
    expect(await list('?status=failed&status=available')).toEqual(['b', 'c']);
    expect(await list('?status=any')).toEqual(['a', 'b', 'c']);
    expect(await list('?status=finished&status=any')).toEqual(['a', 'b', 'c']);
  });

  it('refuses a query that makes no sense', async () => {
    for (const [query, field] of [
      ['limit=0', 'limit'],
      ['limit=-1', 'limit'],
      ['limit=x', 'limit'],
      ['limit=', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['status=done', 'status'],
      ['status=', 'status'],
      ['previous=-A', 'previous'],
      ['name=%zz', 'name'],
    ]) {
      const { status, json } = await rest.get(`${UNITS}?${query}`);
      expect([query, status, json]).toMatchObject([query, 400, { error: 'error', details: [{ field }] }]);
    }
  });

  it('streams what is long to the historic client, complete and in order', async () => {
    const all = Array.from({ length: 3500 }, (_, index) => `u${String(index).padStart(5, '0')}`);
    await named(...all);
    const type = 'application/vnd.diffeo.coordinate.v1+json';
    const historic = (query: string) => rest.get(`${UNITS}${query}`, { headers: { accept: type } });
    const { json, headers } = await historic('');
    expect(headers['transfer-encoding']).toBe('chunked');
    expect(headers['content-type']).toBe(type);
    expect((json as List).work_units.map(({ name }) => name)).toEqual(all);
    expect((await historic('?previous=u02500')).headers['content-length']).toBeDefined();
    const after = (await historic('?previous=u01000&status=available')).json as List;
    expect(after.work_units.length).toBe(2499);
    expect((await rest.send('HEAD', UNITS)).status).toBe(200);
  });
});

describe('changing work units', () => {
  it('sets what meta has and leaves the rest', async () => {
    await add({ name: 'u', meta: { priority: 3, not_before: '2030-01-01T00:00:00Z' } });
    const url = `${UNITS}/u`;
    const junk = { url: '', name: '', data: { x: 1 }, status: 'any', active_attempt_url: '', attempts_url: '' };
    expect((await rest.put(url, { ...junk, meta: { priority: 7, not_before: null } })).status).toBe(204);
    expect((await rest.get(url)).json).toMatchObject({
      data: {},
      meta: { priority: 7, not_before: '2030-01-01T00:00:00Z' },
    });
    await rest.put(url, { meta: { not_before: '2020-01-01T00:00:00Z' } });
    await rest.put(url, { meta: '' });
    await rest.put(url, {});
    expect((await rest.get(url)).json).toMatchObject({
      status: 'available',
      meta: { priority: 7, not_before: '2020-01-01T00:00:00Z' },
    });
    expect((await rest.put(`${UNITS}/none`, {})).json).toMatchObject({ error: 'ErrNoSuchWorkUnit', value: 'none' });
    expect((await rest.put(url, { meta: { priority: true } })).json).toMatchObject({
      details: [{ field: 'meta.priority' }],
    });
  });

  it('clears the active attempt', async () => {
    await add({ name: 'u', data: { x: 1 } });
    await work('finish', { data: { y: 2 } });
    expect((await rest.get(`${UNITS}/u`)).json).toMatchObject({ status: 'finished', data: { y: 2 } });
    expect((await rest.put(`${UNITS}/u`, { active_attempt_url: '-' })).status).toBe(204);
    const { json } = await rest.get(`${UNITS}/u`);
    expect(json).toMatchObject({ status: 'available', data: { x: 1 } });
    expect(json).not.toHaveProperty('active_attempt_url');
    expect((await rest.get(`${UNITS}/u/num-attempts`)).text).toBe('1');
  });

  it('sets and adds to priorities of all that a query selects', async () => {
    await named('a', 'b', 'c');
    const priorities = async () =>
      Promise.all(
        ['a', 'b', 'c'].map(async (name) => {
          const { json } = await rest.get(`${UNITS}/${name}`);
          return (json as { meta: { priority: number } }).meta.priority;
        }),
      );
    expect((await rest.post(`${SPEC}/change?name=a&name=b`, { meta: { priority: 5 } })).status).toBe(204);
    expect((await rest.post(`${SPEC}/adjust?previous=a&limit=2`, { meta: { priority: -1.5 } })).status).toBe(204);
    expect(await priorities()).toEqual([5, 3.5, -1.5]);
    for (const body of [{}, { meta: null }, { meta: '' }, { meta: {} }, { priority: 9 }, undefined]) {
      expect((await rest.post(`${SPEC}/change`, body)).status).toBe(204);
      expect((await rest.post(`${SPEC}/adjust`, body)).status).toBe(204);
    }
    expect(await priorities()).toEqual([5, 3.5, -1.5]);
    expect((await rest.post('/namespace/n/work_spec/none/change', {})).status).toBe(404);
    expect((await rest.post(`${SPEC}/change?limit=0`, {})).status).toBe(400);
  });

  it('gives failed units another try, or finished ones', async () => {
    await named('a', 'b', 'c', 'd');
    await work('finish');
    await work('fail');
    await work('fail');
    expect((await rest.post(`${SPEC}/retry?limit=1`)).json).toEqual({ Retried: 1 });
    expect(await list('?status=failed')).toEqual(['c']);
    expect((await rest.post(`${SPEC}/retry`, '')).json).toEqual({ Retried: 1 });
    expect((await rest.post(`${SPEC}/retry?status=finished`)).json).toEqual({ Retried: 1 });
    expect(await list('?status=available')).toEqual(['a', 'b', 'c', 'd']);
    for (const status of ['available', 'pending', 'delayed', 'x']) {
      expect((await rest.post(`${SPEC}/retry?status=${status}`)).json).toMatchObject({
        details: [{ field: 'status' }],
      });
    }
    expect((await rest.post('/namespace/n/work_spec/none/retry')).status).toBe(404);
  });

  it('deletes what a query selects', async () => {
    await named('a', 'b', 'c', 'd');
    const { status, json } = await rest.delete(`${UNITS}?name=a&name=none`);
    expect([status, json]).toEqual([200, { Deleted: 1 }]);
    expect((await rest.delete(`${UNITS}?limit=1`)).json).toEqual({ Deleted: 1 });
    expect(await list('')).toEqual(['c', 'd']);
    expect((await rest.delete(UNITS)).json).toEqual({ Deleted: 2 });
    expect((await rest.delete(UNITS)).json).toEqual({ Deleted: 0 });
  });
});

describe('a work unit that is not there', () => {
  it('is named, decoded', async () => {
    for (const path of ['', '/attempts', '/num-attempts', '/attempt/w/1.1', '/attempt/w/nonsense!']) {
      const { status, json } = await rest.get(`${UNITS}/-YSBi${path}`);
      expect([status, json]).toMatchObject([404, { error: 'ErrNoSuchWorkUnit', value: 'a b' }]);
    }
  });
});
