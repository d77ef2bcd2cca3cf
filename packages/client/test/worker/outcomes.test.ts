import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HandlerContext, UnitOfWork } from 'coordinate-client';
import { Lines, World } from './built.js';

let world: World;
beforeAll(async () => {
  world = await World.begin();
});
afterAll(() => world.end());

describe('what a handler does', () => {
  it('has a unit tried again as its work spec says, unless it fails for good', async () => {
    const { Fail } = world.client;
    const own = await world.fresh();
    await own.spec('s').set({ flow: { retry: { attempts: 3, delay: 3600 } } });
    await own.spec('s').add(['throws', 'for good', 'not for good']);
    const worker = world.work(own, {
      s: ({ name }: UnitOfWork): never => {
        if (name === 'throws') throw new Error('once more');
        throw new Fail({ final: name === 'for good', cause: new RangeError('of no use') });
      },
    });
    await vi.waitFor(async () => {
      expect(await own.spec('s').counts()).toMatchObject({ available: 0, pending: 0, failed: 1, delayed: 2 });
    }, 60_000);
    await worker.stop();
    const { status, data } = await own.spec('s').unit('for good').get();
    expect(status).toBe('failed');
    expect(data.traceback).toMatch(/^RangeError: of no use\n/);
  });

  it('finishes, fails or retries the unit, with data and a line for each', async () => {
    const { Retry } = world.client;
    const own = await world.fresh();
    await own.spec('other').set();
    const names = ['object', 'nothing', 'throws', 'text', 'deep', 'retries', 'cannot', 'sync'];
    await own.spec('s').add(names.map((name) => ({ name, data: { width: 640 } })));
    await own.spec('other').add(['any']);
    const log = new Lines();
    const worker = world.work(
      own,
      {
        s: ({ name, data }: UnitOfWork): unknown => {
          if (name === 'sync') throw new TypeError('at once');
          return (async () => {
            await Promise.resolve();
            if (name === 'object') return { seen: data.width, big: 2n ** 60n };
            if (name === 'throws') throw new Error('no such page', { cause: new RangeError('page 7') });
            // eslint-disable-next-line @typescript-eslint/only-throw-error -- people do
            if (name === 'text') throw 'thrown text';
            if (name === 'deep') throw new Error('é'.repeat(20_000));
            if (name === 'retries') throw new Retry({ delay: '1h', data: { tried: 1 } });
            if (name === 'cannot') return { symbol: Symbol('x') };
            return 7;
          })();
        },
        '*': ({ spec }) => ({ spec }),
      },
      { log },
    );
    await vi.waitFor(async () => {
      expect(await own.spec('s').counts()).toEqual({ available: 0, pending: 0, finished: 2, failed: 5, delayed: 1 });
      expect((await own.spec('other').counts()).finished).toBe(1);
    }, 60_000);
    await worker.stop();
    const dataOf = async (name: string) => (await own.spec('s').unit(name).get()).data;
    expect(await dataOf('object')).toEqual({ seen: 640, big: 2n ** 60n });
    expect(await dataOf('nothing')).toEqual({ width: 640 });
    const thrown = await dataOf('throws');
    expect(thrown.width).toBe(640);
    expect(thrown.traceback).toMatch(
      /^Error: no such page\n {4}at .*outcomes.test[^]*\nCaused by: RangeError: page 7\n/,
    );
    expect(await dataOf('text')).toMatchObject({ traceback: 'thrown text' });
    expect(await dataOf('sync')).toMatchObject({
      traceback: expect.stringMatching(/^TypeError: at once\n/) as unknown,
    });
    const deep = (await dataOf('deep')).traceback as string;
    expect(Buffer.byteLength(deep)).toBeLessThanOrEqual(16 * 1024);
    expect(deep).toMatch(/^Error: é+…$/);
    for await (const attempt of own.spec('s').unit('retries').attempts()) {
      expect(await attempt.get()).toMatchObject({ status: 'retryable', data: { tried: 1 } });
    }
    expect((await dataOf('cannot')).traceback).toMatch(/^TypeError: a symbol cannot be sent/);
    const told = log.lines
      .filter(({ unit }) => unit !== undefined)
      .map(({ level, unit, message }) => [level, unit, message]);
    expect(told.sort()).toEqual(
      [
        ['info', 'object', 'finished'],
        ['info', 'nothing', 'finished'],
        ['warn', 'throws', 'failed'],
        ['warn', 'text', 'failed'],
        ['warn', 'deep', 'failed'],
        ['info', 'retries', 'retryable'],
        ['info', 'cannot', 'finished'],
        ['warn', 'sync', 'failed'],
        ['info', 'any', 'finished'],
      ].sort(),
    );
  });

  it('is called within middleware, with data that its schema made, and hooks hear of it', async () => {
    const own = await world.fresh();
    await own.spec('s').add([
      { name: 'good', data: { width: '640' } },
      { name: 'bad', data: { width: 'wide' } },
    ]);
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => {
          const width = Number((value as { width: unknown }).width);
          return Number.isNaN(width)
            ? { issues: [{ message: 'not a number', path: ['width'] }] }
            : { value: { width } };
        },
      },
    };
    const heard: unknown[] = [];
    const worker = new world.client.Worker(
      own,
      { s: { schema, handle: ({ data }) => ({ double: 2 * (data.width as number) }) } },
      {
        signals: false,
        hooks: {
          started: ({ name }) => heard.push(['started', name]),
          ended: ({ name }, ending) => {
            heard.push([ending, name]);
            throw new Error('a hook that fails fails nothing');
          },
        },
      },
    );
    const order: string[] = [];
    const wrap =
      (label: string) =>
      (next: (unit: UnitOfWork, context: HandlerContext) => unknown) =>
      async (unit: UnitOfWork, context: HandlerContext) => {
        order.push(label);
        return { ...((await next(unit, context)) as object), [label]: true };
      };
    worker.use(wrap('outer')).use(wrap('inner'));
    void worker.run();
    await vi.waitFor(async () => {
      expect(await own.spec('s').counts()).toMatchObject({ finished: 1, failed: 1 });
    }, 60_000);
    await worker.stop();
    expect((await own.spec('s').unit('good').get()).data).toEqual({ double: 1280, outer: true, inner: true });
    expect(order).toEqual(['outer', 'inner']);
    expect((await own.spec('s').unit('bad').get()).data).toMatchObject({
      width: 'wide',
      traceback: expect.stringMatching(/^InvalidDataError: width: not a number\n/) as unknown,
    });
    expect(heard).toHaveLength(4);
    expect(heard).toEqual(
      expect.arrayContaining([
        ['started', 'good'],
        ['finished', 'good'],
        ['started', 'bad'],
        ['failed', 'bad'],
      ]),
    );
  });

  it('goes on when a token cannot be had at first, and is told at once of a timeout that is none', async () => {
    const { connect, Worker } = world.client;
    const own = await world.fresh();
    await own.spec('s').add(['u']);
    let asked = 0;
    const token = (): string => {
      if (++asked <= 3) throw new Error('nobody is there to ask');
      return 'any';
    };
    const options = { namespace: own.namespace, token };
    const coordinate = connect(`http://127.0.0.1:${world.daemon.httpPort}`, options);
    expect(() => new Worker(coordinate, { s: { handle: () => undefined, timeout: 'soon' } })).toThrow(/not a duration/);
    const worker = world.work(coordinate, { s: () => undefined });
    await vi.waitFor(async () => expect((await own.spec('s').counts()).finished).toBe(1), 60_000);
    await worker.stop();
    coordinate.close();
  });

  it('is over when its time is, whether it cares or not', async () => {
    const own = await world.fresh();
    await own.spec('s').add(['cares', 'never ends']);
    const reasons: unknown[] = [];
    const worker = world.work(own, {
      s: {
        timeout: '50ms',
        handle: (unit, { signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reasons.push((signal.reason as Error).name));
            if (unit.name === 'cares') signal.addEventListener('abort', () => reject(new Error('gave up')));
          }),
      },
    });
    await vi.waitFor(async () => expect((await own.spec('s').counts()).failed).toBe(2), 60_000);
    await worker.stop();
    expect(reasons).toEqual(['TimeoutError', 'TimeoutError']);
    for (const name of ['cares', 'never ends']) {
      expect((await own.spec('s').unit(name).get()).data.traceback).toContain(
        'TimeoutError: it took longer than 50 ms',
      );
    }
  });
});
