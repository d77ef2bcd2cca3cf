import { once } from 'node:events';
import { METHODS, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ByteString, encode, type Encodable, Tuple } from '../../src/cbor/index.js';
import { errorOf, frame, idOf, RawClient, request, requestMap, resultOf } from './client.js';
import { FakeHandlers } from './fake.handlers.js';
import { type RpcApp, startRpcApp } from './rpc-app.js';

/** A message in text that a web page may send: `x` is a text of 24 bytes, and the map after it a request. */
const SMUGGLED = Buffer.concat([encode('x'.repeat(23)), request(1, 'note', ['smuggled']), Buffer.from('\r\n\r\n')]);

let rpc: RpcApp;
const clients: RawClient[] = [];

async function connected(): Promise<RawClient> {
  const client = await RawClient.connect(rpc.port);
  clients.push(client);
  return client;
}

beforeAll(async () => {
  rpc = await startRpcApp([FakeHandlers]);
});
beforeEach(() => {
  FakeHandlers.calls.length = 0;
});
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});
afterAll(() => rpc.close());

/** Sends bytes on a connection of their own. @returns all that came back until it was over */
function answerTo(...pieces: Buffer[]): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect({ port: rpc.port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('hex')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
    const send = () => {
      const piece = pieces.shift();
      if (piece !== undefined) socket.write(piece, () => setTimeout(send, 5));
    };
    send();
  });
}

describe('somebody who speaks another protocol hears nothing, and nothing of it is carried out', () => {
  it.each(METHODS.filter((method) => method !== 'CONNECT'))('HTTP %s', async (method) => {
    const outcome = await new Promise((resolve) => {
      const sent = httpRequest({ host: '127.0.0.1', port: rpc.port, method, path: '/note' });
      sent.on('response', () => resolve('answered')).on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      sent.end(method === 'GET' || method === 'HEAD' ? undefined : SMUGGLED);
    });
    expect(outcome).toMatch(/^(ECONNRESET|EPIPE)$/);
    expect(FakeHandlers.calls).toEqual([]);
  });

  it('fetch, as a page on another site does', async () => {
    const url = `http://127.0.0.1:${rpc.port}/`;
    await expect(fetch(url, { method: 'POST', mode: 'no-cors', body: SMUGGLED })).rejects.toThrow('fetch failed');
    expect(FakeHandlers.calls).toEqual([]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', async (version) => {
    const socket = connectTls({ host: '127.0.0.1', port: rpc.port, minVersion: version, maxVersion: version });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
  });

  it('any first byte that begins neither a frame, nor a list, nor a map', async () => {
    const before = rpc.statistics.protocolErrors;
    const strange = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte < 0x80 || byte > 0xbf);
    for (const byte of strange) {
      const rest = request(1, 'note', ['smuggled']);
      const pieces = byte === 0xd8 ? [Buffer.from([byte]), Buffer.from([0x80]), rest] : [Buffer.from([byte]), rest];
      expect(await answerTo(...pieces), `0x${byte.toString(16)}`).toBe('');
    }
    expect(FakeHandlers.calls).toEqual([]);
    expect(rpc.statistics.protocolErrors - before).toBe(strange.length);
    await expect.poll(() => rpc.statistics.openConnections).toBe(0);
  });

  it('what begins a frame does so in pieces as well', async () => {
    const client = await connected();
    const message = request(1, 'echo', [1]);
    client.send(message.subarray(0, 1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.send(message.subarray(1));
    expect(resultOf(await client.read())).toBe(1);
  });
});

describe('what is neither a request nor a list of them', () => {
  const note = requestMap(9, 'note', ['after']);

  it.each<[string, Buffer, RegExp]>([
    [
      'a number in a frame',
      frame(encode(5)),
      /^a request must be a map, or a list of maps, not an integer, at byte \d/,
    ],
    ['a text', encode('POST / HTTP/1.1'), /^a request must be a map, or a list of maps, not a text,/],
    ['a byte string', encode(new ByteString('POST')), /not a byte string,/],
    ['null', encode(null), /not null,/],
    [
      'a list with something else in it',
      frame(encode([note, 5, note])),
      /^each request of a list must be a map, not an/,
    ],
    ['a bare list of lists', encode([[note]]), /^each request of a list must be a map, not a list,/],
    ['a tuple with a text', frame(encode(new Tuple<Encodable>([note, 'x']))), /must be a map, not a text,/],
  ])('%s is answered with an error, and nothing of it or after it is carried out', async (_, strange, reason) => {
    const client = await connected();
    client.send(Buffer.concat([request(1, 'echo', [1]), strange, request(2, 'note', ['after']), encode([note])]));
    expect(resultOf(await client.read())).toBe(1);
    const response = await client.read();
    expect([idOf(response), errorOf(response)]).toEqual([null, expect.stringMatching(reason)]);
    expect(await client.closed()).toBe('end');
    // Not even what comes later on the connection.
    client.send(request(3, 'note', ['later']));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.unread).toBe(0);
    expect(FakeHandlers.calls).toEqual([]);
  });
});
