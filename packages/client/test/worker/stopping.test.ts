import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LateClaims } from '../late-claims.js';
import { World } from './built.js';

let world: World;
beforeAll(async () => {
  world = await World.begin();
});
afterAll(() => world.end());

describe('a worker that is stopped', () => {
  it('gives back at once what it has not begun, and reports what ends within its grace', async () => {
    const own = await world.fresh();
    await own.spec('s').add(Array.from({ length: 2_000 }, (_, i) => `quick ${i}`));
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    let calls = 0;
    // Quick at first, so that it claims ahead, and then not at all.
    const worker = world.work(own, { s: () => (++calls <= 1_000 ? undefined : released) }, { concurrency: 5 });
    await vi.waitFor(async () => {
      expect(calls).toBe(1_005);
      expect((await own.spec('s').counts()).finished).toBe(1_000);
    }, 60_000);
    expect((await own.spec('s').counts()).pending).toBeGreaterThan(5);
    const stopped = worker.stop();
    await vi.waitFor(async () => {
      expect(await own.spec('s').counts()).toMatchObject({ pending: 5, available: 995, finished: 1_000 });
    }, 60_000);
    release();
    await stopped;
    expect(await own.spec('s').counts()).toMatchObject({ pending: 0, available: 995, finished: 1_005 });
    expect(calls).toBe(1_005);
  });

  it('aborts what its grace is too short for, and gives it back, also what never ends', async () => {
    const own = await world.fresh();
    await own.spec('s').add(['throws', 'returns', 'never ends']);
    let calls = 0;
    const worker = world.work(
      own,
      {
        s: ({ name }, { signal }) => {
          calls++;
          return new Promise((resolve, reject) => {
            if (name === 'never ends') return;
            signal.addEventListener('abort', () =>
              name === 'returns'
                ? resolve({ made: 'it' })
                : reject(new Error(`because: ${(signal.reason as Error).name}`)),
            );
          });
        },
      },
      { grace: 0 },
    );
    await vi.waitFor(() => expect(calls).toBe(3), 60_000);
    await worker.stop();
    expect(await own.spec('s').counts()).toEqual({ available: 2, pending: 0, finished: 1, failed: 0, delayed: 0 });
    expect((await own.spec('s').unit('returns').get()).data).toEqual({ made: 'it' });
  });

  it('leaves nothing of a claim that was waiting', async () => {
    const own = await world.fresh();
    const worker = world.work(own, { s: () => undefined }, { wait: '20s' });
    await vi.waitFor(async () => expect(await own.worker(worker.name).get()).toMatchObject({ active: true }), 60_000);
    const stopped = worker.stop();
    await own.spec('s').add(['u']);
    await stopped;
    const counts = await own.spec('s').counts();
    expect(counts.available + counts.finished).toBe(1);
    expect(counts.pending).toBe(0);
  });

  it('leaves nothing of a claim that the daemon reads when the worker has gone', async () => {
    const own = await world.fresh();
    await own.spec('s').add(['u']);
    const network = await LateClaims.before(world.daemon.httpPort, 300);
    const through = world.client.connect(network.url, { namespace: own.namespace });
    try {
      const worker = world.work(through, { s: () => undefined }, { wait: '20s' });
      await network.underWay;
      await Promise.all([worker.stop(), network.delivered]);
      expect(await own.spec('s').counts()).toMatchObject({ available: 1, pending: 0, finished: 0 });
    } finally {
      through.close();
      network.close();
    }
  });
});
