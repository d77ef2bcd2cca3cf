import fc from 'fast-check';
import { request as httpRequest } from 'node:http';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDaemon, type Daemon } from '../../src/bootstrap/daemon.js';
import {
  ByteString,
  CborMap,
  type CborValue,
  decodeValue,
  encode,
  Float,
  RawCbor,
  Tuple,
  Uuid,
} from '../../src/cbor/index.js';
import { loadConfig } from '../../src/config/load.js';
import { readData } from '../../src/rest/json/data.js';
import { JsonReader } from '../../src/rest/json/json-reader.js';
import { cborValue } from '../cbor/arbitraries.js';
import { RawClient } from '../cbor-rpc/client.js';
import { sized } from '../support/full-size.js';

const UNITS = '/namespace/-/work_spec/s/work_unit';

let daemon: Daemon;
let rpc: RawClient;
let httpPort: number;

beforeAll(async () => {
  const loaded = loadConfig(['-http', '127.0.0.1:0', '-cborrpc', '127.0.0.1:0', '-backend', 'memory']);
  if (loaded.action !== 'start') throw new Error('not a configuration');
  daemon = await startDaemon(loaded.config, { logger: pino({ enabled: false }) });
  const portOf = (service: string): number =>
    Number(/:(\d+)$/.exec(daemon.banner.find((line) => line.startsWith(service))!)![1]);
  httpPort = portOf('HTTP');
  rpc = await RawClient.connect(portOf('CBOR-RPC'));
  await rpc.call('set_work_spec', { name: 's' });
});

afterAll(async () => {
  rpc.destroy();
  await daemon.close();
});

function http(method: string, path: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: httpPort, method, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => (response.statusCode! < 300 ? resolve(text) : reject(new Error(text))));
    });
    request.on('error', reject).end(body);
  });
}

/** The unit's data as REST shows them, read from the text: JSON.parse would lose what this is about. */
async function dataOverRest(unit: string): Promise<{ json: string; bytes: Buffer }> {
  const reader = JsonReader.of(Buffer.from(await http('GET', `${UNITS}/${unit}`)));
  let json = '';
  let bytes: Uint8Array | undefined;
  reader.readObject((key) => {
    const start = reader.position;
    if (key === 'data') bytes = readData(reader, key);
    else reader.skip();
    if (key === 'data') json = reader.since(start);
  });
  return { json, bytes: Buffer.from(bytes!) };
}

/** The unit's data as CBOR-RPC gives them, to the byte. */
async function dataOverRpc(unit: string): Promise<CborValue> {
  const result = await rpc.call('get_work_units', 's', { work_unit_keys: [new ByteString(unit)] });
  const [[pair]] = result as Tuple[][];
  return pair.items[1];
}

/** Byte strings that are UTF-8 show as text in JSON, and a float there has one size. */
function asJsonHasIt(value: CborValue): CborValue {
  if (value instanceof ByteString) return value.toText() ?? value;
  if (value instanceof Float) return new Float(value.value);
  if (Array.isArray(value)) return value.map(asJsonHasIt);
  if (!(value instanceof CborMap)) return value;
  return new CborMap(value.entries.map(([key, member]) => [asJsonHasIt(key), asJsonHasIt(member)]));
}

const dictionary = fc
  .array(fc.tuple(cborValue, cborValue), { maxLength: 4 })
  .map((entries) => encode(new CborMap(entries)));

const example = encode(
  new CborMap([
    ['tuple', new Tuple([1, new Tuple([])])],
    ['uuid', new Uuid('0123456789abcdef')],
    [new ByteString('\xff'), new ByteString('\x00\xff')],
  ]),
);

it('what CBOR-RPC stores REST shows', async () => {
  await fc.assert(
    fc.asyncProperty(dictionary, async (data) => {
      await rpc.call('add_work_units', 's', [[new ByteString('u'), new RawCbor(data)]]);
      const { json, bytes } = await dataOverRest('u');
      if (json.startsWith('"')) expect(bytes.equals(data)).toBe(true);
      else expect(decodeValue(bytes)).toEqual(asJsonHasIt(decodeValue(data)));
    }),
    { numRuns: sized(150, 6), examples: [[example]] },
  );
});

it('what REST is given in base64 CBOR-RPC gives back to the byte', async () => {
  await fc.assert(
    fc.asyncProperty(dictionary, async (data) => {
      await http('POST', UNITS, JSON.stringify({ name: 'v', data: data.toString('base64') }));
      expect(await dataOverRpc('v')).toEqual(decodeValue(data));
      expect(encode(await dataOverRpc('v')).equals(data)).toBe(true);
    }),
    { numRuns: sized(150, 6), examples: [[example]] },
  );
});

it('what REST shows it takes back, and means the same', async () => {
  await fc.assert(
    fc.asyncProperty(dictionary, async (data) => {
      await rpc.call('add_work_units', 's', [[new ByteString('w'), new RawCbor(data)]]);
      const shown = await dataOverRest('w');
      await http('POST', UNITS, `{"name":"w","data":${shown.json}}`);
      expect((await dataOverRest('w')).json).toBe(shown.json);
      expect(asJsonHasIt(await dataOverRpc('w'))).toEqual(asJsonHasIt(decodeValue(data)));
    }),
    { numRuns: sized(150, 6), examples: [[example]] },
  );
});

it('a failure whose data say final over CBOR-RPC is for good, and one that is reported again changes nothing', async () => {
  await rpc.call(
    'set_work_spec',
    new CborMap([
      ['name', 'again'],
      ['flow', new CborMap([['retry', 3]])],
    ]),
  );
  await rpc.call('add_work_units', 'again', [['u', {}]]);
  const stands = async (): Promise<unknown> =>
    (JSON.parse(await http('GET', '/namespace/-/work_spec/again/work_unit/u')) as { status: string }).status;
  const fail = async (data: Record<string, boolean>): Promise<CborValue> =>
    await rpc.call('update_work_unit', 'again', 'u', { status: 5, worker_id: 'w', data });
  await rpc.call('get_work', 'w', { work_spec_names: ['again'] });
  for (let sent = 0; sent < 2; sent++) {
    expect(await fail({ final: false })).toEqual([true, null]);
    expect(await stands()).toBe('available');
  }
  await rpc.call('get_work', 'w', { work_spec_names: ['again'] });
  expect(await fail({ final: true })).toEqual([true, null]);
  expect(await stands()).toBe('failed');
});
