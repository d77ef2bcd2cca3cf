import { connect as connectPlain, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Tls } from '../../src/access/tls.js';
import type { CborRpcOptions } from '../../src/cbor-rpc/cbor-rpc.options.js';
import { CertificateFiles, makeAuthority } from '../support/certificates.js';
import { errorOf, idOf, RawClient, request, resultOf } from './client.js';
import { FakeHandlers } from './fake.handlers.js';
import { type RpcApp, startRpcApp } from './rpc-app.js';

const MiB = 1024 * 1024;

const files = new CertificateFiles();
const sockets: { destroy(): void }[] = [];
let ca: string;
let tls: Tls;
let rpc: RpcApp;

beforeAll(async () => {
  const authority = await makeAuthority('CN=Tests');
  ca = authority.cert;
  files.put(await authority.issue('CN=daemon', { names: [{ type: 'ip', value: '127.0.0.1' }] }));
  tls = new Tls({ cert: files.cert, key: files.key, clientCa: undefined, client: 'required' });
});
afterEach(async () => {
  for (const each of sockets.splice(0)) each.destroy();
  await rpc.close();
});
afterAll(() => files.remove());

async function start(options: Partial<CborRpcOptions> = {}): Promise<RpcApp> {
  rpc = await startRpcApp([FakeHandlers], { tls, ...options });
  return rpc;
}

async function connect(): Promise<RawClient> {
  const client = await RawClient.connect(rpc.port, { ca });
  sockets.push(client);
  return client;
}

describe('over TLS', () => {
  it('requests are answered in order, small ones, many at once and large ones', async () => {
    const { statistics } = await start();
    const client = await connect();
    expect(await client.call('echo', 'hello')).toBe('hello');
    client.send(Buffer.concat(Array.from({ length: 500 }, (_, i) => request(i, i % 2 ? 'echo' : 'echo_later', [i]))));
    for (let i = 0; i < 500; i++) {
      const response = await client.read();
      expect([idOf(response), resultOf(response)]).toEqual([i, i]);
    }
    client.send(Buffer.concat([request(1, 'blob', [8 * MiB]), request(2, 'echo', ['m'.repeat(3 * MiB)])]));
    expect((await client.readEncoded()).length).toBeGreaterThan(8 * MiB);
    expect((resultOf(await client.read()) as string).length).toBe(3 * MiB);
    expect([statistics.unreadBytes, statistics.bufferedBytes]).toEqual([0, 0]);
  });

  it('who ends in the middle hears what was asked before, and an orderly end', async () => {
    await start();
    const client = await connect();
    client.socket.end(Buffer.concat([request(1, 'echo', ['x']), request(2, 'echo', ['y'])]));
    expect(resultOf(await client.read())).toBe('x');
    expect(resultOf(await client.read())).toBe('y');
    expect(await client.closed()).toBe('end');
    await expect.poll(() => rpc.statistics.openConnections).toBe(0);
  });

  it('who does not read is cut off', async () => {
    const { statistics } = await start({ unreadAnswerTimeoutMs: 300 });
    const slow = await connect();
    slow.socket.pause();
    slow.send(request(1, 'blob', [20 * MiB]));
    await expect.poll(() => statistics.cut.slow_reader).toBe(1);
    await expect.poll(() => statistics.openConnections).toBe(0);
    expect(statistics.unreadBytes).toBe(0);
  });

  it('who does not read makes room for others', async () => {
    const { statistics } = await start({ maxBufferedBytes: 40 * MiB });
    for (let i = 0; i < 4; i++) {
      const client = await connect();
      client.socket.pause();
      client.send(request(1, 'blob', [16 * MiB]));
      await expect.poll(() => statistics.methods.get('blob')!.requests).toBe(i + 1);
      expect(statistics.unreadBytes).toBeLessThanOrEqual(40 * MiB);
    }
    expect(statistics.cut.no_room).toBeGreaterThanOrEqual(2);
    await expect.poll(() => statistics.openConnections).toBe(4 - statistics.cut.no_room);
  });

  it('who does not finish a message hears so, and is let go', async () => {
    await start({ incompleteMessageTimeoutMs: 300 });
    const client = await connect();
    client.send(request(1, 'echo', ['m'.repeat(1000)]).subarray(0, -1));
    expect(errorOf(await client.read())).toMatch(/message incomplete after 0.3 s/);
    expect(await client.closed()).toBe('end');
  });

  it('who speaks another protocol inside is turned away', async () => {
    const { statistics } = await start();
    const client = await connect();
    client.send(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    await client.closed();
    expect(statistics.protocolErrors).toBe(1);
  });

  it('those beyond -max-connections are reset, and a place that becomes free is taken', async () => {
    const { statistics } = await start({ maxConnections: 2 });
    const [one] = [await connect(), await connect()];
    const third = await connect();
    expect(await third.closed()).toBe('reset');
    expect(statistics.refusedConnections).toBe(1);
    one.destroy();
    await expect.poll(() => statistics.openConnections).toBe(1);
    expect(await (await connect()).call('echo', 1)).toBe(1);
  });

  it('a shutdown answers what is in flight, then resets, handshakes too', async () => {
    await start();
    FakeHandlers.release = [];
    const client = await connect();
    client.send(request(1, 'wait', ['a']));
    await expect.poll(() => FakeHandlers.release.length).toBe(1);
    const silent: Socket = connectPlain(rpc.port, '127.0.0.1').on('error', () => undefined);
    sockets.push(silent);
    await new Promise((resolve) => silent.once('connect', resolve));
    const closing = rpc.close();
    FakeHandlers.release[0]();
    expect(resultOf(await client.read())).toBe('a');
    expect(await client.closed()).toBe('reset');
    await closing;
    await expect.poll(() => silent.destroyed).toBe(true);
    await start();
  });

  it('who speaks plainly is let go, and nobody else notices', async () => {
    await start();
    const client = await connect();
    const plain = await RawClient.connect(rpc.port);
    plain.send(request(1, 'echo', ['x']));
    await plain.closed();
    expect(await client.call('echo', 2)).toBe(2);
    expect(rpc.statistics.methods.get('echo')!.requests).toBe(1);
  });
});
