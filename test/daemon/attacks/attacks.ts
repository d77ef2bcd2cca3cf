import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ByteString, encode, type Encodable, RawCbor } from '../../../src/cbor/index.js';
import { frame, RawClient, request, requestMap } from '../../cbor-rpc/client.js';

const KB = 1024;
const MiB = KB * KB;

/** Something that one client, or several of one mind, can do to hurt others. */
export interface Attack {
  readonly name: string;
  /** Sees to what there has to be before. */
  prepare?(driver: RawClient, size: number): Promise<void>;
  /** @param size 1: as it was seen; less: as much smaller */
  readonly run: (port: number, size: number) => Promise<void>;
}

const scaled = (count: number, size: number): number => Math.max(2, Math.round(count * size));

/** The head of a list of so many items. */
function listHead(count: number): Buffer {
  const head = Buffer.of(0x9a, 0, 0, 0, 0);
  head.writeUInt32BE(count, 1);
  return head;
}

/** A list of one encoded item, so many times. */
function repeated(count: number, hex: string): RawCbor {
  const item = Buffer.from(hex, 'hex');
  return new RawCbor(Buffer.concat([listHead(count), Buffer.alloc(count * item.length, item)]));
}

const EMPTY_KEY = '40';

/** Sends a message and waits for what comes of it: an answer of any length, or the end. */
async function sendAndRead(port: number, message: Buffer): Promise<void> {
  const socket = await open(port);
  socket.write(message);
  socket.end();
  socket.resume();
  await once(socket, 'close');
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Connections that send something each and read nothing, for a time. */
async function unread(port: number, connections: number, message: Buffer, ms: number): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  for (const socket of sockets) socket.pause().write(message);
  await new Promise((resolve) => setTimeout(resolve, ms));
  for (const socket of sockets) socket.destroy();
}

const asking =
  (method: string, ...params: Encodable[]): Attack['run'] =>
  (port) =>
    sendAndRead(port, request(1, method, params));

async function addBlobs(driver: RawClient, units: number, bytes: number): Promise<void> {
  await driver.call('set_work_spec', { name: 's' });
  const blob = new ByteString('b'.repeat(bytes));
  for (let i = 0; i < units; i++) await driver.call('add_work_units', 's', [[`u${i}`, { blob }]]);
}

