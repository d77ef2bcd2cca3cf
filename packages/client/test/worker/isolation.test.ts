import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Lines, World } from './built.js';

const HANDLERS = new URL('./fixtures/handlers.mjs', import.meta.url);

let world: World;
beforeAll(async () => {
  world = await World.begin();
});
afterAll(() => world.end());

describe('handlers that run apart', () => {
  it.each(['process', 'thread'] as const)(
    'do in a %s what they do elsewhere, and fail nothing but their unit',
    async (isolate) => {
      const own = await world.fresh();
      await own.spec('busy').set();
      // A thread ends with its process, and would take all of it along.
      const deaths = isolate === 'process' ? ['killed', 'exits'] : ['exits'];
      const units = ['plain', 'throws', 'retries', 'renews', ...deaths];
      const data = { big: 2n ** 60n, bytes: Uint8Array.of(255) };
      await own.spec('s').add(units.map((name) => ({ name, data })));
      await own.spec('busy').add(['for ever']);
      const log = new Lines();
      const worker = new world.client.Worker(own, HANDLERS, {
        isolate,
        concurrency: 2,
        signals: false,
        wait: '1s',
        log,
      });
      worker.use((next) => async (unit, context) => ({ ...((await next(unit, context)) as object), wrapped: true }));
      void worker.run();
      await vi.waitFor(async () => {
        expect(await own.spec('s').counts()).toMatchObject({ finished: 2, failed: 1 + deaths.length, delayed: 1 });
        expect((await own.spec('busy').counts()).failed).toBe(1);
      }, 60_000);
      await worker.stop();
      const dataOf = async (name: string, spec = 's') => (await own.spec(spec).unit(name).get()).data;
      const done = await dataOf('plain');
      expect(done).toMatchObject({ ...data, wrapped: true });
      if (isolate === 'process') expect(done.pid).not.toBe(process.pid);
      expect((await dataOf('throws')).traceback).toMatch(
        /^TypeError: no such page\n.*handlers\.mjs[^]*\nCaused by: Error: page 7/,
      );
      for (const name of deaths)
        expect((await dataOf(name)).traceback).toMatch(/^ChildError: the (process|thread) ended/);
      expect((await dataOf('for ever', 'busy')).traceback).toMatch(/it took longer than 200 ms/);
      expect(log.lines).toContainEqual({ level: 'info', message: 'seen', spec: 's', unit: 'plain', big: 2n ** 60n });
    },
  );

  it('fail their own unit alone when their process has no memory left', async () => {
    const own = await world.fresh();
    await own.spec('s').add(['before', 'fills', 'later 1', 'later 2']);
    // What children are started with: V8 ends the process at that.
    vi.stubEnv('NODE_OPTIONS', '--max-old-space-size=64');
    const worker = new world.client.Worker(own, HANDLERS, { isolate: 'process', concurrency: 1, signals: false });
    try {
      void worker.run();
      await vi.waitFor(async () => {
        expect(await own.spec('s').counts()).toMatchObject({ available: 0, pending: 0, finished: 3, failed: 1 });
      }, 240_000);
    } finally {
      await worker.stop();
      vi.unstubAllEnvs();
    }
    const { data, status } = await own.spec('s').unit('fills').get();
    expect([status, data.traceback]).toEqual([
      'failed',
      expect.stringMatching(/^ChildError: the process ended by (SIGABRT|SIGTRAP|itself, with status 13\d)/),
    ]);
  });

  it('are replaced after so many units, and end with the worker', async () => {
    const own = await world.fresh();
    await own.spec('s').add(Array.from({ length: 7 }, (_, i) => `u${i}`));
    const options = { isolate: 'process', recycle: { units: 3 }, concurrency: 1, signals: false, grace: 0 } as const;
    const worker = new world.client.Worker(own, HANDLERS, options);
    void worker.run();
    await vi.waitFor(async () => expect((await own.spec('s').counts()).finished).toBe(7), 60_000);
    await worker.stop();
    const pids: number[] = [];
    for await (const { data } of own.spec('s').units({ include: 'data' })) pids.push(Number(data!.pid));
    const uses = [...new Set(pids)].map((pid) => pids.filter((each) => each === pid).length);
    expect(uses.sort()).toEqual([1, 3, 3]);
    for (const pid of pids) {
      await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 60_000);
    }
  });

  it('have to be given by a module, which says what is wrong with it', async () => {
    const own = await world.fresh();
    const { Worker } = world.client;
    expect(() => new Worker(own, { s: () => undefined }, { isolate: 'thread' })).toThrow(RangeError);
    const missing = new Worker(own, new URL('./fixtures/missing.mjs', import.meta.url), {
      isolate: 'process',
      signals: false,
    });
    await expect(missing.run()).rejects.toThrow(/missing\.mjs/);
  });
});
