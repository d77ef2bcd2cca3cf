import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, RestApp } from './app.js';

let rest: RestApp;
const DASHBOARD = 'https://dash.example.com';

beforeAll(async () => {
  rest = await RestApp.start({ web: { corsOrigins: [DASHBOARD], allowedHosts: ['jobs.example.com'], asksWho: true } });
});
afterAll(() => rest.stop());

type Headers = Record<string, string>;
const JSON_TYPE = { 'content-type': 'application/json' };

/** What the daemon has, as far as these tests change it. */
async function state(): Promise<string> {
  return `${(await rest.get('/namespace')).text} ${(await rest.get('/namespace/n/worker')).text}`;
}

function make(name: string, headers: Headers): Promise<Answer> {
  return rest.send('POST', '/namespace', { body: { name }, headers: { ...JSON_TYPE, ...headers } });
}

describe('a request that changes something', () => {
  it.each<[string, Headers]>([
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of another site of the same owner', { 'sec-fetch-site': 'same-site' }],
    ['of a kind of site that nobody knows yet', { 'sec-fetch-site': 'nested' }],
    ['of another origin', { origin: 'https://evil.example' }],
    ['of no origin, such as a sandbox', { origin: 'null' }],
    ['of another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['of an origin that only begins like this one', { origin: 'http://127.0.0.1:PORT.evil.example' }],
    ['of a site that lies about its origin', { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1:PORT' }],
  ])('%s is refused, and changes nothing', async (_, given) => {
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace('PORT', String(rest.port))]),
    );
    const before = await state();
    const { status, json } = await make('x', headers);
    expect([status, json]).toEqual([
      403,
      { error: 'error', message: expect.stringContaining('-cors-origin') as string },
    ]);
    for (const [method, path] of [
      ['PUT', '/namespace/n/worker/w'],
      ['DELETE', '/namespace/n'],
      ['POST', '/namespace/n/worker/w/request_attempts'],
      ['GET', '/namespace/made-by-looking'],
      ['HEAD', '/namespace/made-by-looking'],
      ['GET', '/namespace/n/worker/made-by-looking'],
    ] as const) {
      expect([method, path, (await rest.send(method, path, { headers })).status]).toEqual([method, path, 403]);
    }
    expect(await state()).toBe(before);
    // To look is no harm: the page is not let read the answer.
    const looked = await rest.get('/namespace', { headers });
    expect([looked.status, looked.headers['access-control-allow-origin']]).toEqual([200, undefined]);
  });

  it.each<[string, Headers]>([
    ['of no browser', {}],
    ['of a page of this server', { 'sec-fetch-site': 'same-origin' }],
    ['of a page of this server behind a proxy', { 'sec-fetch-site': 'same-origin', origin: 'https://proxy.example' }],
    ['of a person', { 'sec-fetch-site': 'none' }],
    ['of this origin', { origin: 'http://127.0.0.1:PORT' }],
    ['of this origin behind a proxy that does TLS', { origin: 'https://127.0.0.1:PORT' }],
  ])('%s is let in', async (_, given) => {
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace('PORT', String(rest.port))]),
    );
    expect((await make('n', headers)).status).toBe(201);
    expect((await rest.get('/namespace/n', { headers })).status).toBe(200);
  });

  it('needs a type for its body when a browser sends it, and none when it has no body', async () => {
    const browser = { 'sec-fetch-site': 'same-origin' };
    for (const headers of [
      browser,
      { ...browser, 'content-type': '' },
      { ...browser, 'transfer-encoding': 'chunked' },
    ]) {
      const { status } = await rest.send('POST', '/namespace', { body: { name: 'n' }, headers });
      expect([headers, status]).toEqual([headers, 415]);
    }
    expect((await rest.send('POST', '/namespace', { body: { name: 'n' } })).status).toBe(201);
    const path = '/namespace/n/worker/w/request_attempts';
    expect((await rest.send('POST', path, { headers: { ...browser, 'content-length': '0' } })).status).toBe(200);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain;application/json',
  ])('is refused with a body of %s, which browsers send without asking', async (type) => {
    expect((await make('n', { 'content-type': type })).status).toBe(415);
  });
});

