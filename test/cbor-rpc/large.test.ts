import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ByteString, CborMap, type CborValue, encode, type Encodable, RawCbor, Tuple } from '../../src/cbor/index.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { errorOf, frame, idOf, RawClient, request, requestMap, resultOf } from './client.js';

const KB = 1024;
const MiB = KB * KB;
/** Room for answers of little more than 1 MiB, so that small things are large. */
const TIGHT = ['-http', 'off', '-max-message', '1MiB', '-max-buffered', '4MiB'];
const TOO_MUCH = /the answer would have more than \d+ bytes, ask for less at a time/;

let tight: RunningDaemon;
let client: RawClient;
const clients: RawClient[] = [];

async function connect(daemon: RunningDaemon): Promise<RawClient> {
  const connected = await RawClient.connect(daemon.rpcPort);
  clients.push(connected);
  return connected;
}

beforeAll(async () => {
  tight = await startDaemon(TIGHT);
});
beforeEach(async () => {
  client = await connect(tight);
  await client.call('clear');
});
afterEach(() => {
  for (const each of clients.splice(0)) each.destroy();
});
afterAll(() => tight.stop());

const blob = (bytes: number, letter = 'b') => ({ blob: new ByteString(letter.repeat(bytes)) });
const pairs = (answer: CborValue) => (answer as [Tuple[], CborValue])[0].map(({ items }) => items);
const keyOf = (key: CborValue) => (key as ByteString).binary;

async function addUnits(to: RawClient, count: number, bytes: number): Promise<void> {
  await to.call('set_work_spec', { name: 's' });
  for (let i = 0; i < count; i++)
    await to.call('add_work_units', 's', [[`u${String(i).padStart(3, '0')}`, blob(bytes)]]);
}

async function counts(of: RawClient): Promise<[CborValue, CborValue][]> {
  return ((await of.call('count_work_units', 's')) as CborMap[])[0].entries;
}

describe('what would be too much to answer', () => {
  it('is refused before it is read: one unit named very often, or many large ones', async () => {
    await addUnits(client, 20, 100 * KB);
    await expect(client.call('get_work_units', 's', { work_unit_keys: Array(6_000).fill('u000') })).rejects.toThrow(
      TOO_MUCH,
    );
    await expect(client.call('get_work_units', 's', { work_unit_keys: Array(11).fill('u000') })).rejects.toThrow(
      TOO_MUCH,
    );
    await expect(client.call('get_work_units', 's', {})).rejects.toThrow(TOO_MUCH);
    const named = pairs(await client.call('get_work_units', 's', { work_unit_keys: ['u001', 'none', 'u001', 'u000'] }));
    expect(named.map(([key, data]) => [key, (data as CborMap | null)?.get('blob')])).toEqual([
      ['u001', new ByteString('b'.repeat(100 * KB))],
      ['none', undefined],
      ['u001', new ByteString('b'.repeat(100 * KB))],
      ['u000', new ByteString('b'.repeat(100 * KB))],
    ]);
    const listed = pairs(await client.call('get_work_units', 's', { limit: 5 }));
    expect(listed.map(([key, data]) => [keyOf(key), (data as CborMap).size])).toEqual(
      [0, 1, 2, 3, 4].map((i) => [`u00${i}`, 1]),
    );
  });

  it('is refused request by request in a list, whose other requests are answered', async () => {
    await client.call('set_work_spec', { name: 'large', ...blob(100 * KB) });
    const list = Array.from({ length: 40 }, (_, i) => requestMap(i, 'list_work_specs', [{}]));
    client.send(frame(encode([...list, requestMap('last', 'now', [])])));
    const responses = (await client.read()) as CborMap[];
    expect(responses.map(idOf)).toEqual([...Array(40).keys(), 'last']);
    const answered = responses.slice(0, 40).filter((response) => response.has('result'));
    expect(answered.length).toBe(10);
    for (const refused of responses.slice(10, 40)) expect(errorOf(refused)).toMatch(TOO_MUCH);
    expect(resultOf(responses[40])).toBeDefined();
    // Its room is free again.
    expect(pairsOfSpecs(await client.call('list_work_specs', {}))).toEqual(['large']);
  });

  const pairsOfSpecs = (answer: CborValue) => (answer as [CborMap[], CborValue])[0].map((spec) => spec.get('name'));

  it('is given out in parts by claims: what fits, and one unit at least', async () => {
    await addUnits(client, 25, 100 * KB);
    const given: string[] = [];
    const sizes: number[] = [];
    for (let round = 0; round < 4; round++) {
      const claim = await client.call('get_work', `w${round}`, { max_jobs: 25 });
      const units = (claim as [Tuple[], CborValue])[0];
      sizes.push(units.length);
      given.push(...units.map(({ items }) => keyOf(items[1])));
      expect(await counts(client)).toContainEqual([3, given.length]);
    }
    expect(sizes).toEqual([10, 10, 5, 0]);
    expect(new Set(given).size).toBe(25);
  });
});

