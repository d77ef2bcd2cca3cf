import { connect } from 'node:net';
import { once } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { idOf, RawClient, request } from './client.js';
import { FakeHandlers } from './fake.handlers.js';
import { startRpcApp } from './rpc-app.js';

beforeEach(() => {
  FakeHandlers.release = [];
});

describe('shutdown', () => {
  it('resets idle connections and accepts no more', async () => {
    const rpc = await startRpcApp([FakeHandlers]);
    const fresh = await RawClient.connect(rpc.port);
    const used = await RawClient.connect(rpc.port);
    await used.call('echo', 1);
    const halfway = await RawClient.connect(rpc.port);
    halfway.send(request(1, 'echo', []).subarray(0, 5));
    await expect.poll(() => rpc.statistics.connections).toBe(3);
    await rpc.close();
    for (const client of [fresh, used, halfway]) expect(await client.closed()).toBe('reset');
    const [error] = (await once(connect(rpc.port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('finishes requests in flight and those that have arrived behind them', async () => {
    const rpc = await startRpcApp([FakeHandlers]);
    const client = await RawClient.connect(rpc.port);
    client.send(Buffer.concat([request(1, 'wait', ['a']), request(2, 'echo', [2])]));
    await expect.poll(() => FakeHandlers.release.length).toBe(1);
    const closing = rpc.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.ended).toBeUndefined();
    FakeHandlers.release[0]();
    expect([idOf(await client.read()), idOf(await client.read())]).toEqual([1, 2]);
    await closing;
    expect(await client.closed()).toBe('reset');
  });

  it('does not wait for a method beyond its limit', async () => {
    const rpc = await startRpcApp([FakeHandlers], { drainTimeoutMs: 200 });
    const client = await RawClient.connect(rpc.port);
    client.send(request(1, 'wait', ['forever']));
    await expect.poll(() => FakeHandlers.release.length).toBe(1);
    await rpc.close();
    expect(await client.closed()).toBe('reset');
    FakeHandlers.release[0]();
  });

  it('does not wait for a client that does not read beyond its limit', async () => {
    const rpc = await startRpcApp([FakeHandlers], { drainTimeoutMs: 200 });
    const client = await RawClient.connect(rpc.port);
    client.socket.pause();
    client.send(request(1, 'blob', [50_000_000]));
    await expect.poll(() => rpc.statistics.bytesWritten).toBeGreaterThan(50_000_000);
    await rpc.close();
    client.destroy();
  });
});
