import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ByteString, CborMap, encode, type Encodable, Float, RawCbor, Tuple } from '../../src/cbor/index.js';
import { wellFormed } from '../cbor/arbitraries.js';
import { errorOf, frame, idOf, RawClient, request, requestMap, resultOf } from './client.js';
import { FakeHandlers } from './fake.handlers.js';
import { type RpcApp, startRpcApp } from './rpc-app.js';
import { sized } from '../support/full-size.js';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

let rpc: RpcApp;
let client: RawClient;
beforeAll(async () => {
  rpc = await startRpcApp([FakeHandlers]);
});
beforeEach(async () => {
  client = await RawClient.connect(rpc.port);
  FakeHandlers.calls.length = 0;
  FakeHandlers.release = [];
});
afterEach(() => client.destroy());
afterAll(() => rpc.close());

describe('a request', () => {
  it('is answered to the byte as a Python 2 client reads it', async () => {
    // {'id': 1, 'method': 'echo', 'params': [[]]}
    client.send(bytes('d818 581a a3 42 6964 01 46 6d6574686f64 44 6563686f 46 706172616d73 81 80'));
    expect((await client.readEncoded()).toString('hex')).toBe('a2' + '426964' + '01' + '46726573756c74' + '80');
    // {'id': 2, 'method': 'nope', 'params': []}
    client.send(bytes('d818 5819 a3 42 6964 02 46 6d6574686f64 44 6e6f7065 46 706172616d73 80'));
    const message = Buffer.from('no such method "nope"').toString('hex');
    expect((await client.readEncoded()).toString('hex')).toBe(
      'a2' + '426964' + '02' + '456572726f72' + 'a1' + '476d657373616765' + '55' + message,
    );
  });

  it.each([
    ['unwrapped', 'a3 42 6964 01 46 6d6574686f64 44 6563686f 46 706172616d73 81 80'],
    ['of text keys and text method', 'a3 62 6964 01 66 6d6574686f64 64 6563686f 66 706172616d73 81 80'],
    ['in another order', 'a3 46 706172616d73 81 80 46 6d6574686f64 44 6563686f 42 6964 01'],
    ['of indefinite lengths', 'bf 42 6964 01 46 6d6574686f64 5f 42 6563 42 686f ff 46 706172616d73 9f 9f ff ff ff'],
    ['with keys in pieces', 'a3 5f 41 69 41 64 ff 01 7f 66 6d6574686f64 ff 44 6563686f 46 706172616d73 81 80'],
    ['with tuples for lists', 'a3 42 6964 01 46 6d6574686f64 44 6563686f 46 706172616d73 d880 81 d880 80'],
    ['with keys that nobody knows', 'a5 01 02 6178 a0 42 6964 01 46 6d6574686f64 44 6563686f 46 706172616d73 81 80'],
    [
      'in a byte string of indefinite length',
      'd818 5f 50 a3 42 6964 01 46 6d6574686f64 44 656368 4a 6f 46 706172616d73 81 80 ff',
    ],
    ['with a long head', 'd818 5b000000000000001a a3 42 6964 01 46 6d6574686f64 44 6563686f 46 706172616d73 81 80'],
    ['with an earlier id', 'a4 42 6964 07 62 6964 01 46 6d6574686f64 44 6563686f 46 706172616d73 81 80'],
  ])('may come %s', async (_, hex) => {
    client.send(bytes(hex));
    const response = await client.read();
    expect(idOf(response)).toBe(1);
    const result = resultOf(response);
    expect(result instanceof Tuple ? result.items : result).toEqual([]);
  });

  it('gets its id back as it was, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(wellFormed, async (id) => {
        client.send(frame(encode(requestMap(new RawCbor(id), 'echo', []))));
        const response = await client.readEncoded();
        expect(response.toString('hex')).toBe(`a2426964${id.toString('hex')}46726573756c74f6`);
      }),
      { numRuns: sized(200, 30) },
    );
  });

  it('gets null for an id that it has not', async () => {
    client.send(frame(encode({ method: 'echo' })));
    expect((await client.readEncoded()).toString('hex')).toBe('a2426964f646726573756c74f6');
  });

  it.each(['echo', 'echo_later'])('gets data through %s as they were', async (method) => {
    await fc.assert(
      fc.asyncProperty(wellFormed, async (item) => {
        client.send(request(1, method, [new RawCbor(item)]));
        // A method that may leave out its parameter takes CBOR's undefined for one left out.
        const expected = item.equals(bytes('f7')) && method === 'echo' ? 'f6' : item.toString('hex');
        expect((await client.readEncoded()).toString('hex')).toBe(`a24269640146726573756c74${expected}`);
      }),
      { numRuns: sized(200, 30) },
    );
  });
});

