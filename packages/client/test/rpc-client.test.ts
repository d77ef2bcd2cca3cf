import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../../../test/support/daemon.js';
import { ConnectionError, CborRpcClient, encode, RpcError, Tagged, Tuple, UnitState } from 'coordinate-client';
import { type FakeDaemon, fakeDaemon, response } from './fake-daemon.js';

describe('the CBOR-RPC client with a daemon', () => {
  let daemon: RunningDaemon;
  let client: CborRpcClient;

  beforeAll(async () => {
    daemon = await startDaemon(['-http', 'off']);
    client = new CborRpcClient({ address: `127.0.0.1:${daemon.rpcPort}` });
    return async () => {
      client.close();
      await daemon.stop();
    };
  });

  it('takes a unit through its life', async () => {
    expect(await client.call('set_work_spec', { name: 'resize', then: 'nothing' })).toEqual([true, null]);
    expect(await client.call('count_work_units', 'resize')).toEqual([new Map(), null]);
    const big = 2n ** 60n;
    const units = [['cat', { width: 640, big }], Uint8Array.of(0xff, 0x00)] as const;
    expect(await client.call('add_work_units', 'resize', units)).toEqual([true, null]);
    const options = { max_jobs: 2, work_spec_names: ['resize'] };
    const [claimed] = await client.call('get_work', 'me', options);
    expect(claimed).toEqual([
      ['resize', 'cat', { width: 640, big }],
      ['resize', Uint8Array.of(0xff, 0x00), {}],
    ]);
    const report = { status: UnitState.finished, data: { done: true } };
    expect(await client.call('update_work_unit', 'resize', 'cat', report)).toEqual([true, null]);
    const [counts] = await client.call('count_work_units', 'resize');
    expect(counts).toEqual(
      new Map([
        [UnitState.pending, 1],
        [UnitState.finished, 1],
      ]),
    );
  });

  it('leaves bytes and tuples as they are where that is asked for', async () => {
    const exact = new CborRpcClient({ address: `127.0.0.1:${daemon.rpcPort}`, exact: true });
    const data = { tuple: new Tuple([new Uint8Array([1]), 'text']) };
    await client.call('set_work_spec', { name: 'exact' });
    await client.call('add_work_units', 'exact', [['unit', data]]);
    const [units] = await exact.call('get_work_units', 'exact', {});
    expect(units).toEqual([new Tuple([new TextEncoder().encode('unit'), data])]);
    exact.close();
  });

  it('answers calls in their order, however many are under way', async () => {
    const names = Array.from({ length: 500 }, (_, i) => `spec-${i}`);
    await Promise.all(names.map((name) => client.call('set_work_spec', { name })));
    const specs = await Promise.all(names.map((name) => client.call('get_work_spec', name)));
    expect(specs).toEqual(names.map((name) => ({ name })));
  });

  it('gives back the result or the error of each call of a list', async () => {
    const results = await client.list([['now'], ['set_work_spec', {}], ['get_work_spec', 'nobody']]);
    // Each is of the type of its method.
    const [seconds] = results;
    expect(seconds instanceof RpcError ? 0 : seconds.toFixed(0).length).toBe(10);
    expect(results).toEqual([expect.any(Number), expect.any(RpcError), null]);
  });

  it('says which method failed and why', async () => {
    const failed = client.call('set_work_spec', { name: 7 });
    await expect(failed).rejects.toMatchObject({ name: 'RpcError', method: 'set_work_spec' });
  });
});

