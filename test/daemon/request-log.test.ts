import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { encode } from '../../src/cbor/index.js';
import { RawClient, frame, request, requestMap } from '../cbor-rpc/client.js';
import { launch, startDaemon, type RunningDaemon } from '../support/daemon.js';
import { sized } from '../support/full-size.js';
import { memoryOf } from '../support/memory-of.js';

interface Line {
  context?: string;
  id?: unknown;
  method?: string;
  outcome?: string;
  [field: string]: unknown;
}

function linesOf(daemon: RunningDaemon, context: string): Line[] {
  const lines = daemon
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Line).filter((line) => line.context === context);
}

const SECRET = 'pay1oad';

/** Of a thousand lines, 200 bytes each: more than wait for a reader. */
const ROUNDS = sized(150, 40);

describe('with -log-requests', () => {
  test('every CBOR-RPC request is a line, without what is in it', async () => {
    const daemon = await startDaemon(['-log-requests', '-log-format', 'json']);
    try {
      const client = await RawClient.connect(daemon.rpcPort);
      await client.call('set_work_spec', { name: 's', secret: SECRET });
      await client.call('add_work_units', 's', [[SECRET, { data: SECRET }]]);
      await client.call('get_work', 'w', {});
      client.send(request('text id', 'get_work_spec', [{ not: SECRET }]));
      await client.read();
      client.send(request([1, 2], 'no_such\n', []));
      await client.read();
      // A list of requests is a line each.
      client.send(frame(encode([requestMap(7, 'now', []), requestMap(8, 'get_config', [])])));
      await client.read();
      client.send(encode([requestMap(9, 'now', []), 3]));
      await client.closed();
      expect(await daemon.stop()).toEqual({ code: 0, signal: null });
      const lines = linesOf(daemon, 'RPC');
      expect(lines.map(({ method, id, outcome, error }) => [method, id, outcome, error])).toEqual([
        ['set_work_spec', 1, 'ok', undefined],
        ['add_work_units', 1, 'ok', undefined],
        ['get_work', 1, 'ok', undefined],
        ['get_work_spec', 'text id', 'error', 'ParamError'],
        ['no_such\n', '0x820102', 'error', 'RpcError'],
        ['now', 7, 'ok', undefined],
        ['get_config', 8, 'error', 'RpcError'],
        [undefined, null, 'error', 'ProtocolError'],
      ]);
      for (const { client, bytes, ms } of lines) {
        expect(client).toBe('127.0.0.1');
        expect(bytes).toBeGreaterThan(0);
        expect(ms).toBeGreaterThanOrEqual(0);
      }
      expect(daemon.output()).not.toContain(SECRET);
    } finally {
      await daemon.kill();
    }
  });

  test('every HTTP request is a line, also those that no route sees', async () => {
    const daemon = await startDaemon(['-log-requests', '-log-format', 'json']);
    const origin = `http://127.0.0.1:${daemon.httpPort}`;
    try {
      const spec = `${origin}/namespace/n/work_spec`;
      await fetch(spec, { method: 'POST', body: JSON.stringify({ data: { name: 's' } }), headers: JSON_TYPE });
      const unit = JSON.stringify({ name: 'u', data: { a: SECRET } });
      await fetch(`${spec}/s/work_unit`, { method: 'POST', body: unit, headers: JSON_TYPE });
      const list = await (await fetch(`${spec}/s/work_unit`, { headers: { 'x-request-id': 'mine' } })).text();
      await fetch(`${origin}/nothing`);
      await fetch(`${origin}/namespace`, { method: 'HEAD' });
      await rawRequest(daemon.httpPort, 'GET /namespace/%zz HTTP/1.1\r\nConnection: close\r\n\r\n');
      await abandonedRequest(daemon.httpPort);
      expect(await daemon.stop()).toEqual({ code: 0, signal: null });
      const lines = linesOf(daemon, 'HTTP');
      expect(lines.map(({ method, url, status, outcome }) => [method, url, status, outcome])).toEqual([
        ['POST', '/namespace/n/work_spec', 201, 'ok'],
        ['POST', '/namespace/n/work_spec/s/work_unit', 201, 'ok'],
        ['GET', '/namespace/n/work_spec/s/work_unit', 200, 'ok'],
        ['GET', '/nothing', 404, 'error'],
        ['HEAD', '/namespace', 200, 'ok'],
        ['GET', '/namespace/%zz', 400, 'error'],
        ['POST', '/namespace', 499, 'error'],
      ]);
      expect(lines[2]).toMatchObject({ id: 'mine', bytes: Buffer.byteLength(list), client: '127.0.0.1' });
      expect(lines[4].bytes).toBe(0);
      expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
      expect(daemon.output()).not.toContain(SECRET);
    } finally {
      await daemon.kill();
    }
  });

  test('a reader of the log that is stuck neither stops the daemon nor fills its memory', async () => {
    const daemon = await launch([
      '-cborrpc',
      '127.0.0.1:0',
      '-http',
      '127.0.0.1:0',
      '-log-requests',
      '-log-format',
      'ncsa',
    ]);
    const { child } = daemon;
    try {
      child.stderr!.pause();
      await expect.poll(() => daemon.stdout()).toMatch(/HTTP on/);
      const [rpcPort, httpPort] = ['CBOR-RPC', 'HTTP'].map((server) =>
        Number(new RegExp(`${server} on \\S+:(\\d+)`).exec(daemon.stdout())![1]),
      );
      const client = await RawClient.connect(rpcPort);
      const batch = Buffer.concat(Array.from({ length: 1_000 }, (_, i) => request(i, 'x'.repeat(90), [])));
      const before = memoryOf(child.pid!);
      for (let round = 0; round < ROUNDS; round++) {
        client.send(batch);
        for (let i = 0; i < 1_000; i++) await client.readEncoded();
      }
      expect(memoryOf(child.pid!) - before).toBeLessThan(80_000_000);
      expect(await metric(httpPort, 'coordinate_log_lines_dropped_total')).toBeGreaterThan(10_000);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      // It does not wait for its reader, who never comes back.
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      child.stderr!.resume();
    }
  });
});

test('requests are not logged by default', async () => {
  const daemon = await startDaemon(['-log-format', 'json']);
  try {
    const client = await RawClient.connect(daemon.rpcPort);
    await client.call('now');
    await fetch(`http://127.0.0.1:${daemon.httpPort}/`);
    client.destroy();
    await daemon.stop();
    expect([...linesOf(daemon, 'RPC'), ...linesOf(daemon, 'HTTP')]).toEqual([]);
  } finally {
    await daemon.kill();
  }
});

const JSON_TYPE = { 'content-type': 'application/json' };

function rawRequest(port: number, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket
      .resume()
      .on('error', reject)
      .on('close', () => resolve());
  });
}

/** A client that goes away while it is still sending. */
async function abandonedRequest(port: number): Promise<void> {
  const head = 'POST /namespace HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
  const socket = connect(port, '127.0.0.1', () => socket.write(head));
  socket.on('error', () => undefined);
  await sleep(200);
  socket.resetAndDestroy();
  await sleep(200);
}

async function metric(httpPort: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}