describe('parameters', () => {
  const getWork = async (given: Encodable) => {
    client.send(request(1, 'get_work', given));
    return client.read();
  };
  const work = new ByteString('w');
  const defaults = [new Tuple([work, null, 1]), null, null];

  it.each<[string, Encodable, unknown]>([
    ['missing options', [work], defaults],
    ['null options', [work, null], defaults],
    ['empty options', [work, {}], defaults],
    ['names', { worker_id: 'w' }, defaults],
    ['names in bytes', new Map([[new ByteString('worker_id'), work]]), defaults],
    ['a null option', [work, { max_jobs: null, lease_time: null, work_spec_names: null }], defaults],
    ['unknown options', new Tuple<Encodable>([work, new Map<Encodable, Encodable>([['x', [{}]], [3, 4]])]), defaults], // prettier-ignore
    ['a whole float', [work, { max_jobs: new Float(3) }], [new Tuple([work, null, 3]), null, null]],
    ['an integer for a float', [work, { lease_time: 3 }], [new Tuple([work, 3, 1]), null, null]],
    ['a float', [work, { lease_time: 2.5 }], [new Tuple([work, new Float(2.5), 1]), null, null]],
    [
      'a tuple',
      [work, { work_spec_names: new Tuple<Encodable>(['a', new ByteString('b')]) }],
      [defaults[0], ['a', 'b'], null],
    ],
    ['the last of duplicates', [work, new CborMap([['max_jobs', 5], [new ByteString('max_jobs'), 6]])], [new Tuple([work, null, 6]), null, null]], // prettier-ignore
    ['data', [work, { data: { a: 1 } }], [defaults[0], null, new CborMap([['a', 1]])]],
  ])('may be %s', async (_, given, expected) => {
    expect(resultOf(await getWork(given))).toEqual(expected);
  });

  it.each<[Encodable, string]>([
    [[], 'get_work: worker_id is missing'],
    [{}, 'get_work: worker_id is missing'],
    [[[]], 'get_work: worker_id must be a string, not a list'],
    [[null], 'get_work: worker_id must be a string, not null'],
    [[new Tuple([])], 'get_work: worker_id must be a string, not a tuple'],
    [{ worker_id: 'w', foo: 1 }, 'get_work: has no parameter "foo"'],
    [['w', {}, 3], 'get_work: takes at most 2 parameters'],
    [['w', []], 'get_work: options must be a map, not a list'],
    [['w', { max_jobs: 1.5 }], 'get_work: options.max_jobs must be an integer, not 1.5'],
    [['w', { max_jobs: 'x' }], 'get_work: options.max_jobs must be an integer, not a text'],
    [['w', { lease_time: true }], 'get_work: options.lease_time must be a number, not a boolean'],
    [['w', { lease_time: NaN }], 'get_work: options.lease_time must be a number, not NaN'],
    [['w', { work_spec_names: ['a', 2] }], 'get_work: options.work_spec_names[1] must be a string, not an integer'],
    [['w', { work_spec_names: [new ByteString('\xff')] }], 'get_work: options.work_spec_names[0] is not valid UTF-8'],
    [['w', { data: [] }], 'get_work: options.data must be a map, not a list'],
    [5, 'get_work: params must be a list or a map, not an integer'],
    ['w', 'get_work: params must be a list or a map, not a text'],
  ])('%j: %s', async (given, message) => {
    expect(errorOf(await getWork(given))).toBe(message);
  });
});

describe('errors', () => {
  it.each(['fail', 'fail_later'])('of a method (%s) are answered, and the connection lives', async (method) => {
    await expect(client.call(method, 'it broke')).rejects.toThrow('it broke');
    await expect(client.call(method, '')).rejects.toThrow('Error');
    expect(await client.call('echo', 1)).toBe(1);
  });

  it('have ASCII messages', async () => {
    client.send(request(1, 'fail', ['naïve €\n😀']));
    expect(errorOf(await client.read())).toBe('na\\xefve \\u20ac\n\\U0001f600');
  });

  it('replace a result that cannot be encoded', async () => {
    await expect(client.call('unencodable')).rejects.toThrow('ByteString');
    client.send(frame(encode([requestMap(1, 'unencodable', []), requestMap(2, 'echo', [3])])));
    const [first, second] = (await client.read()) as CborMap[];
    expect([errorOf(first).includes('ByteString'), resultOf(second)]).toEqual([true, 3]);
  });

  it.each<[string, Buffer, string]>([
    ['an unknown method', request(1, 'Echo', []), 'no such method "Echo"'],
    ['a method of Object', request(1, 'constructor', []), 'no such method "constructor"'],
    ['no method', frame(encode({ id: 1 })), 'a request must name its method, a string'],
    ['a method that is no string', frame(encode({ id: 1, method: [] })), 'a request must name its method, a string'],
  ])('%s', async (_, message, reason) => {
    client.send(message);
    expect(errorOf(await client.read())).toBe(reason);
    expect(await client.call('echo', 1)).toBe(1);
  });
});