describe('a page of -cors-origin', () => {
  it('is told what it may send, makes requests and reads the answers', async () => {
    const cross = { origin: DASHBOARD, 'sec-fetch-site': 'cross-site' };
    const asked = await rest.send('OPTIONS', '/namespace', {
      headers: { ...cross, 'access-control-request-method': 'POST', 'access-control-request-private-network': 'true' },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': DASHBOARD,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
      'access-control-allow-headers': 'authorization, content-type, x-request-id',
      'access-control-allow-private-network': 'true',
      vary: 'origin',
    });
    expect(asked.headers['access-control-allow-credentials']).toBeUndefined();
    const made = await make('shared', cross);
    expect([made.status, made.headers['access-control-allow-origin']]).toEqual([201, DASHBOARD]);
    const missing = await rest.get('/namespace/shared/work_spec/none', { headers: cross });
    expect([missing.status, missing.headers['access-control-allow-origin']]).toEqual([404, DASHBOARD]);
  });

  it('is that one alone', async () => {
    for (const origin of ['https://evil.example', 'http://dash.example.com', 'https://dash.example.com:8443', 'null']) {
      const { status, headers } = await rest.send('OPTIONS', '/namespace', {
        headers: { origin, 'access-control-request-method': 'POST' },
      });
      expect([origin, status, headers['access-control-allow-origin'], headers.vary]).toEqual([
        origin,
        405,
        undefined,
        'origin',
      ]);
    }
  });
});

describe('the name that a request is made by', () => {
  it.each([
    ...['127.0.0.1', '127.0.0.1:5980', '[::1]', '[::1]:5980', '[::ffff:10.0.0.1]:5980', 'localhost', 'localhost:80'],
    ...['coordinated:5980', 'JOBS.example.com', 'jobs.example.com:5980', hostname()],
  ])('%s is known', async (host) => {
    expect((await rest.get('/namespace', { headers: { host } })).status).toBe(200);
  });

  it.each([
    ...[
      'evil.example',
      'evil.example:5980',
      'jobs.example.com.evil.example',
      '127.0.0.1.evil.example',
      'jobs.example.com.',
    ],
    ...['127.0.0.1@evil.example', 'sub.jobs.example.com', `${hostname()}.evil.example`],
  ])('%s is not', async (host) => {
    for (const path of ['/namespace', '/docs', '/openapi.json', '/nowhere']) {
      const { status, json } = await rest.get(path, { headers: { host } });
      expect([path, status]).toEqual([path, 421]);
      expect(json).toEqual({ error: 'error', message: expect.stringContaining('-allowed-hosts') as string });
    }
    const before = await state();
    expect((await make('rebound', { host, 'sec-fetch-site': 'same-origin', origin: `http://${host}` })).status).toBe(
      421,
    );
    expect(await state()).toBe(before);
  });

  it('does not matter to who brings a token, where one is asked for', async () => {
    const headers = { host: 'evil.example', authorization: 'Bearer x' };
    expect((await rest.get('/namespace', { headers })).status).toBe(200);
    const basic = { host: 'evil.example', authorization: `Basic ${Buffer.from('x:y').toString('base64')}` };
    expect((await rest.get('/namespace', { headers: basic })).status).toBe(421);
    // A page can send one as well, and is everybody where nobody is asked.
    const open = await RestApp.start();
    expect((await open.get('/namespace', { headers })).status).toBe(421);
    await open.stop();
  });

  it('need not be there', async () => {
    expect(await rest.raw('GET /namespace HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe('what answers have for browsers', () => {
  const safe = (policy: RegExp) => ({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': expect.stringMatching(policy) as string,
  });

  it('is there on every kind of answer', async () => {
    const policy = /^default-src 'none'; frame-ancestors 'none'$/;
    for (const [method, path, status] of [
      ['GET', '/', 200],
      ['GET', '/namespace', 200],
      ['DELETE', '/namespace/gone', 204],
      ['GET', '/openapi.json', 200],
      ['GET', '/nowhere', 404],
      ['GET', '/namespace/%zz', 400],
      ['PATCH', '/', 405],
    ] as const) {
      const answer = await rest.send(method, path);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers).toMatchObject(safe(policy));
    }
    for (const text of [
      'nonsense\r\n\r\n',
      'FOO / HTTP/1.1\r\nHost: h\r\n\r\n',
      'CONNECT /x HTTP/1.1\r\nHost: h\r\n\r\n',
    ]) {
      expect((await rest.raw(text)).toLowerCase()).toContain(
        "\r\ncontent-security-policy: default-src 'none'; frame-ancestors 'none'\r\n",
      );
    }
  });

  it('lets the page of Swagger UI run what is served here, and nothing inline', async () => {
    const { headers, text } = await rest.get('/docs');
    expect(headers).toMatchObject(safe(/script-src 'self';.*frame-ancestors 'none'/));
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(text).not.toMatch(/<script>|style=|onload/);
  });

  it('has names that are markup as text', async () => {
    const name = '<img src=x onerror=alert(1)>';
    await rest.post('/namespace/n/work_spec', { data: { name } });
    const { headers, text } = await rest.get('/namespace/n/work_spec');
    expect(headers['content-type']).toBe('application/json');
    expect(text).toContain(JSON.stringify(name));
    const missing = await rest.get(`/namespace/n/work_spec/${encodeURIComponent('<b>')}/nothing`);
    expect([missing.status, missing.headers['content-type']]).toEqual([404, 'application/json']);
  });
});