describe('a claim of very many units', () => {
  it('gives each out once, in the order of their names, with what they are', async () => {
    await client.call('set_work_spec', { name: 's' });
    const names = Array.from({ length: 2_500 }, (_, i) => `u${String(i).padStart(4, '0')}`);
    await client.call(
      'add_work_units',
      's',
      names.map((name, i) => [name, { i }]),
    );
    const [units, message] = (await client.call('get_work', 'w', { max_jobs: 2_000 })) as [Tuple[], CborValue];
    expect(message).toBeNull();
    expect(units.map(({ items: [spec, key, data] }) => [spec, keyOf(key), (data as CborMap).get('i')])).toEqual(
      names.slice(0, 2_000).map((name, i) => ['s', name, i]),
    );
    expect(await counts(client)).toEqual([
      [1, 500],
      [3, 2_000],
    ]);
  });
});

describe('a claim whose answer is not read', () => {
  it('is undone when its client goes away, without counting as an attempt', async () => {
    const daemon = await startDaemon(['-http', 'off']);
    try {
      const driver = await connect(daemon);
      // More than the system takes for a client that reads nothing, which may be 36 MiB.
      await addUnits(driver, 1, 48 * MiB);
      for (const message of [
        request(1, 'get_work', ['w', {}]),
        frame(encode([requestMap(1, 'get_work', ['w', {}]), requestMap(2, 'now', [])])),
      ]) {
        const worker = await connect(daemon);
        worker.socket.pause();
        worker.send(message);
        await expect.poll(() => counts(driver)).toContainEqual([3, 1]);
        worker.socket.resetAndDestroy();
        await expect.poll(() => counts(driver)).toEqual([[1, 1]]);
      }
      const [statuses] = (await driver.call('get_work_unit_status', 's', ['u000'])) as CborMap[][];
      expect(statuses[0].get('worker_id')).toBeUndefined();

      // As is one of very many units, whose answer is made in pieces.
      const few = Array.from({ length: 1_500 }, (_, i) => `few ${i}`);
      await driver.call('set_work_spec', { name: 't' });
      await driver.call('add_work_units', 't', few);
      const worker = await connect(daemon);
      worker.socket.pause();
      const claim = requestMap(2, 'get_work', ['w', { max_jobs: few.length, work_spec_names: ['t'] }]);
      worker.send(frame(encode([requestMap(1, 'get_work_units', ['s', { work_unit_keys: ['u000'] }]), claim])));
      const ofFew = async () => ((await driver.call('count_work_units', 't')) as CborMap[])[0].entries;
      await expect.poll(ofFew).toEqual([[3, few.length]]);
      worker.socket.resetAndDestroy();
      await expect.poll(ofFew).toEqual([[1, few.length]]);
    } finally {
      await daemon.stop();
    }
  });
});

