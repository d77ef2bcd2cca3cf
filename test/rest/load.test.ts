import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { sendError } from '../../src/rest/errors/exception.filter.js';
import { HttpLoad } from '../../src/rest/http/load.js';
import { Turns } from '../../src/rest/http/turns.js';
import { startDaemon } from '../support/daemon.js';

let fastify: FastifyInstance | undefined;
let turns: Turns;
let release: (() => void)[] = [];
afterEach(async () => {
  for (const each of release) each();
  release = [];
  await fastify?.close();
  fastify = undefined;
});

/** A server whose route /slow answers when the test says so. */
async function serve(load: HttpLoad): Promise<number> {
  fastify = Fastify({ serverFactory: (carryOut) => createServer((turns = new Turns(load, carryOut)).take) });
  fastify.decorateRequest('answerType', 'application/json');
  fastify.setErrorHandler((error, _request, reply) =>
    sendError(error, reply, { warn: () => undefined, error: () => undefined }),
  );
  load.watch(fastify);
  fastify.get('/slow', async () => {
    await new Promise<void>((resolve) => release.push(resolve));
    return 'done';
  });
  fastify.get('/last', (_request, reply) => reply.header('connection', 'close').send('the last'));
  for (const probe of ['/healthz', '/readyz', '/metrics']) fastify.get(probe, () => 'well');
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  return (fastify.server.address() as AddressInfo).port;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

function get(port: number, path: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    httpRequest({ port, host: '127.0.0.1', path, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    })
      .on('error', reject)
      .end();
  });
}

/** What arrives on a connection once it has ended, or now. */
function reader(socket: Socket): () => string {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  return () => text;
}

test('more requests than may be worked on at once are shed, health and metrics never', async () => {
  const load = new HttpLoad(3, Infinity);
  const port = await serve(load);
  const slow = [1, 2, 3].map(() => get(port, '/slow'));
  await expect.poll(() => release.length).toBe(3);
  const shed = await get(port, '/slow');
  expect(shed.status).toBe(503);
  expect(shed.headers['retry-after']).toBe('1');
  expect(JSON.parse(shed.text)).toEqual({
    error: 'error',
    message: 'too many requests are being worked on, try again later',
  });
  for (const probe of ['/healthz', '/readyz', '/metrics']) expect((await get(port, probe)).status).toBe(200);
  expect(load.shed.requests).toBe(1);
  for (const each of release) each();
  expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(load.atWork).toBe(0);
  const after = get(port, '/slow');
  await expect.poll(() => release.length).toBe(4);
  release[3]();
  expect((await after).status).toBe(200);
});

const SLOW = 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n';

test('of the requests that a connection sends at once, the next is begun when the last one is answered', async () => {
  const load = new HttpLoad(1_000, Infinity);
  const port = await serve(load);
  const socket = connect(port, '127.0.0.1');
  const text = reader(socket);
  socket.write(SLOW.repeat(3));
  await expect.poll(() => turns.inFlight.size).toBe(3);
  for (let answered = 1; answered <= 3; answered++) {
    await expect.poll(() => release.length).toBe(answered);
    release[answered - 1]();
    await expect.poll(() => text().split('HTTP/1.1 200').length - 1).toBe(answered);
  }
  socket.destroy();
  expect([load.atWork, load.bodyBytes, turns.inFlight.size]).toEqual([0, 0, 0]);
});

test('those that a connection sends beyond a hundred are refused, and it is closed', async () => {
  const load = new HttpLoad(1_000, Infinity);
  const port = await serve(load);
  const socket = connect(port, '127.0.0.1');
  const text = reader(socket);
  const closed = once(socket, 'close');
  socket.write(SLOW.repeat(131));
  await expect.poll(() => load.shed.pipelined).toBe(30);
  expect(release.length).toBe(1);
  for (let answered = 0; answered < 101; answered++) {
    await expect.poll(() => release.length, { interval: 1 }).toBe(answered + 1);
    release[answered]();
  }
  await closed;
  expect(text().split('HTTP/1.1 200').length - 1).toBe(101);
  expect(text().split('HTTP/1.1 429').length - 1).toBe(1);
  expect(text()).toMatch(/retry-after: 1/i);
  expect([load.atWork, load.bodyBytes]).toEqual([0, 0]);
});

test('a connection that goes on even then is cut off, and what waited is forgotten', async () => {
  const load = new HttpLoad(1_000, Infinity);
  const port = await serve(load);
  const socket = connect(port, '127.0.0.1');
  const closed = once(socket, 'close').catch(() => undefined);
  socket.on('error', () => undefined);
  socket.write(SLOW.repeat(400));
  await closed;
  await expect.poll(() => [load.bodyBytes, turns.inFlight.size]).toEqual([0, 0]);
  expect(release.length).toBe(1);
});