describe('a list of requests', () => {
  it('is answered by the list of responses in order', async () => {
    const list = [
      requestMap('a', 'echo_later', [1]),
      requestMap('b', 'echo', [2]),
      requestMap('c', 'nope', []),
      requestMap('d', 'fail_later', ['broken']),
    ];
    for (const message of [frame(encode(list)), encode(list), frame(encode(new Tuple<Encodable>(list)))]) {
      client.send(message);
      const responses = (await client.read()) as CborMap[];
      expect(responses.map(idOf)).toEqual(['a', 'b', 'c', 'd']);
      expect(responses.slice(0, 2).map(resultOf)).toEqual([1, 2]);
      expect(responses.slice(2).map(errorOf)).toEqual(['no such method "nope"', 'broken']);
    }
  });

  it('may be empty', async () => {
    client.send(frame(encode([])));
    expect(await client.read()).toEqual([]);
  });

  it('has those begun together that overlap, and nothing else before they are answered', async () => {
    const gathered = [1, 2, 3].map((id) => requestMap(id, 'gather', [3]));
    client.send(frame(encode([...gathered, requestMap(4, 'gather', ['?']), requestMap(5, 'note', ['y'])])));
    const responses = (await client.read()) as CborMap[];
    expect(responses.map(idOf)).toEqual([1, 2, 3, 4, 5]);
    expect(responses.slice(0, 3).map(resultOf)).toEqual([3, 3, 3]);
    expect(errorOf(responses[3])).toContain('gather: count must be an integer');
    expect(FakeHandlers.calls).toEqual(['gather', 'gather', 'gather', 'note y']);
  });

  it('is carried out one after another', async () => {
    client.send(frame(encode([requestMap(1, 'wait', ['x']), requestMap(2, 'note', ['y'])])));
    await expect.poll(() => FakeHandlers.release.length).toBe(1);
    expect(FakeHandlers.calls).toEqual(['wait x']);
    FakeHandlers.release[0]();
    await client.read();
    expect(FakeHandlers.calls).toEqual(['wait x', 'note y']);
  });

  it('carries nothing out when it is malformed anywhere', async () => {
    const other = await RawClient.connect(rpc.port);
    other.send(frame(Buffer.concat([bytes('82'), encode(requestMap(1, 'note', ['z'])), bytes('a1 01 1c')])));
    expect(errorOf(await other.read())).toMatch(/0x1c does not begin a CBOR item/);
    expect(await other.closed()).toBe('end');
    expect(FakeHandlers.calls).toEqual([]);
  });

  it('holds no more requests than can be answered', async () => {
    const other = await RawClient.connect(rpc.port);
    other.send(Buffer.concat([bytes('9a 000186a1'), Buffer.alloc(100_001, 0xa0)]));
    expect(errorOf(await other.read())).toMatch(/too many requests/);
    expect(await other.closed()).toBe('end');
  });
});

describe('statistics', () => {
  it('count what happened', async () => {
    const echo = rpc.statistics.methods.get('echo')!;
    const fail = rpc.statistics.methods.get('fail')!;
    const before = { echo: echo.requests, fail: fail.errors, unknown: rpc.statistics.unknownMethods };
    await client.call('echo', 1);
    await client.call('echo', 2);
    await expect(client.call('fail', 'x')).rejects.toThrow();
    await expect(client.call('nope')).rejects.toThrow();
    expect(echo.requests - before.echo).toBe(2);
    expect(echo.seconds.counts.reduce((sum, count) => sum + count)).toBe(echo.requests);
    expect(echo.seconds.sum).toBeGreaterThan(0);
    expect([echo.errors, fail.errors - before.fail]).toEqual([0, 1]);
    expect(rpc.statistics.unknownMethods - before.unknown).toBe(1);
    expect(rpc.statistics.openConnections).toBeGreaterThan(0);
    expect(Math.min(rpc.statistics.bytesRead, rpc.statistics.bytesWritten)).toBeGreaterThan(0);
  });
});
