import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Proxies } from '../../src/access/proxies.js';
import { type Answer, RestApp } from './app.js';

const apps: RestApp[] = [];

async function start(web: Parameters<typeof RestApp.start>[0] & object): Promise<RestApp> {
  const app = await RestApp.start(web);
  apps.push(app);
  return app;
}
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop();
});
afterAll(() => expect(apps).toEqual([]));

/** All links in an answer. */
function linksIn(json: unknown): string[] {
  if (Array.isArray(json)) return json.flatMap(linksIn);
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) =>
    typeof value === 'string' && (key === 'meta' || /(^|_)urls?$/.test(key)) ? [value] : linksIn(value),
  );
}

/** Takes a unit through its life by the links of the answers alone. @returns the answers */
async function life(rest: RestApp, root: string, headers: Record<string, string>): Promise<Answer[]> {
  const answers: Answer[] = [];
  const ask = async (method: string, path: string, body?: unknown): Promise<Record<string, string>> => {
    const answer = await rest.send(method, path, { body, headers });
    expect([method, path, answer.status]).toEqual([method, path, answer.status < 300 ? answer.status : '2xx']);
    answers.push(answer);
    return answer.json as Record<string, string>;
  };
  const home = await ask('POST', (await ask('GET', root)).namespaces_url, { name: 'n' });
  await ask('GET', `${root}namespace?limit=1`);
  await ask('POST', home.work_specs_url, { data: { name: 't' } });
  const spec = await ask('GET', (await ask('POST', home.work_specs_url, { data: { name: 's' } })).url);
  await ask('GET', `${home.work_specs_url}?limit=1`);
  for (const name of ['a', 'b', 'c']) await ask('POST', spec.work_units_url, { name });
  await ask('GET', `${spec.work_units_url}?limit=1&include=attempt`);
  const worker = await ask('GET', home.worker_url.replace('{worker}', 'w'));
  await ask('GET', `${home.workers_url}?limit=1`);
  const claim = (await ask('POST', worker.request_attempts_url, { number_of_work_units: 3 })) as unknown as {
    attempts: Record<string, string>[];
  };
  const [first, second, third] = claim.attempts;
  await ask('POST', first.finish_url, {});
  const outcomes = await ask('POST', `${worker.url}/finish_attempts`, {
    attempts: [{ url: second.url, outcome: 'finished' }],
  });
  expect(outcomes).toEqual({ results: [{ url: second.url, status: 'finished' }] });
  await ask('POST', `${worker.url}/renew_attempts`, { attempts: [{ url: third.url }] });
  await ask('GET', third.work_unit_url);
  await ask('GET', `${worker.all_attempts_url}?limit=1`);
  return answers;
}

describe('behind a prefix', () => {
  it.each([
    ['that is taken away', '/'],
    ['that is left', '/coordinate/'],
  ])('%s, all links begin with it and lead where they should', async (_, root) => {
    const rest = await start({ web: { basePath: '/coordinate' } });
    // What the proxy that takes it away would do to the links.
    const send = rest.send.bind(rest);
    rest.send = (method, path, options) =>
      send(method, root === '/' ? path.replace('/coordinate/', '/') : path, options);
    const answers = await life(rest, root, {});
    const links = answers.flatMap(({ json, headers: { location } }) => [
      ...linksIn(json),
      ...(location ? [location] : []),
    ]);
    expect(links.length).toBeGreaterThan(70);
    expect(links.filter((link) => !link.startsWith('/coordinate/'))).toEqual([]);
  });

  it('that a trusted proxy names, too, and nobody else', async () => {
    const headers = { 'x-forwarded-prefix': '/team/jobs/' };
    const trusting = await start({ web: { trustedProxies: ['127.0.0.1', '::1'] } });
    expect((await trusting.get('/', { headers })).json).toMatchObject({
      url: '/team/jobs/',
      docs_url: '/team/jobs/docs',
    });
    expect((await trusting.get('/')).json).toMatchObject({ url: '/' });
    for (const prefix of ['//evil.example', 'https://evil.example', '/a/../b', '/a"b', '/a b', 'a', '/<b>']) {
      const answer = await trusting.get('/', { headers: { 'x-forwarded-prefix': prefix } });
      expect([prefix, (answer.json as { url: string }).url]).toEqual([prefix, '/']);
    }
    const other = await start({ web: { trustedProxies: ['10.0.0.0/8'] } });
    expect((await other.get('/', { headers })).json).toMatchObject({ url: '/' });
  });

  it('the OpenAPI document and the page of Swagger UI find what they need', async () => {
    const rest = await start({ web: { basePath: '/coordinate' } });
    expect((await rest.get('/coordinate/openapi.json')).json).toMatchObject({ servers: [{ url: '/coordinate' }] });
    const { text } = await rest.get('/coordinate/docs');
    const parts = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part]) => part);
    expect(parts.length).toBe(4);
    for (const part of parts) {
      expect(part).toMatch(/^\/coordinate\/docs\//);
      expect((await rest.get(part)).status).toBe(200);
    }
    expect((await rest.get('/coordinate')).json).toMatchObject({ url: '/coordinate/' });
    expect((await rest.get('/coordinates')).status).toBe(404);
    expect((await rest.get('/coordinate?x=1')).status).toBe(400);
  });
});

