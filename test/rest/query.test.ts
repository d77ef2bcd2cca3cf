import type { OpenAPIObject } from '@nestjs/swagger';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RestApp } from './app.js';

const SPEC = '/namespace/n/work_spec/s';
/** What is the same for every client and no part of the API. */
const SERVICE = new Set(['/openapi.json', '/docs', '/metrics', '/healthz', '/readyz']);

let rest: RestApp;
let routes: [method: string, path: string][];
beforeAll(async () => {
  rest = await RestApp.start();
  const { paths } = (await rest.get('/openapi.json')).json as OpenAPIObject;
  routes = Object.entries(paths)
    .filter(([path]) => !SERVICE.has(path))
    .flatMap(([path, item]) => Object.keys(item).map((method): [string, string] => [method.toUpperCase(), path]));
});
afterAll(() => rest.stop());
beforeEach(async () => {
  await rest.delete('/namespace/n');
  await rest.post('/namespace/n/work_spec', { data: { name: 's' } });
});

const names = async (query: string): Promise<string[]> => {
  const { json } = await rest.get(`${SPEC}/work_unit?${query}`);
  return (json as { work_units: { name: string }[] }).work_units.map(({ name }) => name);
};
const add = (...units: string[]) => rest.post(`${SPEC}/add`, { work_units: units.map((name) => ({ name })) });

describe('a query parameter that a route does not have', () => {
  it('is refused by name on every route, and nothing is done', async () => {
    await add('u');
    const values: Record<string, string> = { namespace: 'n', spec: 's', unit: 'u', worker: 'w', start: '1.1' };
    expect(routes.length).toBeGreaterThan(40);
    for (const [method, path] of routes) {
      // Whoever people sign in with may say there what it likes.
      if (path === '/session/callback') continue;
      const url = path.replace(/\{(\w+)\}/g, (_, part: string) => values[part]);
      const { status, json } = await rest.send(method, `${url}?surprise=1&limt=2`, {
        body: method === 'GET' ? undefined : '{}',
      });
      expect([method, path, status]).toEqual([method, path, 400]);
      expect(json).toMatchObject({ error: 'error', details: [{ field: 'surprise', value: '1' }, { field: 'limt' }] });
    }
    expect(await names('')).toEqual(['u']);
    expect((await rest.get('/namespace/n/worker')).json).toEqual({ workers: [] });
  });

  it('is told what the route has, and what was probably meant', async () => {
    await add('u', 'v');
    const { status, json } = await rest.delete(`${SPEC}/work_unit?names=u`);
    expect([status, json]).toEqual([
      400,
      {
        error: 'error',
        message:
          'names is no parameter of this route, did you mean name? It has name, status, failure, prefix, contains, worker, previous, limit',
        details: [
          {
            field: 'names',
            value: 'u',
            reason:
              'is no parameter of this route, did you mean name? It has name, status, failure, prefix, contains, worker, previous, limit',
          },
        ],
      },
    ]);
    expect(await names('')).toEqual(['u', 'v']);
    const other = await rest.get('/summary?x');
    expect(other.json).toMatchObject({
      details: [{ field: 'x', value: '', reason: 'is no parameter of this route, which has none' }],
    });
  });

  it('is none of the documents about the service', async () => {
    for (const path of ['/openapi.json', '/docs']) expect((await rest.get(`${path}?x=1`)).status).toBe(200);
  });
});

describe('a plus in a query', () => {
  it('is a space, and %2B a plus', async () => {
    await add('a b', 'a+b', 'c');
    expect(await names('name=a+b')).toEqual(['a b']);
    expect(await names('name=a%20b')).toEqual(['a b']);
    expect(await names('name=a%2Bb')).toEqual(['a+b']);
    expect(await names('name=a%2bb&name=a+b')).toEqual(['a b', 'a+b']);
    expect(await names(String(new URLSearchParams([['name', 'a+b']])))).toEqual(['a+b']);
    expect(await names(String(new URLSearchParams([['name', 'a b']])))).toEqual(['a b']);
  });

  it('stays what it was in the links to the next window', async () => {
    await add('a b', 'a+b', 'c');
    let url: string | undefined = `${SPEC}/work_unit?name=a%2Bb&name=a+b&limit=1`;
    const seen: string[] = [];
    while (url !== undefined) {
      const page = (await rest.get(url)).json as { work_units: { name: string }[]; next_url?: string };
      seen.push(...page.work_units.map(({ name }) => name));
      url = page.next_url;
    }
    expect(seen).toEqual(['a b', 'a+b']);
  });
});
