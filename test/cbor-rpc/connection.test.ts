import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encode, type Encodable } from '../../src/cbor/index.js';
import { errorOf, frame, idOf, RawClient, request, requestMap, resultOf } from './client.js';
import { FakeHandlers } from './fake.handlers.js';
import { type RpcApp, startRpcApp } from './rpc-app.js';
import { sized } from '../support/full-size.js';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const released = (count: number) => expect.poll(() => FakeHandlers.release.length).toBe(count);

/** The value of a counter once it stands still. */
async function settled(count: () => number): Promise<number> {
  for (let last = -1; ;) {
    const now = count();
    if (now === last) return now;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

let rpc: RpcApp;
let client: RawClient;
const clients: RawClient[] = [];

async function connect(port = rpc.port): Promise<RawClient> {
  const connected = await RawClient.connect(port);
  clients.push(connected);
  return connected;
}

beforeAll(async () => {
  rpc = await startRpcApp([FakeHandlers], { maxMessageBytes: 1_000_000 });
});
beforeEach(async () => {
  FakeHandlers.calls.length = 0;
  FakeHandlers.release = [];
  client = await connect();
});
afterEach(() => {
  for (const each of clients.splice(0)) each.destroy();
});
afterAll(() => rpc.close());

describe('segmentation', () => {
  const messages = [
    request(1, 'echo', ['one']),
    encode(requestMap(2, 'echo', ['two'])),
    frame(encode([requestMap(3, 'echo', ['three']), requestMap(4, 'echo', [null])])),
    request(5, 'echo_later', [bytesOf(300)]),
    request(6, 'nope', []),
    bytes('bf 42 6964 07 46 6d6574686f64 44 6563686f ff'),
  ];
  const all = Buffer.concat(messages);

  function bytesOf(length: number): Encodable {
    return 'x'.repeat(length);
  }

  async function answers(to: RawClient): Promise<string> {
    const read = [];
    for (let i = 0; i < messages.length; i++) read.push((await to.readEncoded()).toString('hex'));
    return read.join(' ');
  }

  it('makes no difference, wherever the stream is cut in two', async () => {
    client.send(all);
    const expected = await answers(client);
    for (let cut = 1; cut < all.length; cut++) {
      client.send(all.subarray(0, cut));
      // The daemon gets the first piece by itself, in the same turn of this process or an earlier one.
      await new Promise((resolve) => setImmediate(resolve));
      client.send(all.subarray(cut));
      expect(await answers(client), `cut at ${cut}`).toBe(expected);
    }
  });

  it('makes no difference byte by byte, nor in random pieces', async () => {
    client.send(all);
    const expected = await answers(client);
    for (let i = 0; i < all.length; i++) {
      client.send(all.subarray(i, i + 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await answers(client)).toBe(expected);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(all.length), { maxLength: 10 }), async (cuts) => {
        const points = [0, ...cuts.sort((a, b) => a - b), all.length];
        for (let i = 1; i < points.length; i++) {
          client.send(all.subarray(points[i - 1], points[i]));
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(await answers(client)).toBe(expected);
      }),
      { numRuns: sized(50, 20) },
    );
  });

  it('makes no difference to a large message', async () => {
    const value = 'y'.repeat(900_000);
    const message = request(1, 'echo', [value]);
    for (let at = 0; at < message.length; at += 9_973) client.send(message.subarray(at, at + 9_973));
    expect(resultOf(await client.read())).toBe(value);
  });
});

describe('pipelining', () => {
  it('is answered in the order of the requests, whichever take longer', async () => {
    const methods = ['echo', 'echo_later'];
    const count = 2_000;
    client.send(Buffer.concat(Array.from({ length: count }, (_, i) => request(i, methods[(i * 7) % 2], [i]))));
    for (let i = 0; i < count; i++) {
      const response = await client.read();
      expect([idOf(response), resultOf(response)]).toEqual([i, i]);
    }
  });

  it('carries out a request when the one before is answered', async () => {
    client.send(Buffer.concat([request(1, 'wait', ['a']), request(2, 'note', ['b']), request(3, 'wait', ['c'])]));
    await released(1);
    expect(FakeHandlers.calls).toEqual(['wait a']);
    FakeHandlers.release[0]();
    await released(2);
    expect(FakeHandlers.calls).toEqual(['wait a', 'note b', 'wait c']);
    FakeHandlers.release[1]();
    for (const id of [1, 2, 3]) expect(idOf(await client.read())).toBe(id);
  });

  it('does not wait for another connection', async () => {
    client.send(request(1, 'wait', ['a']));
    await released(1);
    const other = await connect();
    expect(await other.call('echo', 1)).toBe(1);
    FakeHandlers.release[0]();
    expect(resultOf(await client.read())).toBe('a');
  });

  it.each([
    ['many requests', Buffer.concat(Array.from({ length: 100 }, (_, i) => request(i, 'busy', [30])))],
    ['a long list of requests', encode(Array.from({ length: 100 }, (_, i) => requestMap(i, 'busy', [30])))],
  ])('lets other connections have their turn during %s', async (_, long) => {
    const other = await connect();
    await other.call('echo', 1);
    client.send(long);
    await expect.poll(() => rpc.statistics.methods.get('busy')!.requests % 100).toBeGreaterThan(0);
    await other.call('echo', 1);
    // Three seconds of requests are not over yet.
    expect(rpc.statistics.methods.get('busy')!.requests % 100).toBeGreaterThan(0);
    await client.read();
  });

  it('reads no more while a method is at work than the system has at hand', async () => {
    client.send(request(1, 'wait', ['a']));
    await released(1);
    const before = rpc.statistics.bytesRead;
    const more = request(2, 'echo', ['z'.repeat(500_000)]);
    for (let i = 0; i < 100; i++) client.send(more);
    await settled(() => rpc.statistics.bytesRead);
    expect(rpc.statistics.bytesRead - before).toBeLessThan(1_000_000);
    FakeHandlers.release[0]();
    for (let i = 0; i < 101; i++) await client.readEncoded();
  });
});

describe('a half-closed connection', () => {
  it('is answered, then closed', async () => {
    client.send(Buffer.concat([request(1, 'wait', ['a']), request(2, 'echo', [2])]));
    client.socket.end();
    await released(1);
    FakeHandlers.release[0]();
    expect([idOf(await client.read()), idOf(await client.read())]).toEqual([1, 2]);
    expect(await client.closed()).toBe('end');
  });

  it('gets all of a large answer', async () => {
    client.socket.pause();
    client.socket.end(request(1, 'blob', [20_000_000]));
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.socket.resume();
    expect((await client.readEncoded()).length).toBeGreaterThan(20_000_000);
    expect(await client.closed()).toBe('end');
  });

  it('is closed when nothing was asked', async () => {
    client.socket.end();
    expect(await client.closed()).toBe('end');
  });

  it('is told when it ends inside a message', async () => {
    client.socket.end(request(7, 'echo', ['long enough']).subarray(0, -3));
    const response = await client.read();
    expect([idOf(response), errorOf(response)]).toEqual([7, 'the connection ended inside a message']);
    expect(await client.closed()).toBe('end');
  });
});

describe('malformed input', () => {
  const envelope = (id: string, rest: string) => frame(bytes(`a3 42 6964 ${id} 46 6d6574686f64 44 6563686f ${rest}`));

  it.each<[string, Buffer, unknown, RegExp]>([
    ['inside a frame', envelope('05', '46 706172616d73 81 1c'), 5, /0x1c does not begin a CBOR item at byte \d+/],
    ['bare', bytes('a3 42 6964 05 ff'), 5, /break outside an indefinite-length item/],
    ['a frame of nothing', bytes('d818 40'), null, /ends early/],
    ['a frame of more than one item', frame(bytes('a1 42 6964 05 00')), 5, /something follows the message/],
    ['a truncated map', frame(bytes('a3 42 6964 05 46 6d6574686f64')), 5, /ends early/],
    ['tag 24 without bytes', bytes('d818 a1 42 6964 05'), null, /expected a byte string/],
    ['nested too deep', envelope('05', `46 706172616d73 ${'81'.repeat(513)} 00`), 5, /nesting deeper than 511/],
    ['nested too deep, bare', bytes(`a3 42 6964 05 41 61 ${'81'.repeat(513)} 00`), 5, /nesting deeper than 512/],
    ['nested in itself without end', bytes(`a2 42 6964 05 ${'5f'.repeat(3)}`), 5, /0x5f does not begin/],
    ['over the limit', bytes('d818 5a 000f4240'), null, /item of more than 1000000 bytes/],
    ['over the limit, its id known', bytes('d818 5a 000f4240 a1 42 6964 05'), 5, /item of more than 1000000 bytes/],
    ['of an impossible length', bytes('d818 5b ffffffffffffffff'), null, /item of more than 1000000 bytes/],
  ])('%s is answered, and the connection closed', async (_, message, id, reason) => {
    client.send(Buffer.concat([request(1, 'echo', ['before']), message, request(2, 'echo', ['after'])]));
    expect(idOf(await client.read())).toBe(1);
    const response = await client.read();
    expect(idOf(response)).toBe(id);
    expect(errorOf(response)).toMatch(reason);
    expect(await client.closed()).toBe('end');
    expect(client.unread).toBe(0);
  });

  it('is answered though more of it is on the way', async () => {
    client.send(Buffer.concat([bytes('81 ff'), Buffer.alloc(5_000_000)]));
    expect(errorOf(await client.read())).toMatch(/break/);
    expect(await client.closed()).toBe('end');
    const open = rpc.statistics.openConnections;
    client.socket.end();
    await expect.poll(() => rpc.statistics.openConnections).toBe(open - 1);
  });

  it('counts', async () => {
    const before = rpc.statistics.protocolErrors;
    client.send(bytes('81 ff'));
    await client.closed();
    expect(rpc.statistics.protocolErrors).toBe(before + 1);
  });

  it('just within the limits is no error', async () => {
    client.send(envelope('05', `46 706172616d73 ${'81'.repeat(511)} 00`));
    expect(resultOf(await client.read())).toBeInstanceOf(Array);
    const message = request(1, 'echo', ['z'.repeat(999_950)]);
    expect(message.length).toBeGreaterThan(999_980);
    client.send(message.subarray(0, 10));
    client.send(message.subarray(10));
    expect(idOf(await client.read())).toBe(1);
  });
});

describe('a client that does not read', () => {
  it('makes the daemon wait, not grow', async () => {
    const blob = request(1, 'blob', [100_000]);
    client.socket.pause();
    const before = rpc.statistics.methods.get('blob')!.requests;
    const asked = 5_000;
    for (let i = 0; i < asked; i++) client.send(blob);
    const done = () => rpc.statistics.methods.get('blob')!.requests - before;
    const last = await settled(done);
    // What the system's buffers hold, and little more; not the 500 MB that were asked for.
    expect(last).toBeLessThan(asked / 5);
    expect(await (await connect()).call('echo', 1)).toBe(1);
    client.socket.resume();
    for (let i = 0; i < 300; i++) await client.readEncoded();
    await expect.poll(done).toBeGreaterThan(last);
  });

  it('gets all answers as they were when it reads again', async () => {
    const value = (i: number) => `${i} `.repeat(10_000 + i);
    client.socket.pause();
    for (let i = 0; i < 300; i++) client.send(request(i, 'echo', [value(i)]));
    const other = await connect();
    for (let i = 0; i < 20; i++) await other.call('echo', 'in between '.repeat(5_000));
    client.socket.resume();
    for (let i = 0; i < 300; i++) {
      const response = await client.read();
      expect([idOf(response), resultOf(response) === value(i)]).toEqual([i, true]);
    }
  });
});

describe('a message that does not come to its end', () => {
  let strict: RpcApp;
  beforeAll(async () => {
    strict = await startRpcApp([FakeHandlers], { incompleteMessageTimeoutMs: 500, maxConnections: 3 });
  });
  afterAll(() => strict.close());

  it('is refused after a time, an idle connection is not', async () => {
    const idle = await connect(strict.port);
    await idle.call('echo', 1);
    const slow = await connect(strict.port);
    slow.send(request(9, 'echo', ['never complete']).subarray(0, -1));
    const response = await slow.read();
    expect([idOf(response), errorOf(response)]).toEqual([9, 'message incomplete after 0.5 s']);
    expect(await slow.closed()).toBe('end');
    expect(await idle.call('echo', 2)).toBe(2);
  });

  it('does not keep its connection when the client never reads and never closes', async () => {
    const stubborn = await connect(strict.port);
    stubborn.send(bytes('d818'));
    await expect.poll(() => strict.statistics.openConnections).toBe(1);
    await expect.poll(() => strict.statistics.openConnections).toBe(0);
  });

  it('leaves no more than the allowed number of connections', async () => {
    await expect.poll(() => strict.statistics.openConnections).toBe(0);
    const allowed = [await connect(strict.port), await connect(strict.port), await connect(strict.port)];
    for (const each of allowed) await each.call('echo', 1);
    const refused = connect(strict.port).then((client) => client.closed());
    expect(await refused.catch((error: NodeJS.ErrnoException) => error.code)).toMatch(/^(reset|ECONNRESET)$/);
    expect(strict.statistics.refusedConnections).toBe(1);
    allowed[0].destroy();
    await expect.poll(() => strict.statistics.openConnections).toBe(2);
    expect(await (await connect(strict.port)).call('echo', 1)).toBe(1);
  });
});

describe('an answer that nobody waits for', () => {
  it('is dropped', async () => {
    client.send(request(1, 'wait', ['a']));
    await released(1);
    const open = rpc.statistics.openConnections;
    client.socket.resetAndDestroy();
    await expect.poll(() => rpc.statistics.openConnections).toBe(open - 1);
    FakeHandlers.release[0]();
    expect(await (await connect()).call('echo', 1)).toBe(1);
  });
});
