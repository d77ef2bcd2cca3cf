import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RestApp } from './app.js';

const V1 = 'application/vnd.diffeo.coordinate.v1+json';
const VENDOR = 'application/vnd.diffeo.coordinate+json';

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start({ maxBodyBytes: 100_000 });
  await rest.post('/namespace/n/work_spec', { data: { name: 's' } });
});
afterAll(() => rest.stop());

describe('negotiation', () => {
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['text/*', 'text/json'],
    ['text/json', 'text/json'],
    [V1, V1],
    [VENDOR, VENDOR],
    [`${VENDOR}, ${V1}`, VENDOR],
    [`${V1}, application/json;q=0.5`, V1],
    [`${V1};q=0.1, application/json;q=0.5`, 'application/json'],
    [`*/*, ${V1}`, V1],
    ['text/html, */*;q=0.1', 'application/json'],
    ['application/json;q=0, */*', 'text/json'],
    ['application/*;q=0.2, text/*;q=0.8', 'text/json'],
    ['Application/JSON; charset=utf-8', 'application/json'],
  ])('answers Accept: %s in %s', async (accept, type) => {
    const { status, headers } = await rest.get('/', { headers: accept === undefined ? {} : { accept } });
    expect([status, headers['content-type']]).toEqual([200, type]);
  });

  it.each(['text/html', 'application/json;q=0', 'application/xml, text/plain', 'application/vnd.*', 'nonsense'])(
    'refuses Accept: %s',
    async (accept) => {
      const { status, headers, json } = await rest.get('/namespace/n', { headers: { accept } });
      expect(status).toBe(406);
      expect(headers['content-type']).toBe('application/json');
      expect(json).toMatchObject({ error: 'error', details: [{ field: 'Accept', value: accept }] });
    },
  );

  it('says errors in the type that was asked for', async () => {
    const { status, headers } = await rest.get('/namespace/n/work_spec/none', { headers: { accept: V1 } });
    expect([status, headers['content-type']]).toEqual([404, V1]);
  });

  it.each(['application/json', 'text/json', V1, VENDOR, 'application/json; charset=UTF-8', 'Text/JSON'])(
    'reads a body of %s',
    async (type) => {
      const { status } = await rest.send('POST', '/namespace', {
        body: { name: 'n' },
        headers: { 'content-type': type },
      });
      expect(status).toBe(201);
    },
  );

  it.each(['text/plain', 'application/cbor', 'application/json; charset=latin1', 'x'])(
    'refuses a body of %s',
    async (type) => {
      const { status, json } = await rest.send('POST', '/namespace', {
        body: { name: 'n' },
        headers: { 'content-type': type },
      });
      expect(status).toBe(415);
      expect(json).toMatchObject({ error: 'error', details: [{ field: 'Content-Type', value: type }] });
    },
  );

  it('does not concern the documents about the service', async () => {
    for (const path of ['/openapi.json', '/docs']) {
      expect((await rest.get(path, { headers: { accept: 'image/png' } })).status).toBe(200);
    }
  });
});