describe('what a proxy says of a request', () => {
  it('is believed of a trusted one: by which name, and how', async () => {
    const web = { trustedProxies: ['127.0.0.0/8'], allowedHosts: ['jobs.example.com'] };
    const status = async (rest: RestApp, headers: Record<string, string>): Promise<number> =>
      (
        await rest.send('POST', '/namespace', {
          body: { name: 'n' },
          headers: { 'content-type': 'application/json', ...headers },
        })
      ).status;
    const trusting = await start({ web });
    const proxied = { 'x-forwarded-host': 'jobs.example.com', 'x-forwarded-proto': 'https' };
    expect(await status(trusting, { ...proxied, origin: 'https://jobs.example.com' })).toBe(201);
    // A page that came unencrypted is nobody's who holds the name's certificate.
    expect(await status(trusting, { ...proxied, origin: 'http://jobs.example.com' })).toBe(403);
    expect(await status(trusting, { 'x-forwarded-host': 'evil.example' })).toBe(421);
    // A page whose name leads to the machine of the proxy can send that header as well.
    expect(await status(trusting, { 'x-forwarded-host': 'localhost', host: 'evil.example' })).toBe(421);
    const doubting = await start({ web: { ...web, trustedProxies: [] } });
    expect(await status(doubting, { ...proxied, origin: 'https://jobs.example.com' })).toBe(403);
    expect(await status(doubting, { 'x-forwarded-host': 'evil.example' })).toBe(201);
  });

  it.each([
    ['a client', '203.0.113.7', '203.0.113.7'],
    ['the last before those that are trusted', '1.1.1.1, 203.0.113.7, 10.1.2.3', '203.0.113.7'],
    ['one with a port', '203.0.113.7:4711, 10.1.2.3', '203.0.113.7'],
    ['one of IPv6', '[2001:db8::1]:4711', '2001:db8::1'],
    ['only trusted ones', '10.1.1.1, 10.2.2.2', '10.1.1.1'],
    ['nonsense', '203.0.113.7, unknown, 10.1.2.3', '10.1.2.3'],
    ['nothing', '', '10.0.0.1'],
  ])('who sent it: %s', (_, header, client) => {
    const proxies = new Proxies({ trustedProxies: ['10.0.0.0/8'], basePath: '' });
    const headers = { 'x-forwarded-for': header };
    expect(proxies.clientOf({ socket: { remoteAddress: '10.0.0.1' }, headers })).toBe(client);
    expect(proxies.clientOf({ socket: { remoteAddress: '::ffff:10.0.0.1' }, headers })).toBe(
      client === '10.0.0.1' ? '::ffff:10.0.0.1' : client,
    );
    expect(proxies.clientOf({ socket: { remoteAddress: '192.0.2.1' }, headers })).toBe('192.0.2.1');
  });
});