describe('a large message', () => {
  const many = (count: number, name: (i: number) => Encodable) => Array.from({ length: count }, (_, i) => name(i));

  it('adds units, the last of those of a name', async () => {
    await client.call('set_work_spec', { name: 's' });
    await client.call('add_work_units', 's', [...many(200_000, () => ''), ...many(20_000, (i) => [`k${i}`, { i }])]);
    expect(await counts(client)).toEqual([[1, 20_001]]);
    const [[, data]] = pairs(await client.call('get_work_units', 's', { work_unit_keys: ['k19999'] }));
    expect(data).toEqual(new CborMap([['i', 19_999]]));
  });

  it('adds nothing where one of its items is wrong, and says which', async () => {
    await client.call('set_work_spec', { name: 's' });
    const items = [...many(60_000, (i) => `k${i}`), 5];
    await expect(client.call('add_work_units', 's', items)).rejects.toThrow(
      'add_work_units: work_unit_key_vals[60000] is no work unit',
    );
    expect(await counts(client)).toEqual([]);
  });

  it('asks for many units by their keys, and gets them in that order, each as it was sent', async () => {
    await client.call('set_work_spec', { name: 's' });
    await client.call('add_work_units', 's', ['a', ['b', { x: 1 }]]);
    const keys = many(30_000, (i) => (i % 3 === 0 ? 'a' : i % 3 === 1 ? new ByteString('b') : 'none'));
    const found = pairs(await client.call('get_work_units', 's', { work_unit_keys: keys }));
    expect(found.length).toBe(30_000);
    expect(found.slice(-3)).toEqual([
      ['a', new CborMap([])],
      [new ByteString('b'), new CborMap([['x', 1]])],
      ['none', null],
    ]);
    expect(await client.call('get_work_units', 'missing', { work_unit_keys: keys })).toEqual([
      null,
      new ByteString("no such work_spec 'missing'"),
    ]);
    const [statuses] = (await client.call('get_work_unit_status', 's', keys)) as [(CborMap | null)[], CborValue];
    expect([statuses.length, statuses.at(-3)?.get('status'), statuses.at(-1)]).toEqual([30_000, 1, null]);
  });

  it('is one of many requests', async () => {
    const list = many(5_000, (i) => requestMap(i, i % 2 ? 'now' : 'nope', []));
    client.send(frame(encode(list)));
    const responses = (await client.read()) as CborMap[];
    expect(responses.map(idOf)).toEqual([...Array(5_000).keys()]);
    expect(errorOf(responses[0])).toBe('no such method "nope"');
  });

  it('is refused with its id where it is malformed anywhere', async () => {
    const broken = encode(requestMap(7, 'add_work_units', ['s', many(100_000, () => '')]));
    broken[90_000] = 0x1c;
    client.send(Buffer.concat([frame(broken), request(8, 'now', [])]));
    const response = await client.read();
    expect([idOf(response), errorOf(response)]).toEqual([7, expect.stringMatching(/0x1c does not begin a CBOR item/)]);
    expect(await client.closed()).toBe('end');
  });

  it('locks paths, of 64 parts at most', async () => {
    const path = (parts: number) => many(parts, () => 'p');
    expect(await client.call('lock', 'me', 60, [path(64)])).toEqual([true, null]);
    await expect(client.call('lock', 'me', 60, [path(65)])).rejects.toThrow('lock: keys[0] has more than 64 parts');
    await expect(client.call('lock', 'me', 60, [path(500_000)])).rejects.toThrow(
      /^lock: keys\[0\] has more than \d+ bytes$/,
    );
    await expect(client.call('unlock', 'me', [[new Tuple(path(70_000))]])).rejects.toThrow(/has more than \d+ bytes/);
    await expect(
      client.call(
        'lock',
        'me',
        60,
        many(100_001, () => 1),
      ),
    ).rejects.toThrow('lock: keys has more than 100000 items');
    const keys = many(20_000, (i) => [`k${i}`]);
    expect(((await client.call('locksome', 'me', 60, keys)) as CborValue[][])[0].at(-1)).toEqual(['k19999']);
    expect(((await client.call('readlock', keys)) as CborValue[]).every((id) => keyOf(id) === 'me')).toBe(true);
    await client.call('delete_namespace', []);
  });

  it('has strings in so many pieces only', async () => {
    const inPieces = (pieces: number) =>
      new RawCbor(Buffer.concat([Buffer.of(0x5f), Buffer.from('4161'.repeat(pieces), 'hex'), Buffer.of(0xff)]));
    expect(await client.call('get_work_spec', inPieces(60_000))).toBeNull();
    client.send(request(1, 'get_work_spec', [inPieces(70_000)]));
    expect(errorOf(await client.read())).toMatch(/^string in more than 65536 pieces/);
    expect(await client.closed()).toBe('end');
  });
});

describe('what a client sent is repeated in part only', () => {
  const long = 'x'.repeat(500 * KB);

  it.each<[string, string, Encodable]>([
    ['an unknown parameter', 'now', { [long]: 1 }],
    ['an unknown method', long, []],
    ['a spec', 'get_work_units', [long]],
    ['a spec of a claim by update', 'update_work_unit', [long, 'u', { status: 4 }]],
    ['a worker', 'worker_unregister', [long]],
    ['a holder of a lock', 'lock', [long, 60, [['a']]]],
    ['a path', 'unlock', ['me', [['p'.repeat(60 * KB)]]]],
    ['many states', 'get_work_units', ['s', { state: Array(100_000).fill(1) }]],
    ['a name of a spec too many', 'get_work', ['w', { work_spec_names: Array(2_000).fill('s') }]],
  ])('%s', async (_, method, params) => {
    client.send(request(1, method, params));
    expect((await client.readEncoded()).length).toBeLessThan(1_500);
  });
});
