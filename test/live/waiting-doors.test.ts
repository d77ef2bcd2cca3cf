import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CborMap, type CborValue, encode, type Encodable, type Tuple } from '../../src/cbor/index.js';
import { frame, RawClient, request, requestMap, resultOf } from '../cbor-rpc/client.js';
import { OpenDaemon } from './open-daemon.js';

const SPEC = '/namespace/n/work_spec/s';
const SECOND = 1e9;
/** Longer than it takes by far, however busy the machine is. */
const LONG = { timeout: 20_000, interval: 10 };

describe('a claim that waits', () => {
  let daemon: OpenDaemon;
  const open: (RawClient | Socket)[] = [];
  beforeAll(async () => {
    daemon = await OpenDaemon.start();
  });
  afterAll(() => daemon.close());
  beforeEach(async () => {
    await daemon.send('DELETE', '/namespace/n');
    await daemon.send('POST', '/namespace/n/work_spec', { data: { name: 's' } });
  });
  afterEach(() => {
    for (const one of open.splice(0)) one.destroy();
  });

  const add = (name: string) => daemon.send('POST', `${SPEC}/work_unit`, { name });
  const counts = async () => (await daemon.send('GET', `${SPEC}/counts`)).json;
  const areWaiting = (count: number) => expect.poll(() => daemon.waiting(), LONG).toBe(count);
  const rpc = async (): Promise<RawClient> => {
    const client = await RawClient.connect(daemon.rpcPort);
    open.push(client);
    return client;
  };
  const getWork = (wait: Encodable, more: Record<string, Encodable> = {}): Buffer =>
    request(1, 'get_work', ['w', { wait, ...more }]);

  /** Asks over HTTP, on a connection of its own. */
  function ask(wait: number, more: object = {}) {
    return daemon.send('POST', '/namespace/n/worker/w/request_attempts', { wait, ...more });
  }

  async function askRaw(wait: number): Promise<Socket> {
    const socket = connect(daemon.httpPort, '127.0.0.1').setEncoding('latin1');
    open.push(socket);
    await once(socket, 'connect');
    const body = JSON.stringify({ wait });
    const head = 'POST /namespace/n/worker/gone/request_attempts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json';
    socket.write(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    return socket;
  }

  function nameIn(result: CborValue): unknown {
    const [pair] = result as [Tuple<CborValue>];
    const name = pair.items[1];
    return name === null ? null : (name as { binary: string }).binary;
  }

  describe('over REST', () => {
    it('is answered when there is work', async () => {
      const answer = ask(50 * SECOND);
      await areWaiting(1);
      await add('a');
      expect((await answer).json).toMatchObject({ attempts: [{ work_spec: 's', work_unit: 'a', status: 'pending' }] });
      expect(await daemon.waiting()).toBe(0);
    });

    it('is answered with nothing when its time is over', async () => {
      const begun = performance.now();
      expect((await ask(0.05 * SECOND)).json).toEqual({ attempts: [] });
      expect(performance.now() - begun).toBeGreaterThan(49);
    });

    it('below a namespace that is not there waits too, and makes neither', async () => {
      await daemon.send('DELETE', '/namespace/n');
      expect((await ask(0.02 * SECOND)).json).toMatchObject({ attempts: [], warnings: [{ key: 'namespace' }] });
      expect((await daemon.send('GET', '/namespace')).json).toEqual({ namespaces: [] });
    });

    it.each([
      [1, /^wait is in nanoseconds .* and must be 0 or at least 1000000$/],
      [999_999, /^wait is in nanoseconds/],
      [-1, /^wait must be at least 0$/],
      [60 * SECOND + 1, /^wait must be at most 60000000000$/],
      ['1', /^wait must be a whole number, not a string$/],
    ])('for %s is refused', async (wait, message) => {
      const { status, json } = await ask(wait as number);
      expect(status).toBe(400);
      expect((json as { message: string }).message).toMatch(message);
    });

    it.each(['destroy', 'end'] as const)('whose client goes away (%s) takes nothing', async (how) => {
      const socket = await askRaw(50 * SECOND);
      await areWaiting(1);
      socket[how]();
      await areWaiting(0);
      await add('a');
      expect(await counts()).toEqual({ available: 1 });
    });

    it('does not count as work', async () => {
      const small = await OpenDaemon.start('memory', ['-max-requests', '3']);
      try {
        const waiting = Array.from({ length: 10 }, () =>
          small.send('POST', '/namespace/n/worker/w/request_attempts', { wait: 50 * SECOND }),
        );
        await expect.poll(() => small.waiting(), LONG).toBe(10);
        const { status } = await small.send('POST', '/namespace/n/work_spec', { data: { name: 's' } });
        expect(status).toBe(201);
        await small.send('POST', `${SPEC}/work_unit`, { name: 'a' });
        expect((await Promise.race(waiting)).json).toMatchObject({ attempts: [{ work_unit: 'a' }] });
      } finally {
        await small.close();
      }
    });
  });

  describe('over CBOR-RPC', () => {
    it('is answered when there is work', async () => {
      const client = await rpc();
      client.send(getWork(50));
      await areWaiting(1);
      await add('a');
      expect(nameIn(resultOf(await client.read()))).toBe('a');
    });

    it('is answered with nothing when its time is over', async () => {
      const client = await rpc();
      expect(nameIn(await client.call('get_work', 'w', { wait: 0.02 }))).toBeNull();
      expect(await client.call('get_work', 'w', { wait: 0.02, max_jobs: 5 })).toEqual([[], null]);
    });

    it.each([-1, 0.0001, 60.1, Infinity])('for %s seconds is refused', async (wait) => {
      const client = await rpc();
      await expect(client.call('get_work', 'w', { wait })).rejects.toThrow(
        `get_work: options.wait must be 0, or from 0.001 to 60 seconds, not ${wait}`,
      );
    });

    it('keeps what comes behind it on its connection waiting, and nobody else', async () => {
      const [client, other] = [await rpc(), await rpc()];
      client.send(getWork(50));
      await areWaiting(1);
      client.send(request(2, 'list_work_specs', [{}]));
      // Whatever had been answered before this would have arrived.
      await other.call('list_work_specs', {});
      await other.call('list_work_specs', {});
      expect(client.unread).toBe(0);
      await add('a');
      const answers = [await client.read(), await client.read()];
      expect(answers.map((answer) => (answer as CborMap).get('id'))).toEqual([1, 2]);
    });

    it('in a list of requests waits there', async () => {
      const client = await rpc();
      client.send(
        frame(encode([requestMap(1, 'get_work', ['w', { wait: 50 }]), requestMap(2, 'list_work_specs', [{}])])),
      );
      await areWaiting(1);
      await add('a');
      expect(((await client.read()) as CborValue[]).map((answer) => (answer as CborMap).get('id'))).toEqual([1, 2]);
    });

    it.each(['reset', 'close', 'half'] as const)('takes nothing once its client is gone (%s)', async (how) => {
      const client = await rpc();
      client.send(getWork(50));
      await areWaiting(1);
      if (how === 'reset') client.socket.resetAndDestroy();
      else if (how === 'close') client.destroy();
      else client.socket.end();
      await areWaiting(0);
      // Who only asks nothing more hears so.
      if (how === 'half') expect(nameIn(resultOf(await client.read()))).toBeNull();
      await add('a');
      expect(await counts()).toEqual({ available: 1 });
    });

    it('takes nothing once its client is gone that had sent more', async () => {
      const client = await rpc();
      client.send(getWork(50));
      await areWaiting(1);
      client.send(request(2, 'list_work_specs', [{}]));
      client.destroy();
      await areWaiting(0);
      await add('a');
      expect(await counts()).toEqual({ available: 1 });
    });
  });

  it('is of one order over both interfaces', async () => {
    const client = await rpc();
    const first = ask(50 * SECOND, { runtimes: ['', 'python_2'] });
    await areWaiting(1);
    client.send(getWork(50));
    await areWaiting(2);
    await add('a');
    await add('b');
    expect((await first).json).toMatchObject({ attempts: [{ work_unit: 'a' }] });
    expect(nameIn(resultOf(await client.read()))).toBe('b');
  });

  it('is answered at once when the daemon stops', async () => {
    const own = await OpenDaemon.start();
    const client = await RawClient.connect(own.rpcPort);
    client.send(getWork(60));
    const answers = Array.from({ length: 5 }, () =>
      own.send('POST', '/namespace/n/worker/w/request_attempts', { wait: 60 * SECOND }),
    );
    await expect.poll(() => own.waiting(), LONG).toBe(6);
    const closing = own.close();
    for (const answer of await Promise.all(answers))
      expect(answer).toMatchObject({ status: 200, json: { attempts: [] } });
    expect(nameIn(resultOf(await client.read()))).toBeNull();
    await closing;
  });
});
