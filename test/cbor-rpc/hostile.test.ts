import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Canary } from '../support/canary.js';
import { startDaemon } from '../support/daemon.js';
import { RawClient } from './client.js';
import { hostileStream } from './hostile-streams.js';
import { sized } from '../support/full-size.js';
import { memoryOf } from '../support/memory-of.js';

/** How many streams in two rounds together. */
const STREAMS = Number(process.env.HOSTILE_STREAMS ?? sized(20_000, 1_000));
const AT_ONCE = 20;
const GROWTH_BYTES = 10 * 1024 * 1024;
/** What stays grows in each round; what has only not been given back yet does not. */
const MOST_ROUNDS = 5;

/** Sends a stream and waits until the daemon has closed the connection. */
function attack(port: number, number: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = hostileStream(number);
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const late = setTimeout(
      () => reject(new Error(`stream ${number} is not over: ${stream.toString('hex')}`)),
      240_000,
    );
    // Most say that they are done, some just go away.
    if (number % 10 === 0) socket.write(stream, () => socket.resetAndDestroy());
    else socket.end(stream);
    socket.resume();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(late);
      resolve();
    });
  });
}

async function attackRound(port: number, streams: number): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < streams) await attack(port, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

const COLLECT_GARBAGE = join(import.meta.dirname, '../support/collect-garbage.js');

/** Memory of a daemon that was started with COLLECT_GARBAGE, without its garbage. */
async function residentBytes(pid: number): Promise<number> {
  process.kill(pid, 'SIGUSR2');
  await sleep(1_000);
  return memoryOf(pid);
}

test(`${STREAMS} hostile streams neither stop the daemon, nor delay others, nor stay in its memory`, async () => {
  const daemon = await startDaemon(['-http', 'off'], { env: { NODE_OPTIONS: `--import=${COLLECT_GARBAGE}` } });
  try {
    const canary = await Canary.start(daemon.rpcPort);
    const sizes: number[] = [];
    const growth = (): number => (sizes.length < 2 ? Infinity : sizes.at(-1)! - sizes.at(-2)!);
    while (growth() >= GROWTH_BYTES && sizes.length < MOST_ROUNDS) {
      await attackRound(daemon.rpcPort, STREAMS / 2);
      sizes.push(await residentBytes(daemon.pid));
    }
    expect(canary.take().longest).toBeLessThan(60_000);
    await canary.stop();
    const client = await RawClient.connect(daemon.rpcPort);
    expect(await client.call('list_work_specs', {})).toBeDefined();
    client.destroy();
    const complaints = daemon.output().match(/.*"level":"(?:error|fatal)".*/g) ?? [];
    expect(complaints.slice(0, 3)).toEqual([]);
    expect(growth()).toBeLessThan(GROWTH_BYTES);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  } finally {
    await daemon.kill();
  }
}, 1_200_000);
