import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { launch, startDaemon, type RunningDaemon } from '../support/daemon.js';
import { FULL_SIZE, some } from '../support/full-size.js';

/** What the daemon says after ten seconds, if it has not ended by itself. */
const CUT_OFF = 'HTTP requests still in flight are cut off';

let daemon: RunningDaemon;
beforeEach(async () => {
  daemon = await startDaemon();
});
afterEach(async () => {
  await daemon.kill();
});

/** A request that the daemon has begun to read and cannot answer yet. */
async function halfARequest(): Promise<Socket> {
  const socket = connect(daemon.httpPort, '127.0.0.1').setEncoding('utf8');
  await once(socket, 'connect');
  // The answer to the first request tells that the second has arrived, which is in the same segment.
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\n');
  await once(socket, 'data');
  return socket;
}

async function refusesConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const refused = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
  });
  socket.destroy();
  return refused;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

test.each(some(['SIGINT', 'SIGTERM'] as const, 1))('%s ends an idle daemon at once with status 0', async (signal) => {
  const idle = connect(daemon.httpPort, '127.0.0.1');
  await once(idle, 'connect');
  process.kill(daemon.pid, signal);
  expect(await daemon.exited).toEqual({ code: 0, signal: null });
  expect(daemon.output()).not.toContain(CUT_OFF);
  idle.destroy();
});

test('a request in flight is finished, new connections are refused', async () => {
  const socket = await halfARequest();
  process.kill(daemon.pid, 'SIGTERM');
  await until(() => refusesConnections(daemon.httpPort));
  if (daemon.rpcPort !== 0) await until(() => refusesConnections(daemon.rpcPort));
  socket.write('Host: x\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [string];
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  expect(await daemon.exited).toEqual({ code: 0, signal: null });
});

test('readyz says so first, while a request in flight is finished; after that connections are refused', async () => {
  const slow = connect(daemon.httpPort, '127.0.0.1').setEncoding('utf8');
  await once(slow, 'connect');
  // Its head has been read when the daemon asks for the rest.
  slow.write(
    'POST /namespace HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 12\r\n' +
      'Expect: 100-continue\r\n\r\n',
  );
  const [asked] = (await once(slow, 'data')) as [string];
  expect(asked).toMatch(/^HTTP\/1\.1 100 /);
  const get = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${daemon.httpPort}${path}`, { headers: { connection: 'close' } });
  expect((await get('/readyz')).status).toBe(200);

  process.kill(daemon.pid, 'SIGTERM');
  await until(async () => (await get('/readyz')).status === 503);
  const answer = await get('/readyz');
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('shutting down')]);
  expect((await get('/healthz')).status).toBe(200);
  expect((await get('/metrics')).status).toBe(200);
  const late = await get('/namespace');
  expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1']);

  slow.write('{"name":"n"}');
  const [created] = (await once(slow, 'data')) as [string];
  expect(created).toMatch(/^HTTP\/1\.1 201 /);
  expect(await daemon.exited).toEqual({ code: 0, signal: null });
  expect(await refusesConnections(daemon.httpPort)).toBe(true);
});

test('a second signal ends it at once', async () => {
  const socket = await halfARequest();
  process.kill(daemon.pid, 'SIGTERM');
  await until(() => refusesConnections(daemon.httpPort));
  process.kill(daemon.pid, 'SIGTERM');
  expect(await daemon.exited).toEqual({ code: 143, signal: null });
  expect(daemon.output()).not.toContain(CUT_OFF);
  socket.destroy();
});

test.runIf(FULL_SIZE)('a request that never ends is cut off after ten seconds', async () => {
  const socket = await halfARequest();
  const closed = once(socket, 'close');
  const begun = Date.now();
  process.kill(daemon.pid, 'SIGTERM');
  expect(await daemon.exited).toEqual({ code: 0, signal: null });
  expect(Date.now() - begun).toBeGreaterThan(9_000);
  expect(daemon.output()).toContain(CUT_OFF);
  await closed;
});

test('answers that a client asked for in one go and will never read do not keep it', async () => {
  const origin = `http://127.0.0.1:${daemon.httpPort}`;
  await fetch(`${origin}/namespace/n/work_spec`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ data: { name: 'big', text: 'x'.repeat(4_000_000) } }),
  });
  const socket = connect(daemon.httpPort, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('GET /namespace/n/work_spec/big HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50));
  await once(socket, 'data');
  socket.pause();
  socket.resetAndDestroy();
  await until(async () => /coordinate_http_open_connections 1\n/.test(await metrics(origin)));
  // The first one only, and none of those behind it.
  expect(await metrics(origin)).not.toMatch(/route="\/namespace\/:namespace\/work_spec\/:spec",status="200"} [2-9]/);
  expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  expect(daemon.output()).not.toContain(CUT_OFF);
});

async function metrics(origin: string): Promise<string> {
  return (await fetch(`${origin}/metrics`, { headers: { connection: 'close' } })).text();
}

test('a signal that comes while it starts ends it with status 0', async () => {
  const program = await launch(['-cborrpc', '127.0.0.1:0', '-http', '127.0.0.1:0', '-log-level', 'debug']);
  // The framework's first line, long before anything listens.
  await until(() => program.stderr().includes('Starting Nest application'));
  program.child.kill('SIGTERM');
  expect(await program.exited).toEqual({ code: 0, signal: null });
});
