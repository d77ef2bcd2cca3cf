import { Agent, request as httpRequest } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { ByteString, type CborValue, type Tuple } from '../../src/cbor/index.js';
import { RawClient } from '../cbor-rpc/client.js';
import { Canary } from '../support/canary.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { FULL_SIZE, sized } from '../support/full-size.js';
import { memoryOf } from '../support/memory-of.js';

/** What the daemon may hold. `BOUNDS_MIB=1024 BOUNDS_SPECS=20000` for the figures in docs/limits.md, which are said then. */
const MIB = Number(process.env.BOUNDS_MIB ?? sized(256, 128));
const SPECS = Number(process.env.BOUNDS_SPECS ?? sized(300, 110));
const says = process.env.BOUNDS_MIB !== undefined || process.env.BOUNDS_SPECS !== undefined;

const agent = new Agent({ keepAlive: true, maxSockets: 32 });
let daemon: RunningDaemon;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await daemon.kill();
});

async function client(): Promise<RawClient> {
  const opened = await RawClient.connect(daemon.rpcPort);
  clients.push(opened);
  return opened;
}

function rest(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      {
        host: '127.0.0.1',
        port: daemon.httpPort,
        method,
        path,
        agent,
        headers: { 'content-type': 'application/json' },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode!, text: Buffer.concat(chunks).toString() }));
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

function residentMib(): number {
  return memoryOf(daemon.pid) / (1024 * 1024);
}

/** @returns the longest that `now` took on another connection while something was done, in milliseconds */
async function longestNow(during: () => Promise<void>): Promise<number> {
  const canary = await Canary.start(daemon.rpcPort);
  await during();
  const { longest } = canary.take();
  await canary.stop();
  return longest;
}

function say(text: string): void {
  if (says) process.stdout.write(`${text}\n`);
}

/** The names of the spec and the unit that a claim gives. */
async function work(rpc: RawClient, work_spec_names: string[] = []): Promise<string[]> {
  const [given] = (await rpc.call('get_work', 'w', { work_spec_names })) as [Tuple];
  return given.items.slice(0, 2).map((name) => (name instanceof ByteString ? name.binary : (name as string)));
}

const MESSAGE = new RegExp(`^Memory is full: no room for more within the ${MIB} MiB allowed by -max-memory$`);

// It fills the memory of a daemon many times over; what is refused then, and what is not, `storage/memory/full.test.ts` shows too.
test.runIf(FULL_SIZE || says)(
  `full memory refuses what adds, lets work end, and has room again when it is deleted`,
  async () => {
    daemon = await startDaemon(['-max-memory', `${MIB}MiB`]);
    const rpc = await client();
    await rpc.call('set_work_spec', { name: 's' });
    await rpc.call('set_work_spec', { name: 'from', then: 's' });
    const origins = Array.from({ length: 20 }, (_, i) => [`origin ${i}`, {}]);
    await rpc.call('add_work_units', 'from', origins);
    const outputs = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`output ${i}`, {}]));
    const data = { text: 'x'.repeat(100_000) };
    let added = 0;
    const add = async (): Promise<unknown> =>
      rpc.call(
        'add_work_units',
        's',
        Array.from({ length: 10 }, () => [String(added++), data] as [string, typeof data]),
      );
    let refusal: Error | undefined;
    const longest = await longestNow(async () => {
      while (!refusal) await add().catch((error: Error) => (refusal = error));
    });
    expect(refusal!.message).toMatch(MESSAGE);
    const most = residentMib();
    say(
      `${added} units of 100 kB: ${most.toFixed(0)} MiB resident at ${MIB} allowed, now took ${longest.toFixed(0)} ms at most`,
    );
    // Code and stacks are not counted, and weigh more where little is allowed.
    expect(most).toBeLessThan(MIB * 1.1 + 40);

    // The heap shrinks and grows with its garbage: what is small may find room again.
    const fill = async (): Promise<void> => {
      while ((await add().catch(() => 'full')) !== 'full');
      while ((await addOne().catch(() => 'full')) !== 'full');
    };
    const addOne = (): Promise<unknown> =>
      rpc.call('add_work_units', 's', [[String(added++), { text: 'x'.repeat(1000) }]]);
    const refusedRest = async (method: string, path: string, body?: string): Promise<unknown> => {
      for (;;) {
        await fill();
        const { status, text } = await rest(method, path, body);
        if (status === 507) return JSON.parse(text);
        expect(status).toBeLessThan(300);
      }
    };
    const body = JSON.stringify({ work_units: [{ name: 'x', data }] });
    const expected = { error: 'error', message: expect.stringMatching(MESSAGE) as string };
    expect(await refusedRest('POST', '/namespace/-/work_spec/s/add', body)).toEqual(expected);
    expect(await refusedRest('GET', `/namespace/new${added}`)).toEqual(expected);
    expect((await rest('GET', '/namespace/-')).status).toBe(200);
    const [, held, limit, refused] =
      /^coordinate_memory_bytes (\S+)\n[^]*^coordinate_memory_limit_bytes (\S+)\n[^]*^coordinate_memory_refused_total (\S+)\n/m.exec(
        (await rest('GET', '/metrics')).text,
      )!;
    expect(Number(limit)).toBe(MIB * 1024 * 1024);
    expect(Number(held)).toBeGreaterThan(Number(limit) * 0.9);
    expect(Number(refused)).toBeGreaterThanOrEqual(3);

    await fill();
    const [, unit] = await work(rpc, ['s']);
    expect(await rpc.call('update_work_unit', 's', unit, { status: 4, worker_id: 'w' })).toEqual([true, null]);
    const finish = (origin: string): Promise<CborValue> =>
      rpc.call('update_work_unit', 'from', origin, { status: 4, worker_id: 'w', data: { output: outputs } });
    // Garbage that is collected just then leaves room for one or the other.
    let origin: string;
    let tooMuch: Error | undefined;
    do {
      await fill();
      [, origin] = await work(rpc, ['from']);
      await finish(origin).catch((error: Error) => (tooMuch = error));
    } while (!tooMuch);
    expect(tooMuch.message).toMatch(MESSAGE);

    await rpc.call('del_work_units', 's', { all: true });
    // What was deleted is room once it has been collected.
    await expect.poll(() => add().then(() => 'added', String), { interval: 200 }).toBe('added');
    await expect.poll(() => finish(origin).catch(String), { interval: 200 }).toEqual([true, null]);
  },
);

