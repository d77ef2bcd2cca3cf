import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { RawClient, request } from '../cbor-rpc/client.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { sized } from '../support/full-size.js';
import { memoryOf } from '../support/memory-of.js';

/** How many connections misbehave at once; the machine must allow as many open files to either side. */
const CONNECTIONS = Number(process.env.OVERLOAD_CONNECTIONS ?? sized(2_000, 300));
/** What the daemon may hold for them, as it is told to, and half as much again for what the garbage collector leaves. */
const BUFFERED = 64 * 1024 * 1024;
const GROWTH_BYTES = 1.5 * 2 * BUFFERED + CONNECTIONS * 16 * 1024;

const sockets: Socket[] = [];
let daemon: RunningDaemon;
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await daemon.kill();
});

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** The first part of a long byte string that never comes to its end: what garbage looks like that is not refused at once. */
const UNFINISHED = Buffer.concat([Buffer.from('5a03000000', 'hex'), Buffer.alloc(200_000, 0x61)]);
/** More answers than a socket takes. */
const UNREAD = Buffer.concat(Array.from({ length: 100 }, (_, i) => request(i, 'get_work_spec', ['big'])));

test.each<[string, (socket: Socket) => void]>([
  ['say nothing', () => undefined],
  ['send garbage', (socket) => socket.resume().write(Buffer.alloc(1_000, 0xff))],
  ['begin messages and do not end them', (socket) => socket.resume().write(UNFINISHED)],
  ['never read their answers', (socket) => socket.pause().write(UNREAD)],
])(`${CONNECTIONS} connections that %s neither fill the memory nor keep others out`, async (what, misbehave) => {
  daemon = await startDaemon(['-max-buffered', `${BUFFERED}`, '-max-connections', `${CONNECTIONS + 10}`]);
  const canary = await RawClient.connect(daemon.rpcPort);
  await canary.call('set_work_spec', { name: 'big', text: 'x'.repeat(50_000) });
  const before = memoryOf(daemon.pid);
  let most = before;
  let longest = 0;
  for (let opened = 0; opened < CONNECTIONS;) {
    const batch = await Promise.all(Array.from({ length: 100 }, () => open(daemon.rpcPort)));
    for (const socket of batch) misbehave(socket);
    opened += batch.length;
    const asked = performance.now();
    await canary.call('now');
    longest = Math.max(longest, performance.now() - asked);
    most = Math.max(most, memoryOf(daemon.pid));
  }
  for (let i = 0; i < sized(20, 5); i++) {
    await sleep(100);
    await canary.call('now');
    most = Math.max(most, memoryOf(daemon.pid));
  }
  expect((await fetch(`http://127.0.0.1:${daemon.httpPort}/healthz`)).status).toBe(200);
  // eslint-disable-next-line no-console -- the figures of the page on limits are from here
  console.info(`${what}: ${toMb(before)} MB before, ${toMb(most)} MB at most; an answer took ${longest.toFixed(0)} ms`);
  expect(most - before).toBeLessThan(GROWTH_BYTES);
  expect(longest).toBeLessThan(60_000);
  canary.destroy();
});

const toMb = (bytes: number): string => (bytes / 1e6).toFixed(0);