describe('the CBOR-RPC client when something breaks', () => {
  const fakes: FakeDaemon[] = [];
  const clients: CborRpcClient[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const fake of fakes.splice(0)) await fake.close();
  });

  async function start(
    onRequest: Parameters<typeof fakeDaemon>[0],
  ): Promise<{ fake: FakeDaemon; client: CborRpcClient }> {
    const fake = await fakeDaemon(onRequest);
    fakes.push(fake);
    const client = new CborRpcClient({ address: fake.address });
    clients.push(client);
    return { fake, client };
  }

  it('connects again, and repeats what may be repeated', async () => {
    let requests = 0;
    const { client, fake } = await start(({ id }, socket) => {
      if (++requests === 1) socket.resetAndDestroy();
      else socket.write(response(id, 12.5));
    });
    expect(await client.call('now')).toBe(12.5);
    expect(fake.received).toHaveLength(2);
  });

  it('does not repeat a claim whose answer was lost, and goes on with the next call', async () => {
    const { client, fake } = await start(({ id, method }, socket) => {
      if (method === 'get_work') socket.resetAndDestroy();
      else socket.write(response(id, 1));
    });
    await expect(client.call('get_work', 'me')).rejects.toMatchObject({ name: 'ConnectionError', sent: true });
    expect(await client.call('now')).toBe(1);
    expect(fake.received.map(({ method }) => method)).toEqual(['get_work', 'now']);
  });

  it('takes the next address when one is away', async () => {
    const { fake } = await start(({ id }, socket) => socket.write(response(id, 3)));
    const gone = await fakeDaemon(() => undefined);
    await gone.close();
    const client = new CborRpcClient({ address: [gone.address, fake.address] });
    clients.push(client);
    expect(await client.call('now')).toBe(3);
  });

  it('says in time that nobody is there', async () => {
    const gone = await fakeDaemon(() => undefined);
    await gone.close();
    const client = new CborRpcClient({ address: gone.address, timeout: 3_000 });
    clients.push(client);
    const failed = client.call('get_work', 'me');
    await expect(failed).rejects.toMatchObject({ name: 'ConnectionError', sent: false });
  });

  it('leaves an answer that nobody waits for any more to nobody else', async () => {
    const { client, fake } = await start(({ id, method }, socket) => {
      const answers = [response(id - 2, null), response(id - 1, null), response(id, 5)];
      if (method === 'now') socket.write(Buffer.concat(answers));
    });
    const abort = new AbortController();
    const aborted = client.callWith({ signal: abort.signal }, 'get_work_spec', 'slow');
    await expect.poll(() => fake.received.length).toBe(1);
    abort.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    const late = client.callWith({ timeout: 50 }, 'get_work_spec', 'slow');
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await client.call('now')).toBe(5);
  });

  it('asks the next address what one that stands still did not answer in time', async () => {
    const { fake: silent } = await start(() => undefined);
    const { fake } = await start(({ id }, socket) => socket.write(response(id, 3)));
    const client = new CborRpcClient({ address: [silent.address, fake.address] });
    clients.push(client);
    await expect(client.callWith({ timeout: 50 }, 'now')).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await client.call('now')).toBe(3);
  });

  it('asks again while the storage is away what does no harm, and nothing else', async () => {
    const away = { error: { message: 'storage unavailable: the database does not answer' } };
    const { client, fake } = await start(({ id, method }, socket) => {
      const isOver = fake.received.filter((request) => request.method === method).length === 2;
      socket.write(isOver ? response(id, 4) : encode(new Tagged(24, encode({ id, ...away }))));
    });
    expect(await client.call('now')).toBe(4);
    await expect(client.call('get_work', 'me')).rejects.toThrow('storage unavailable');
  });

  it('says at the end of its time why it had none before, where the last try had no answer', async () => {
    const away = { error: { message: 'storage unavailable: the database does not answer' } };
    const { client, fake } = await start(({ id }, socket) => {
      if (fake.received.length === 1) socket.write(encode(new Tagged(24, encode({ id, ...away }))));
    });
    await expect(client.callWith({ timeout: 1_500 }, 'now')).rejects.toThrow('storage unavailable');
    expect(fake.received).toHaveLength(2);
  });

  it('waits for a claim as long as that waits for work', async () => {
    const { client } = await start(({ id, method }, socket) => {
      if (method === 'get_work') setTimeout(() => socket.write(response(id, [[], null])), 100);
    });
    expect(await client.callWith({ timeout: 20 }, 'get_work', 'me', { max_jobs: 2, wait: 60 })).toEqual([[], null]);
  });

  it('reads an answer that comes byte by byte', async () => {
    const text = 'x'.repeat(70_000);
    const { client } = await start(({ id }, socket) => {
      const bytes = response(id, { text });
      for (let i = 0; i < 8; i++) socket.write(bytes.subarray(i, i + 1));
      socket.write(bytes.subarray(8));
    });
    expect(await client.call('get_work_spec', 'any')).toEqual({ text });
  });

  it('says that another program answers', async () => {
    const { client } = await start((_, socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(client.call('add_work_units', 'spec', [])).rejects.toThrow(/does not speak CBOR-RPC/);
  });

  it('rejects what waits when it is closed, and everything after', async () => {
    const { client } = await start(() => client.close());
    await expect(client.call('now')).rejects.toBeInstanceOf(ConnectionError);
    await expect(client.call('now')).rejects.toBeInstanceOf(ConnectionError);
  });
});