test.runIf(says)(
  'namespaces made by mere GET until memory is full',
  async () => {
    daemon = await startDaemon(['-max-memory', `${MIB}MiB`]);
    const before = residentMib();
    let made = 0;
    let full = false;
    const longest = await longestNow(async () => {
      await Promise.all(
        Array.from({ length: 32 }, async () => {
          while (!full) if ((await rest('GET', `/namespace/n${made++}`)).status === 507) full = true;
        }),
      );
    });
    say(
      `${made} namespaces: ${before.toFixed(0)} to ${residentMib().toFixed(0)} MiB resident at ${MIB} allowed, now took ${longest.toFixed(0)} ms at most`,
    );
    expect(residentMib()).toBeLessThan(MIB * 1.1 + 40);
  },
  3_600_000,
);

test(`${SPECS} specs: work is given out, and metrics have series of some`, async () => {
  daemon = await startDaemon(['-metrics-specs', '100']);
  const rpc = await client();
  for (let i = 0; i < SPECS; i++) {
    await rpc.call('set_work_spec', { name: `s${i}`, weight: 1 + (i % 5) });
    await rpc.call('add_work_units', `s${i}`, [
      ['a', {}],
      ['b', {}],
    ]);
  }
  const times: number[] = [];
  const given = new Set<string>();
  for (let i = 0; i < Math.min(SPECS, 1000); i++) {
    const asked = performance.now();
    const unit = await work(rpc);
    times.push(performance.now() - asked);
    given.add(unit.join(' '));
  }
  expect(given.size).toBe(times.length);
  times.sort((a, b) => a - b);
  const asked = performance.now();
  const { text } = await rest('GET', '/metrics');
  const scraped = performance.now() - asked;
  const series = text.split('\n').filter((line) => line.startsWith('coordinate_oldest_available_seconds{'));
  expect(series).toHaveLength(101);
  expect(series.filter((line) => line.includes('work_spec=""'))).toHaveLength(1);
  const available = [...text.matchAll(/^coordinate_work_units\{.*status="available"} (\d+)$/gm)];
  expect(available.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(2 * SPECS - times.length);
  const at = (part: number): string => times[Math.floor(times.length * part)].toFixed(2);
  say(
    `${SPECS} specs: get_work took ${at(0.5)} ms, ${at(0.99)} ms at the 99th percentile; /metrics ${scraped.toFixed(0)} ms`,
  );
});
