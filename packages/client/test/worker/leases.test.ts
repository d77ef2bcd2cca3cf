import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { World } from './built.js';

let world: World;
beforeAll(async () => {
  world = await World.begin();
});
afterAll(() => world.end());

const LEASE_MS = 2_000;

describe('leases', () => {
  it('are kept while a handler blocks the event loop for three of them', async () => {
    const own = await world.fresh();
    await own.spec('s').add(['blocks', 'behind it']);
    let calls = 0;
    const worker = world.work(
      own,
      {
        s: ({ name }) => {
          calls++;
          if (name === 'blocks') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3 * LEASE_MS);
          return { done: true };
        },
      },
      { lease: LEASE_MS, concurrency: 2 },
    );
    await vi.waitFor(async () => expect((await own.spec('s').counts()).finished).toBe(2), 60_000);
    await worker.stop();
    expect(calls).toBe(2);
    for (const name of ['blocks', 'behind it']) expect(await own.spec('s').unit(name).countAttempts()).toBe(1);
  });

  it('that are lost abort the handler, and what it returns is not reported', async () => {
    const own = await world.fresh();
    await own.spec('s').add(['u']);
    const reasons: Error[] = [];
    let calls = 0;
    const endings: unknown[] = [];
    const worker = world.work(
      own,
      {
        s: async (_, { signal }) => {
          const call = ++calls;
          if (call > 1) return { call };
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          reasons.push(signal.reason as Error);
          return { call };
        },
      },
      { lease: 600, hooks: { ended: (_, ending) => endings.push(ending) } },
    );
    await vi.waitFor(() => expect(calls).toBe(1), 60_000);
    await own.spec('s').unit('u').clear();
    await vi.waitFor(async () => expect((await own.spec('s').counts()).finished).toBe(1), 60_000);
    await worker.stop();
    expect(reasons.map(({ name }) => name)).toEqual(['LostLeaseError']);
    expect((await own.spec('s').unit('u').get()).data).toEqual({ call: 2 });
    expect(endings.sort()).toEqual(['finished', 'lost']);
  });

  it('that are cancelled abort the handler at once, where the worker listens', async () => {
    const own = await world.fresh();
    await own.spec('s').add(['u']);
    const reasons: Error[] = [];
    let calls = 0;
    const worker = world.work(
      own,
      {
        s: async (_, { signal }) => {
          calls++;
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          reasons.push(signal.reason as Error);
        },
      },
      // No renewal would tell it so soon.
      { lease: '1h', listen: true },
    );
    await vi.waitFor(() => expect(calls).toBe(1), 60_000);
    expect(await own.spec('s').cancel({ reason: 'enough' })).toBe(1);
    await vi.waitFor(() => expect(reasons.map(({ name }) => name)).toEqual(['LostLeaseError']), 60_000);
    await worker.stop();
    expect((await own.spec('s').failures()).map(({ cause }) => cause)).toEqual(['cancelled: enough']);
  });

  it('of the last unit go to one of two workers', async () => {
    const own = await world.fresh();
    const did: string[] = [];
    const workers = ['one', 'two'].map((who) =>
      world.work(own, { s: ({ name }) => void did.push(`${String(name)} ${who}`) }),
    );
    const names = Array.from({ length: 20 }, (_, i) => `u${i}`);
    for (const name of names) {
      await own.spec('s').add([name]);
      await vi.waitFor(
        async () => expect((await own.spec('s').counts()).finished).toBe(names.indexOf(name) + 1),
        60_000,
      );
    }
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(did.map((line) => line.split(' ')[0])).toEqual(names);
  });

  it('are said by the signs of life of the worker, which ends with a good-bye', async () => {
    const own = await world.fresh();
    await own.spec('s').add(['u']);
    let end!: () => void;
    const worker = world.work(
      own,
      { s: () => new Promise<void>((resolve) => (end = resolve)) },
      { heartbeat: 100, name: 'w' },
    );
    await vi.waitFor(async () => {
      expect(await own.worker('w').get()).toMatchObject({
        active: true,
        mode: 'RUN',
        data: { pid: process.pid, holds: 1, units: [{ spec: 's', unit: 'u' }] },
      });
    }, 60_000);
    expect((await own.worker('w').get()).data.rss).toBeGreaterThan(1e6);
    end();
    await vi.waitFor(
      async () => expect((await own.worker('w').get()).data).toMatchObject({ holds: 0, done: 1 }),
      60_000,
    );
    await worker.stop();
    expect(await own.worker('w').get()).toMatchObject({ active: false });
  });
});
