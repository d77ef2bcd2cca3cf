import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Something that one client may do to the HTTP interface of a daemon. */
export interface HttpAttack {
  readonly name: string;
  /** @param size - 1: as large as it was seen to hurt */
  readonly run: (port: number, size: number) => Promise<void>;
}

const MB = 1_000_000;
const SPEC = '/namespace/n/work_spec/s';

async function send(port: number, method: string, path: string, body?: unknown, headers = {}): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return response.text();
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined).pause();
  await once(socket, 'connect');
  return socket;
}

const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;

/** Has so many connections ask for something so many times in one go, reads nothing of it for a while, and resets them. */
async function askAndLeave(port: number, connections: number, text: string): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const bytes = Buffer.from(text, 'latin1');
  for (const socket of sockets) socket.write(bytes);
  await sleep(2_000);
  for (const socket of sockets) socket.resetAndDestroy();
}

async function makeUnit(port: number, bytes: number): Promise<string> {
  await send(port, 'POST', '/namespace/n/work_spec', { data: { name: 's' } });
  await send(port, 'POST', `${SPEC}/work_unit`, { name: 'big', data: { text: 'x'.repeat(bytes) } });
  return `${SPEC}/work_unit/big`;
}

async function addUnits(port: number, count: number): Promise<void> {
  const work_units = Array.from({ length: count }, (_, i) => ({ name: `u${i}`, data: { i } }));
  await send(port, 'POST', `${SPEC}/add`, { work_units });
}

/** A body in chunks of a byte. */
const inBytes = (bytes: number): string => `${'1\r\nx\r\n'.repeat(bytes)}0\r\n\r\n`;

const scaled = (most: number, size: number): number => Math.max(2, Math.ceil(most * size));

export const HTTP_ATTACKS: readonly HttpAttack[] = [
  {
    name: '20 connections that ask 90 times in one go for 1 MB and are reset',
    run: async (port, size) => askAndLeave(port, scaled(20, size), get(await makeUnit(port, MB)).repeat(90)),
  },
  {
    name: 'one that asks 90 times in one go for 8 MB and reads nothing',
    run: async (port, size) => askAndLeave(port, 1, get(await makeUnit(port, scaled(8 * MB, size))).repeat(90)),
  },
  {
    name: '300 connections that ask for 4 MB and read nothing',
    run: async (port, size) => askAndLeave(port, scaled(300, size), get(await makeUnit(port, 4 * MB))),
  },
  {
    name: 'adding 300,000 units in one request, and a list of them all',
    run: async (port, size) => {
      await makeUnit(port, 1);
      await addUnits(port, scaled(300_000, size));
      await send(port, 'GET', `${SPEC}/work_unit?limit=1000000`);
    },
  },
  {
    name: 'a claim of all of 100,000 units, a list of the attempts, and their end in one request',
    run: async (port, size) => {
      await makeUnit(port, 1);
      await addUnits(port, scaled(100_000, size));
      const worker = '/namespace/n/worker/w';
      await send(port, 'POST', `${worker}/request_attempts`, { number_of_work_units: 2 ** 40 });
      const list = JSON.parse(await send(port, 'GET', `${worker}/all_attempts?limit=1000000`)) as {
        attempts: { url: string }[];
      };
      const attempts = list.attempts.map(({ url }) => ({ url, outcome: 'finished' }));
      await send(port, 'POST', `${worker}/finish_attempts`, { attempts });
    },
  },
  {
    name: 'an unknown key of 30 MB',
    run: async (port, size) => {
      await send(port, 'POST', '/namespace', { name: 'n', ['k'.repeat(scaled(30 * MB, size))]: 1 });
      await send(port, 'POST', '/namespace', { name: ['k'.repeat(scaled(30 * MB, size))] });
    },
  },
  {
    name: 'data of 5,000,000 small items, written and read',
    run: async (port, size) => {
      const path = await makeUnit(port, 1);
      const list = Array.from({ length: scaled(5_000_000, size) }, (_, i) => i);
      await send(port, 'POST', `${SPEC}/work_unit`, { name: 'big', data: { list } });
      await send(port, 'GET', path);
    },
  },
  {
    name: '300 different Accept headers of 900 kB',
    run: async (port, size) => {
      for (let i = 0; i < scaled(300, size); i++) {
        await send(port, 'GET', '/namespace', undefined, { accept: `a/b${i},`.repeat(100_000).slice(0, 900_000) });
      }
    },
  },
  {
    name: 'a query that names 100,000 units',
    run: async (port, size) => {
      await makeUnit(port, 1);
      const names = Array.from({ length: scaled(100_000, size) }, (_, i) => `name=-${i}`).join('&');
      await send(port, 'GET', `${SPEC}/work_unit?${names}&limit=1000000`);
    },
  },
  {
    name: 'five that ask for a dump of 100 MB and read nothing',
    run: async (port, size) => {
      await makeUnit(port, 1);
      for (let i = 0; i < 4; i++) {
        await send(port, 'POST', `${SPEC}/work_unit`, {
          name: `big${i}`,
          data: { t: 'x'.repeat(scaled(25 * MB, size)) },
        });
      }
      await askAndLeave(port, 5, get('/dump'));
    },
  },
  {
    name: '300 connections that send a body of 1 MB in chunks of a byte',
    run: async (port, size) => {
      const head = 'POST /namespace HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
      await askAndLeave(port, scaled(300, size), head + inBytes(scaled(MB, size)));
    },
  },
  {
    name: '300 connections that send a body of 1 MB in chunks of a byte with an extension',
    run: async (port, size) => {
      const head = 'POST /namespace HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
      await askAndLeave(port, scaled(300, size), head + inBytes(scaled(MB, size)).replaceAll('1\r', '1;a\r'));
    },
  },
  {
    name: '300 connections that ask 2,000 times in one go and read nothing',
    run: (port, size) => askAndLeave(port, scaled(300, size), get('/namespace').repeat(2_000)),
  },
  {
    name: '3,000 connections that ask once, all in one go',
    run: (port, size) => askAndLeave(port, scaled(3_000, size), get('/namespace')),
  },
  {
    name: '3,000 connections that begin to listen to live events, and are reset, in one go',
    run: (port, size) =>
      askAndLeave(port, scaled(3_000, size), get('/namespace/n/events', 'Accept: text/event-stream\r\n')),
  },
];