export const ATTACKS: readonly Attack[] = [
  {
    name: 'get_work_units naming one unit of 1 MiB 6,000 times',
    prepare: (driver, size) => addBlobs(driver, 1, MiB * size),
    run: asking('get_work_units', 's', { work_unit_keys: Array(6_000).fill('u0') }),
  },
  {
    name: '400 list_work_specs over a spec of 10 MiB in one list',
    prepare: async (driver, size) => {
      await driver.call('set_work_spec', { name: 's', blob: new ByteString('b'.repeat(10 * MiB * size)) });
    },
    run: (port) =>
      sendAndRead(port, frame(encode(Array.from({ length: 400 }, (_, i) => requestMap(i, 'list_work_specs', [{}]))))),
  },
  {
    name: '300 connections that ask 100 times each for a unit of 4 MiB and read nothing',
    prepare: (driver, size) => addBlobs(driver, 1, 4 * MiB * size),
    run: (port, size) => {
      const asked = request(1, 'get_work_units', ['s', { work_unit_keys: ['u0'] }]);
      return unread(port, scaled(300, size), Buffer.concat(Array<Buffer>(100).fill(asked)), 5_000 * size);
    },
  },
  {
    name: '300 connections that claim a unit of 4 MiB each and read nothing',
    prepare: (driver, size) => addBlobs(driver, scaled(300, size), 4 * MiB * size),
    run: (port, size) => unread(port, scaled(300, size), request(1, 'get_work', ['w', {}]), 5_000 * size),
  },
  {
    name: 'a claim of 140 units of 1 MiB',
    prepare: (driver, size) => addBlobs(driver, 140, MiB * size),
    run: asking('get_work', 'w', { max_jobs: 140 }),
  },
  {
    name: 'get_work_units of 400 MiB',
    prepare: (driver, size) => addBlobs(driver, 400, MiB * size),
    run: asking('get_work_units', 's', { limit: 10_000 }),
  },
  {
    name: 'get_work_units of 60 MiB that is read',
    prepare: (driver, size) => addBlobs(driver, 60, MiB * size),
    run: asking('get_work_units', 's', { limit: 10_000 }),
  },
  { name: 'a lock of a path of 10^7 parts', run: (port, size) => lockOf(port, [repeated(scaled(1e7, size), '00')]) },
  {
    name: 'a lock of 10^5 paths, and of 10^6',
    run: async (port, size) => {
      for (const most of [1e5, 1e6]) await lockOf(port, new RawCbor(paths(scaled(most, size))));
    },
  },
  {
    name: 'a byte string in 6·10^7 pieces of a byte',
    run: (port, size) => {
      const pieces = Buffer.alloc(2 * scaled(3e7, size), Buffer.from('4161', 'hex'));
      return sendAndRead(
        port,
        request(1, 'get_work_spec', [new RawCbor(Buffer.concat([Buffer.of(0x5f), pieces, Buffer.of(0xff)]))]),
      );
    },
  },
  {
    name: 'add_work_units of 5·10^6 empty keys',
    prepare: async (driver) => void (await driver.call('set_work_spec', { name: 's' })),
    run: (port, size) => sendAndRead(port, request(1, 'add_work_units', ['s', repeated(scaled(5e6, size), EMPTY_KEY)])),
  },
  {
    name: 'add_work_units of 6·10^7 empty keys',
    prepare: async (driver) => void (await driver.call('set_work_spec', { name: 's' })),
    run: (port, size) => sendAndRead(port, request(1, 'add_work_units', ['s', repeated(scaled(6e7, size), EMPTY_KEY)])),
  },
  {
    name: 'get_work_units of 5·10^6 empty keys',
    prepare: async (driver) => void (await driver.call('set_work_spec', { name: 's' })),
    run: (port, size) =>
      sendAndRead(
        port,
        request(1, 'get_work_units', ['s', new Map([['work_unit_keys', repeated(scaled(5e6, size), EMPTY_KEY)]])]),
      ),
  },
  {
    name: 'get_work_unit_status of 5·10^6 empty keys',
    prepare: async (driver) => void (await driver.call('set_work_spec', { name: 's' })),
    run: (port, size) =>
      sendAndRead(port, request(1, 'get_work_unit_status', ['s', repeated(scaled(5e6, size), EMPTY_KEY)])),
  },
  {
    name: 'an unknown parameter whose name has 30 MB',
    run: (port, size) => sendAndRead(port, request(1, 'now', new Map([['x'.repeat(scaled(3e7, size)), 1]]))),
  },
  {
    name: 'parameters of 6·10^7 small items that nobody asked for',
    run: (port, size) => sendAndRead(port, request(1, 'now', [repeated(scaled(6e7, size), '00')])),
  },
  {
    name: '300 connections with 100,000 requests each at hand',
    run: (port, size) =>
      unread(
        port,
        scaled(300, size),
        Buffer.concat(Array<Buffer>(scaled(1e5, size)).fill(request(1, 'now', []))),
        5_000 * size,
      ),
  },
  {
    name: '3,000 connections that ask once, all in one go, and then end so',
    run: (port, size) => unread(port, scaled(3_000, size), request(1, 'now', []), 1_000),
  },
];

function lockOf(port: number, keys: Encodable): Promise<void> {
  return sendAndRead(port, request(1, 'lock', ['me', 60, keys]));
}

/** A list of so many paths of one part, all different. */
function paths(count: number): Buffer {
  const path = Buffer.from('811a00000000', 'hex');
  const all = Buffer.alloc(count * path.length, path);
  for (let i = 0; i < count; i++) all.writeUInt32BE(0x10000 + i, i * path.length + 2);
  return Buffer.concat([listHead(count), all]);
}
