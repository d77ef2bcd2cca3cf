import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RestApp } from './app.js';

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());

const names = async (): Promise<string[]> => {
  const { json } = await rest.get('/namespace');
  return (json as { namespaces: { name: string }[] }).namespaces.map(({ name }) => name);
};

describe('the root document', () => {
  it('leads to everything', async () => {
    expect((await rest.get('/')).json).toEqual({
      url: '/',
      summary_url: '/summary',
      namespaces_url: '/namespace',
      namespace_url: '/namespace/{namespace}',
      docs_url: '/docs',
      openapi_url: '/openapi.json',
    });
  });
});

describe('namespaces', () => {
  it('are made by GET and by POST, listed by name, and go by DELETE with all in them', async () => {
    expect((await rest.get('/namespace')).json).toEqual({ namespaces: [] });
    const namespace = {
      url: '/namespace/a:b',
      name: 'a:b',
      summary_url: '/namespace/a:b/summary',
      work_specs_url: '/namespace/a:b/work_spec',
      work_spec_url: '/namespace/a:b/work_spec/{spec}',
      workers_url: '/namespace/a:b/worker',
      worker_url: '/namespace/a:b/worker/{worker}',
    };
    expect((await rest.get('/namespace/a%3Ab')).json).toEqual(namespace);
    const posted = await rest.post('/namespace', { url: '', name: 'a:b', work_specs_url: '' });
    expect([posted.status, posted.json]).toMatchObject([201, { url: namespace.url, name: 'a:b' }]);
    await rest.post('/namespace', { name: '' });
    await rest.post('/namespace', { name_encoded: '-w6k' });
    expect(await names()).toEqual(['', 'a:b', 'é']);
    await rest.post('/namespace/a:b/work_spec', { data: { name: 's' } });
    expect((await rest.delete('/namespace/a:b')).status).toBe(204);
    expect((await rest.delete('/namespace/a:b')).status).toBe(204);
    expect(await names()).toEqual(['', 'é']);
    expect((await rest.get('/namespace/a:b/work_spec')).json).toEqual({ work_specs: [] });
  });

  it('are not made by reading what is below them', async () => {
    const before = await names();
    const list = '/namespace/unseen/work_spec';
    expect((await rest.get('/namespace/unseen/summary')).json).toEqual([]);
    expect((await rest.get(list)).json).toEqual({ work_specs: [] });
    expect((await rest.get('/namespace/unseen/worker')).json).toEqual({ workers: [] });
    for (const kind of ['active', 'all', 'child']) {
      expect((await rest.get(`/namespace/unseen/worker/w/${kind}_attempts`)).json).toEqual({ attempts: [] });
    }
    for (const path of [
      '',
      '/counts',
      '/summary',
      '/meta',
      '/work_unit',
      '/work_unit/u',
      '/work_unit/u/attempt/w/1.1',
    ]) {
      const { status, json } = await rest.get(`${list}/s${path}`);
      expect([status, json]).toMatchObject([404, { error: 'ErrNoSuchWorkSpec', value: 's' }]);
    }
    expect((await rest.post(`${list}/s/work_unit/u/attempt/w/1.1/finish`)).status).toBe(404);
    expect(await names()).toEqual(before);
  });

  it('need a name that is valid', async () => {
    for (const [body, field] of [
      [{}, 'name'],
      [{ name: null }, 'name'],
      [{ name: 3 }, 'name'],
      [{ name: 'x'.repeat(1025) }, 'name'],
      [{ name_encoded: '-A' }, 'name_encoded'],
      [{ name_encoded: '-_w' }, 'name_encoded'],
    ] as const) {
      const { status, json } = await rest.post('/namespace', body);
      expect([status, json]).toMatchObject([400, { details: [{ field }] }]);
    }
    expect((await rest.post('/namespace', '{"name":"\\ud800"}')).status).toBe(400);
  });
});

describe('summaries', () => {
  it('count what there is, and leave out zeroes', async () => {
    for (const namespace of ['x', 'y']) {
      await rest.post(`/namespace/${namespace}/work_spec`, { data: { name: 's' } });
      await rest.post(`/namespace/${namespace}/work_spec`, { data: { name: 'empty' } });
      await rest.post(`/namespace/${namespace}/work_spec/s/add`, { work_units: [{ name: 'a' }, { name: 'b' }] });
    }
    await rest.post('/namespace/y/worker/w/request_attempts', {});
    const x = [{ Namespace: 'x', WorkSpec: 's', Status: 'available', Count: 2 }];
    const y = [
      { Namespace: 'y', WorkSpec: 's', Status: 'available', Count: 1 },
      { Namespace: 'y', WorkSpec: 's', Status: 'pending', Count: 1 },
    ];
    expect((await rest.get('/namespace/x/summary')).json).toEqual(x);
    expect((await rest.get('/namespace/y/work_spec/s/summary')).json).toEqual(y);
    expect((await rest.get('/namespace/y/work_spec/empty/summary')).json).toEqual([]);
    expect((await rest.get('/summary')).json).toEqual([...x, ...y]);
  });
});
