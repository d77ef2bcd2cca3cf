import { connect as connectTo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { CborRpcOptions } from '../../src/cbor-rpc/cbor-rpc.options.js';
import { startDaemon } from '../support/daemon.js';
import { errorOf, idOf, RawClient, request, resultOf } from './client.js';
import { FakeHandlers } from './fake.handlers.js';
import { type RpcApp, startRpcApp } from './rpc-app.js';

const MiB = 1024 * 1024;

/** How long a reader may be silent who takes something every 200 ms, on a machine that does other things as well. */
const SILENT_MS = 5_000;

let rpc: RpcApp;
const clients: RawClient[] = [];

async function start(options: Partial<CborRpcOptions>): Promise<RpcApp> {
  rpc = await startRpcApp([FakeHandlers], options);
  return rpc;
}

async function connect(): Promise<RawClient> {
  const client = await RawClient.connect(rpc.port);
  clients.push(client);
  return client;
}

afterEach(async () => {
  for (const each of clients.splice(0)) each.destroy();
  await rpc.close();
});

describe('a client that does not read its answers', () => {
  it('is cut off after a time', async () => {
    const { statistics } = await start({ unreadAnswerTimeoutMs: 300 });
    const slow = await connect();
    slow.socket.pause();
    slow.send(request(1, 'blob', [20 * MiB]));
    await expect.poll(() => statistics.cut.slow_reader).toBe(1);
    await expect.poll(() => statistics.openConnections).toBe(0);
    expect(statistics.unreadBytes).toBe(0);
  });

  it('is not cut off while it reads, however slowly', async () => {
    const { statistics } = await start({ unreadAnswerTimeoutMs: SILENT_MS });
    const slow = connectTo(rpc.port, '127.0.0.1').pause();
    slow.write(request(1, 'blob', [40 * MiB]));
    let bytes = 0;
    slow.on('data', (chunk: Buffer) => (bytes += chunk.length)).pause();
    // Takes some every 200 ms, for more than twice as long as it may be silent.
    const begun = performance.now();
    while (performance.now() - begun < 2.2 * SILENT_MS) {
      slow.resume();
      await sleep(2);
      slow.pause();
      await sleep(200);
    }
    slow.resume();
    await expect.poll(() => bytes).toBeGreaterThan(40 * MiB);
    expect(statistics.cut.slow_reader).toBe(0);
    slow.destroy();
  });

  it('is not cut off for being idle after it has read', async () => {
    const { statistics } = await start({ unreadAnswerTimeoutMs: 3_000 });
    const client = await connect();
    client.socket.pause();
    client.send(request(1, 'blob', [10 * MiB]));
    await expect.poll(() => statistics.unreadBytes).toBeGreaterThan(0);
    client.socket.resume();
    await client.readEncoded();
    await sleep(4_500);
    expect(await client.call('echo', 1)).toBe(1);
    expect(statistics.unreadBytes).toBe(0);
  });

  it('makes room for others when they hold too much together, those first that have waited longest', async () => {
    const { statistics } = await start({ maxBufferedBytes: 64 * MiB });
    const ends: string[] = [];
    for (let i = 0; i < 8; i++) {
      const client = await connect();
      client.socket.on('close', () => ends.push(`${i}`));
      client.socket.pause();
      client.send(request(1, 'blob', [16 * MiB]));
      await expect.poll(() => statistics.methods.get('blob')!.requests).toBe(i + 1);
      expect(statistics.unreadBytes).toBeLessThanOrEqual(64 * MiB);
    }
    expect(statistics.cut.no_room).toBeGreaterThanOrEqual(4);
    const cut = statistics.cut.no_room;
    await expect.poll(() => statistics.openConnections).toBe(8 - cut);
    // The last of all reads what it asked for.
    const last = clients.at(-1)!;
    last.socket.resume();
    expect((await last.readEncoded()).length).toBeGreaterThan(16 * MiB);
  });
});

describe('unfinished messages', () => {
  const SIZE = MiB;
  const message = (id: number) => request(id, 'echo', ['m'.repeat(SIZE)]);

  it('of many clients are taken in turn when there is no room for all, and all of them get their answer', async () => {
    const { statistics } = await start({ maxBufferedBytes: 32 * MiB });
    const all = await Promise.all(Array.from({ length: 40 }, connect));
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, statistics.bufferedBytes)), 1);
    // All but the last byte of each, so that nobody makes room before the end.
    for (const [i, client] of all.entries()) client.send(message(i).subarray(0, -1));
    await expect.poll(() => statistics.heldBack).toBeGreaterThan(0);
    for (const [i, client] of all.entries()) client.send(message(i).subarray(-1));
    for (const [i, client] of all.entries()) {
      const response = await client.read();
      expect([idOf(response), (resultOf(response) as string).length]).toEqual([i, SIZE]);
    }
    clearInterval(watch);
    expect(most).toBeLessThan(36 * MiB);
    expect(statistics.bufferedBytes).toBe(0);
    expect(statistics.cut.no_room).toBe(0);
  });

  it('beyond the limit are refused, with an error that says so', async () => {
    const { statistics } = await start({ maxBufferedBytes: MiB, incompleteMessageTimeoutMs: 60_000 });
    const all = await Promise.all(Array.from({ length: 60 }, connect));
    const ends = all.map(async (client, i) => {
      client.send(message(i).subarray(0, 60_000));
      return client.read().then(errorOf, () => undefined);
    });
    await expect.poll(() => statistics.cut.no_room).toBeGreaterThan(0);
    const error = await Promise.race(ends);
    expect(error).toMatch(/no room for this message now, try again later/);
    expect(statistics.bufferedBytes).toBeLessThan(3 * MiB);
    // Small messages are served all the while.
    expect(await (await connect()).call('echo', 'hello')).toBe('hello');
  });

  it('give back what they took when their clients go away', async () => {
    const { statistics } = await start({});
    const client = await connect();
    client.send(message(1).subarray(0, 500_000));
    await expect.poll(() => statistics.bufferedBytes).toBeGreaterThan(400_000);
    client.socket.resetAndDestroy();
    await expect.poll(() => statistics.bufferedBytes).toBe(0);
  });
});

describe('-idle-timeout', () => {
  it('resets idle connections, but none whose worker holds a lease', async () => {
    await start({});
    const daemon = await startDaemon(['-idle-timeout', '4s']);
    try {
      const open = () => RawClient.connect(daemon.rpcPort);
      const driver = await open();
      await driver.call('set_work_spec', { name: 's' });
      await driver.call('add_work_units', 's', ['u']);
      const worker = await open();
      const given = await worker.call('get_work', 'busy worker', { lease_time: 600 });
      expect(JSON.stringify(given)).toContain('"u"');
      const poller = await open();
      await poller.call('get_work', 'idle worker', {});
      const talker = await open();
      const silent = await open();
      const talk = setInterval(() => void talker.call('now'), 200);
      expect(await Promise.all([poller.closed(), silent.closed(), driver.closed()])).toEqual([
        'reset',
        'reset',
        'reset',
      ]);
      await sleep(6_000);
      clearInterval(talk);
      expect([worker.ended, talker.ended]).toEqual([undefined, undefined]);
      await worker.call('update_work_unit', 's', 'u', { status: 4 });
      expect(await worker.closed()).toBe('reset');
      const text = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
      expect(text).toMatch(/^coordinate_rpc_cut_connections_total\{reason="idle"\} [45]$/m);
      talker.destroy();
    } finally {
      await daemon.stop();
    }
  });
});
