import { setTimeout as sleep } from 'node:timers/promises';
import type { Coordinate } from 'coordinate-client';
import { connect, Worker } from 'coordinate-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { sized } from '../support/full-size.js';
import { freePort } from '../support/ports.js';
import { PostgresServer } from '../support/postgres-server.js';

/** How often the daemon is killed while all of it goes on. */
const KILLS = sized(12, 4);
/** Between kills, at most, in milliseconds: at any moment of whatever is done. */
const BETWEEN_MS = 1500;
const FLAKY = sized(60, 30);
const DOOMED = 10;
const PARTS = sized(80, 40);
const LIMITED = sized(150, 60);
const ATTEMPTS = 3;
/** Twice each flaky unit fails, of the three times that it may. */
const FAILS = 2;
const LIMIT = { units: 10, burst: 5 };
const EACH_SECOND = { cron: '* * * * * *', overlap: 'allow', catch_up: 3600, catch_up_all: true };
const NEVER_NOW = { cron: '0 0 1 1 *' };
/** Times are told in milliseconds. */
const ROUNDING_MS = 1;

/** What became of a unit, oldest attempt first. */
interface Tried {
  readonly unit: string;
  readonly attempts: readonly { readonly status: string; readonly start: number; readonly end: number | undefined }[];
}

async function triedOf(coordinate: Coordinate, spec: string): Promise<Tried[]> {
  const tried: Tried[] = [];
  for await (const { name } of coordinate.spec(spec).units()) {
    const attempts = [];
    for await (const { status, startTime, endTime } of coordinate.spec(spec).unit(name).attempts()) {
      attempts.push({ status, start: startTime.getTime(), end: endTime?.getTime() });
    }
    attempts.sort((a, b) => a.start - b.start);
    tried.push({ unit: String(name), attempts });
  }
  return tried;
}

const times = ({ attempts }: Tried, status: string): number =>
  attempts.filter((attempt) => attempt.status === status).length;

describe('what flows, when the daemon is killed between any two steps', () => {
  let server: PostgresServer;
  let daemon: RunningDaemon;
  let coordinate: Coordinate;

  beforeAll(async () => {
    server = await PostgresServer.create();
    await server.start();
  });
  afterAll(() => server.remove());

  beforeEach(async () => {
    daemon = await startDaemon(['-backend', server.url(), '-http', `127.0.0.1:${await freePort()}`]);
    coordinate = connect(`http://127.0.0.1:${daemon.httpPort}`, { namespace: 'n', timeout: '4m' });
  });

  afterEach(async () => {
    coordinate.close();
    await daemon.kill();
  });

  async function killAndStart(): Promise<void> {
    const { httpPort } = daemon;
    await daemon.kill();
    daemon = await startDaemon(['-backend', server.url(), '-http', `127.0.0.1:${httpPort}`]);
  }

  it('loses no unit, tries no less and no more, runs each slot once, and keeps to limit and order', async () => {
    const retry = { attempts: ATTEMPTS, delay: 0.2 };
    await coordinate.spec('flaky').set({ flow: { retry } });
    await coordinate.spec('doomed').set({ flow: { retry } });
    await coordinate.spec('limited').set({ flow: { rate_limit: LIMIT } });
    await coordinate.spec('part').set();
    await coordinate.spec('merge').set({ flow: { after: ['part', 'flaky'] } });
    await coordinate.spec('slot').set({ flow: { schedule: EACH_SECOND } });
    const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
    for (const [spec, count] of [
      ['flaky', FLAKY],
      ['doomed', DOOMED],
      ['limited', LIMITED],
      ['part', PARTS],
      ['merge', 5],
    ] as const) {
      await coordinate.spec(spec).add(names(spec, count));
    }
    const failures = new Map<string, number>();
    const some = () => sleep(Math.random() * 100);
    const fail = (): never => {
      throw new Error('it is not to be had');
    };
    const handlers = {
      flaky: async ({ name }: { name: string | Uint8Array }) => {
        await some();
        const failed = failures.get(String(name)) ?? 0;
        failures.set(String(name), failed + 1);
        if (failed < FAILS) fail();
      },
      doomed: fail,
      limited: some,
      part: some,
      merge: some,
      slot: some,
    };
    const options = { lease: '3s', signals: false, concurrency: 4 } as const;
    const workers = [1, 2].map((i) => new Worker(coordinate, handlers, { ...options, name: `w${i}` }));
    const running = workers.map((worker) => worker.run());

    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(Math.random() * BETWEEN_MS);
      await killAndStart();
    }
    await coordinate.spec('slot').set({ flow: { schedule: NEVER_NOW } });
    const left = async () =>
      (await coordinate.summary()).filter(({ status }) => !['finished', 'failed'].includes(status));
    await expect.poll(left, { interval: 200 }).toEqual([]);
    await Promise.all([...workers.map((worker) => worker.stop()), ...running]);

    // A handler that had failed, and whose report was lost with its lease, succeeds sooner: it has been called as often.
    const flaky = await triedOf(coordinate, 'flaky');
    expect(flaky.length).toBe(FLAKY);
    expect(flaky.filter((unit) => times(unit, 'finished') !== 1 || times(unit, 'failed') > FAILS)).toEqual([]);
    const doomed = await triedOf(coordinate, 'doomed');
    expect(doomed.map((unit) => times(unit, 'failed'))).toEqual(Array(DOOMED).fill(ATTEMPTS));
    const early = [...flaky, ...doomed].filter(({ attempts }) =>
      attempts.some(({ status, end }, i) => {
        const next = attempts.at(i + 1);
        return status === 'failed' && next !== undefined && next.start < end! + retry.delay * 1000 - ROUNDING_MS;
      }),
    );
    expect(early).toEqual([]);

    const limited = await triedOf(coordinate, 'limited');
    expect(limited.map((unit) => times(unit, 'finished'))).toEqual(Array(LIMITED).fill(1));
    const starts = limited.flatMap(({ attempts }) => attempts.map(({ start }) => start)).sort((a, b) => a - b);
    const ahead = starts.map((start, i) => i - (start / 1000) * LIMIT.units);
    const most = Math.max(...ahead.map((here, i) => here - Math.min(...ahead.slice(0, i + 1)) + 1));
    expect(most).toBeLessThanOrEqual(LIMIT.burst + (LIMIT.units * ROUNDING_MS) / 1000);

    const parts = await triedOf(coordinate, 'part');
    expect(parts.map((unit) => times(unit, 'finished'))).toEqual(Array(PARTS).fill(1));
    const merges = await triedOf(coordinate, 'merge');
    expect(merges.map((unit) => times(unit, 'finished'))).toEqual(Array(5).fill(1));
    const lastEnd = Math.max(...[...parts, ...flaky].flatMap(({ attempts }) => attempts.map(({ end }) => end!)));
    const firstMerge = Math.min(...merges.flatMap(({ attempts }) => attempts.map(({ start }) => start)));
    expect(firstMerge).toBeGreaterThanOrEqual(lastEnd);

    const slots = await triedOf(coordinate, 'slot');
    expect(slots.length).toBeGreaterThan(KILLS);
    expect(slots.filter((slot) => times(slot, 'finished') !== 1)).toEqual([]);
    const moments = slots.map(({ unit }) => Date.parse(unit)).sort((a, b) => a - b);
    expect(moments).toEqual(moments.map((_, i) => moments[0] + i * 1000));
  });
});