test('requests that wait count among what clients make the daemon hold', async () => {
  const load = new HttpLoad(1_000, 20_000);
  const port = await serve(load);
  const [patient, greedy] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  for (const socket of [patient, greedy]) socket.on('error', () => undefined);
  patient.write(SLOW.repeat(4));
  await expect.poll(() => turns.inFlight.size).toBe(4);
  const closed = once(greedy, 'close');
  greedy.write(SLOW.repeat(4));
  await closed;
  expect(load.shed.no_room).toBeGreaterThan(0);
  await expect.poll(() => turns.inFlight.size).toBe(4);
  patient.destroy();
  await expect.poll(() => [load.bodyBytes, turns.inFlight.size]).toEqual([0, 0]);
});

test('what waits on a connection that is reset is forgotten', async () => {
  const load = new HttpLoad(1_000, Infinity);
  const port = await serve(load);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(SLOW.repeat(50));
  await expect.poll(() => turns.inFlight.size).toBe(50);
  socket.resetAndDestroy();
  await expect.poll(() => [load.bodyBytes, turns.inFlight.size]).toEqual([0, 0]);
  expect(release.length).toBe(1);
});

describe('the daemon', () => {
  async function metric(port: number, line: string): Promise<number> {
    const { text } = await get(port, '/metrics');
    return Number(
      text
        .split('\n')
        .find((each) => each.startsWith(`${line} `))
        ?.split(' ')[1],
    );
  }

  test('answers connections beyond their number with 503, and health all the same', async () => {
    const daemon = await startDaemon(['-max-connections', '2', '-cborrpc', 'off']);
    try {
      const others = [1, 2].map(() => connect(daemon.httpPort, '127.0.0.1'));
      for (const each of others) each.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
      await Promise.all(others.map((each) => new Promise((resolve) => each.once('data', resolve))));
      const { status, headers, text } = await get(daemon.httpPort, '/namespace');
      expect([status, headers['retry-after'], headers.connection]).toEqual([503, '1', 'close']);
      expect(text).toContain('too many connections');
      expect((await get(daemon.httpPort, '/healthz')).status).toBe(200);
      expect(await metric(daemon.httpPort, 'coordinate_http_shed_requests_total{reason="connections"}')).toBe(1);
      for (const each of others) each.destroy();
      await expect.poll(async () => (await get(daemon.httpPort, '/namespace')).status).toBe(200);
    } finally {
      await daemon.stop();
    }
  });

  test('refuses bodies for which there is no room', async () => {
    const daemon = await startDaemon(['-max-buffered', '100kB', '-cborrpc', 'off']);
    try {
      const url = `http://127.0.0.1:${daemon.httpPort}/namespace`;
      const post = (length: number) =>
        fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ name: 'n', junk: 'x'.repeat(length) }),
        });
      for (let i = 0; i < 5; i++) expect((await post(50_000)).status).toBe(201);
      const refused = await post(200_000);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
      expect((await post(50_000)).status).toBe(201);
      expect(await metric(daemon.httpPort, 'coordinate_http_shed_requests_total{reason="no_room"}')).toBe(1);
      expect(await metric(daemon.httpPort, 'coordinate_http_body_bytes')).toBe(0);
    } finally {
      await daemon.stop();
    }
  });

  test('cuts off a request that does not arrive, and an answer that is not read, but not who waits', async () => {
    const daemon = await startDaemon(['-stall-timeout', '3s', '-cborrpc', 'off']);
    try {
      const origin = `http://127.0.0.1:${daemon.httpPort}`;
      const data = { name: 'big', text: 'x'.repeat(30_000_000) };
      const make = () =>
        fetch(`${origin}/namespace/n/work_spec`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ data }),
        });
      // On a busy machine this very process may stall for so long that it is cut off.
      await expect.poll(async () => (await make()).status).toBe(201);
      const halfHead = connect(daemon.httpPort, '127.0.0.1', () => halfHead.write('GET / HTTP/1.1\r\nHo'));
      const halfBody = connect(daemon.httpPort, '127.0.0.1', () =>
        halfBody.write('POST /namespace HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{'),
      );
      const answers = [halfHead, halfBody].map(reader);
      const unread = connect(daemon.httpPort, '127.0.0.1', () =>
        unread.write('GET /namespace/n/work_spec/big HTTP/1.1\r\nHost: x\r\n\r\n'),
      );
      unread.on('error', () => undefined).pause();
      for (const answer of answers) await expect.poll(answer).toMatch(/^HTTP\/1.1 408/);
      await expect
        .poll(() => metric(daemon.httpPort, 'coordinate_http_cut_connections_total{reason="slow_reader"}'))
        .toBe(1);
      expect(
        await metric(daemon.httpPort, 'coordinate_http_cut_connections_total{reason="stalled"}'),
      ).toBeGreaterThanOrEqual(2);
    } finally {
      await daemon.stop();
    }
  });
});

test('what is asked behind an answer that ends the connection is not carried out', async () => {
  const port = await serve(new HttpLoad(Infinity, Infinity));
  const socket = connect(port, '127.0.0.1');
  const text = reader(socket);
  socket.write('GET /last HTTP/1.1\r\nHost: x\r\n\r\nGET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'close');
  expect(text()).toMatch(/^HTTP\/1.1 200 [^]*the last$/);
  expect(release).toEqual([]);
  expect(turns.inFlight.size).toBe(0);
});