describe('methods', () => {
  it.each([
    ['PATCH', '/', 'GET, HEAD'],
    ['POST', '/summary', 'GET, HEAD'],
    ['DELETE', '/namespace', 'GET, HEAD, POST'],
    ['PUT', '/namespace/n', 'DELETE, GET, HEAD'],
    ['OPTIONS', '/namespace/n/work_spec/s', 'DELETE, GET, HEAD, PUT'],
    ['GET', '/namespace/n/work_spec/s/change', 'POST'],
    ['TRACE', '/namespace/n/worker/w/', 'GET, HEAD, PUT'],
    ['PROPFIND', '/namespace/n/worker/w/request_attempts?x=1', 'POST'],
    ['GET', '/namespace/n/work_spec/s/work_unit/u/attempt/w/1.1/renew', 'POST'],
    ['POST', '/openapi.json', 'GET, HEAD'],
  ])('%s %s is 405, with Allow: %s', async (method, path, allow) => {
    const { status, headers, json } = await rest.send(method, path);
    expect([status, headers.allow]).toEqual([405, allow]);
    expect(json).toMatchObject({ error: 'error' });
  });

  it('answer HEAD like GET without a body', async () => {
    const get = await rest.get('/namespace/n/work_spec/s');
    const head = await rest.send('HEAD', '/namespace/n/work_spec/s');
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
    expect((await rest.send('HEAD', '/namespace/n/work_spec/none')).status).toBe(404);
  });

  it.each([
    ['FOO', '/namespace', 'GET, HEAD, POST'],
    ['get', '/namespace/n?x=1', 'DELETE, GET, HEAD'],
    ['CONNECT', '/namespace/%6e/worker/w', 'GET, HEAD, PUT'],
  ])('%s %s, which is no method of HTTP libraries, is 405, with Allow: %s', async (method, path, allow) => {
    const answer = await rest.raw(`${method} ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 405 /);
    expect(answer).toContain(`\r\nallow: ${allow}\r\n`);
    expect(JSON.parse(answer.split('\r\n\r\n')[1])).toMatchObject({ error: 'error' });
    expect(await rest.raw(`${method} /nowhere HTTP/1.1\r\nHost: h\r\n\r\n`)).toMatch(/^HTTP\/1.1 404 /);
    const both = `GET / HTTP/1.1\r\nHost: h\r\n\r\n${method} ${path} HTTP/1.1\r\nHost: h\r\n\r\n`;
    expect(await rest.raw(both)).toContain(`\r\nallow: ${allow}\r\n`);
  });

  it('find nothing where there is no route', async () => {
    expect((await rest.get('/nowhere')).status).toBe(404);
    expect((await rest.get('/namespace/n/nothing')).json).toMatchObject({ error: 'error' });
  });
});

describe('paths', () => {
  it('are the same with a slash at the end, without redirect', async () => {
    for (const path of ['/namespace', '/namespace/n', '/namespace/n/work_spec/s', '/namespace/n/work_spec/s/meta']) {
      expect((await rest.get(`${path}/`)).text).toBe((await rest.get(path)).text);
    }
    expect((await rest.get('/namespace/n/work_spec/s/meta/?counts=true')).status).toBe(200);
  });

  it('are refused when they are not percent-encoded right', async () => {
    const { status, json } = await rest.get('/namespace/%zz');
    expect([status, json]).toMatchObject([400, { error: 'error' }]);
  });

  it('name the part that is no name', async () => {
    for (const [path, field] of [
      ['/namespace/%ff', 'namespace'],
      ['/namespace/-_w', 'namespace'],
      ['/namespace/-A', 'namespace'],
      ['/namespace/n/work_spec/-_w', 'spec'],
      ['/namespace/n/work_spec/s/work_unit/-A', 'unit'],
      ['/namespace/n/worker/-*', 'worker'],
      [`/namespace/${'a'.repeat(1025)}`, 'namespace'],
    ]) {
      const { status, json } = await rest.get(path);
      expect([path, status, json]).toMatchObject([path, 400, { error: 'error', details: [{ field }] }]);
    }
  });

  it('hold every name, percent-encoded or not, and refuse longer ones', async () => {
    const name = '\xff'.repeat(1024);
    const url = `/namespace/n/worker/-${Buffer.from(name, 'latin1').toString('base64url')}`;
    expect((await rest.get(`/namespace/n/worker/${'%ff'.repeat(1024)}`)).json).toMatchObject({ url });
    expect((await rest.get(url)).json).toMatchObject({ url, name: '\ufffd'.repeat(1024) });
    const { status, json } = await rest.get(`/namespace/n/worker/${'a'.repeat(1368)}`);
    const details = [{ field: 'path', reason: 'has a part that is longer than any name' }];
    expect([status, json]).toMatchObject([414, { error: 'error', details }]);
  });

  it('that are not percent-encoded are refused', async () => {
    for (const path of ['/namespace/%zz', '/namespace/n/worker/%f']) {
      const { status, json } = await rest.get(path);
      const details = [{ field: 'path', value: path, reason: 'is not percent-encoded' }];
      expect([path, status, json]).toMatchObject([path, 400, { error: 'error', details }]);
    }
  });
});

describe('bodies', () => {
  const chunked = (body: string): string =>
    'POST /namespace HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n' +
    [...body].map((char) => `1\r\n${char}\r\n`).join('') +
    '0\r\n\r\n';

  it('may come byte by byte', async () => {
    expect(await rest.raw(chunked('{"name":"n"}'))).toMatch(/^HTTP\/1.1 201 /);
  });

  it('are read to the end before an error is heard, so that a client that still writes can go on', async () => {
    const keptOpen = chunked('x'.repeat(3000)).replace('Connection: close\r\n', '');
    const answers = await rest.raw(keptOpen.replace('/namespace ', '/nowhere '), chunked('{"name":"n"}'));
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 201']);
  });

  it('are read whatever else a client expects of the server', async () => {
    const head = 'POST /namespace HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 12\r\n';
    expect(await rest.raw(`${head}Expect: more\r\n\r\n{"name":"n"}`)).toMatch(/^HTTP\/1.1 201 /);
  });

  it('are refused when they are too large, declared or not', async () => {
    const body = `{"name":"${'x'.repeat(150_000)}"}`;
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }] as Record<string, string>[]) {
      const { status, json } = await rest.send('POST', '/namespace', { body, headers });
      expect([status, json]).toMatchObject([413, { error: 'error' }]);
    }
    expect(await rest.raw('POST /namespace HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999\r\n\r\nx')).toMatch(
      / 413 /,
    );
  });

  it('are JSON in UTF-8', async () => {
    for (const body of [
      '{"name":',
      Buffer.from('{"name":"\xff"}', 'latin1'),
      'null',
      '[]',
      '"x"',
      '{"name":"a"}x',
      '',
    ]) {
      const { status, json } = await rest.post('/namespace', body);
      const details = [{ field: 'body', value: expect.any(String) as string, reason: expect.any(String) as string }];
      expect([body, status, json]).toMatchObject([body, 400, { error: 'error', details }]);
    }
    expect((await rest.post('/namespace', '\ufeff {"name" : "n"}\r\n')).status).toBe(201);
  });

  it('name every field that is wrong, its value and why', async () => {
    const { status, json } = await rest.put('/namespace/n/worker/w', { active: 'yes', mode: 3, last_update: 'now' });
    expect(status).toBe(400);
    expect(json).toMatchObject({
      error: 'error',
      details: [
        { field: 'active', value: '"yes"', reason: 'must be true or false, not a string' },
        { field: 'mode', value: '3', reason: 'must be a string, not a number' },
        { field: 'last_update', value: '"now"', reason: 'is not a time of RFC 3339' },
      ],
    });
  });

  it('are ignored on DELETE, whatever they are', async () => {
    const { status } = await rest.send('DELETE', '/namespace/n/work_spec/s/work_unit', {
      body: '{',
      headers: { 'content-type': 'text/plain' },
    });
    expect(status).toBe(200);
  });

  it('of keys that come twice take the last', async () => {
    const { json } = await rest.post('/namespace', '{"name":"a","name":"b","unknown":[{}],"__proto__":{"name":"c"}}');
    expect(json).toMatchObject({ name: 'b' });
  });
});

describe('answers', () => {
  it('have a Content-Length and not a byte after the JSON, and are never compressed', async () => {
    for (const path of ['/', '/namespace', '/namespace/n/work_spec/s/work_unit', '/namespace/n/work_spec/none']) {
      const { headers, text } = await rest.get(path, { headers: { 'accept-encoding': 'gzip' } });
      expect(headers['content-length']).toBe(String(Buffer.byteLength(text)));
      expect(headers['content-encoding']).toBeUndefined();
      expect(text.trim()).toBe(text);
    }
  });

  it('of 204 have neither body nor type', async () => {
    const { status, headers, text } = await rest.put('/namespace/n/worker/w', {});
    expect([status, headers['content-type'], headers['content-length'], text]).toEqual([204, undefined, undefined, '']);
  });

  it('name the resource that was made', async () => {
    expect((await rest.post('/namespace', { name: 'a b' })).headers.location).toBe('/namespace/-YSBi');
  });
});

describe('request heads', () => {
  it('may be nearly 1 MiB long', async () => {
    const names = Array.from({ length: 9000 }, (_, index) => `name=${'x'.repeat(100)}${index}`).join('&');
    expect(names.length).toBeGreaterThan(900_000);
    const { status, json } = await rest.get(`/namespace/n/work_spec/s/work_unit?${names}`);
    expect([status, json]).toEqual([200, { work_units: [] }]);
  });

  it('are refused beyond that', async () => {
    const answer = await rest.raw(`GET /?${'x'.repeat(1024 * 1024)} HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1])).toMatchObject({ error: 'error' });
  });

  it('that are no HTTP get an answer too', async () => {
    const answer = await rest.raw('what?\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1])).toMatchObject({ error: 'error' });
  });
});
