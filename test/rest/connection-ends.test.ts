import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ConnectionEnds } from '../../src/rest/http/connection-ends.js';

const CONNECTIONS = 200;
/** On a machine that is busy. */
const PATIENT = { timeout: 60_000 };

describe('hundreds of connections that end at once', () => {
  let server: Server;
  let ends: ConnectionEnds;
  let clients: Socket[] = [];
  afterEach(() => {
    for (const client of clients) client.destroy();
    server.closeAllConnections();
    server.close();
  });

  /** Has so many connections ask for something that nobody answers, and counts what of them ends in each turn of the event loop. */
  async function listening(requestsOf: () => number) {
    let requests = 0;
    const inTurn = { end: 0, close: 0, abort: 0 };
    const most = { ...inTurn };
    const all = { ...inTurn };
    const count = (what: keyof typeof all): void => {
      all[what]++;
      most[what] = Math.max(most[what], ++inTurn[what]);
    };
    server = createServer((request, response) => {
      requests++;
      request.on('error', () => undefined);
      response.on('close', () => count('abort'));
    });
    ends = new ConnectionEnds(server, requestsOf);
    server.on('connection', (socket: Socket) => {
      socket.on('end', () => count('end')).on('close', () => count('close'));
    });
    const nextTurn = (): void => {
      Object.assign(inTurn, { end: 0, close: 0, abort: 0 });
      if (all.close < CONNECTIONS) setImmediate(nextTurn);
    };
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    clients = Array.from({ length: CONNECTIONS }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    for (const client of clients) client.resume().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => requests, PATIENT).toBe(CONNECTIONS);
    nextTurn();
    return { all, most };
  }

  it.each([
    ['that their clients close', () => clients.forEach((client) => client.end())],
    ['that their clients reset', () => clients.forEach((client) => client.resetAndDestroy())],
    ['that the server closes', () => server.closeAllConnections()],
  ])('%s end in several turns of the event loop, and all of them', async (_how, endAll) => {
    const { all, most } = await listening(() => 1);
    endAll();
    await expect.poll(() => all.close, PATIENT).toBe(CONNECTIONS);
    expect(all.abort).toBe(CONNECTIONS);
    expect(Math.max(most.end, most.close, most.abort)).toBeLessThanOrEqual(33);
  });

  it('end the fewer in one turn the more requests wait on each', async () => {
    const { all, most } = await listening(() => 200);
    server.closeAllConnections();
    await expect.poll(() => all.close, PATIENT).toBe(CONNECTIONS);
    expect(most.close).toBeLessThanOrEqual(5);
  });

  it.each([
    ['those that come', () => ends.hurry()],
    ['those that wait', () => setImmediate(() => setImmediate(() => ends.hurry()))],
  ])('are told at once when the server is to stop, %s', async (_which, hurry) => {
    const { all, most } = await listening(() => 200);
    server.closeAllConnections();
    hurry();
    await expect.poll(() => all.close, PATIENT).toBe(CONNECTIONS);
    expect(most.close).toBeGreaterThan(CONNECTIONS / 2);
  });

  it('leave what was sent before whole, and the answer to it', async () => {
    const bodies: number[] = [];
    server = createServer((request, response) => {
      let length = 0;
      request.on('data', (data: Buffer) => (length += data.length));
      request.on('end', () => {
        bodies.push(length);
        response.end('well');
      });
    });
    new ConnectionEnds(server, () => 1_000);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    clients = Array.from({ length: 50 }, () => connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
    const answers = clients.map(async (client) => {
      client.end(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`);
      let answer = '';
      for await (const data of client.setEncoding('latin1')) answer += data as string;
      return answer;
    });
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1.1 200 OK[^]*well/);
    expect(bodies).toEqual(Array<number>(50).fill(100_000));
  });
});
