import { beforeAll, describe, expect, it } from 'vitest';
import type { CoordinateEvent, UnitQuery } from 'coordinate-client';
import { connect, FetchTransport } from 'coordinate-client';
import { all, RestDaemon } from './rest-daemon.js';

let rest: RestDaemon;
beforeAll(async () => {
  rest = await RestDaemon.start();
  return () => rest.stop();
});

describe('what the REST client tells of a daemon', () => {
  it('asks what happened and how it stands, and waits for work', async () => {
    const own = await rest.fresh();
    await own.spec('s').add(['a', 'b']);
    const [a] = await own.worker('w').claim({ wait: '20s' });
    await a.finish();
    const to = new Date(Date.now() + 60_000);
    const history = await own.spec('s').history({ from: new Date(Date.now() - 3_600_000), to, step: '1m' });
    expect(history.step).toBe(60_000);
    const sum = (of: 'added' | 'finished' | 'failed'): number => history.spans.reduce((all, span) => all + span[of], 0);
    expect([sum('added'), sum('finished'), sum('failed')]).toEqual([2, 1, 0]);
    expect((await own.history()).spans.length).toBeGreaterThan(0);
    const { specs, time } = await own.overview();
    expect([specs.map(({ name }) => name), time instanceof Date]).toEqual([['s'], true]);
    expect(specs[0]).toMatchObject({
      paused: false,
      counts: { available: 1, finished: 1, failed: 0 },
      meta: { weight: 20 },
    });
    expect(specs[0].lastClaim).toBeInstanceOf(Date);

    await own.worker('w').claim();
    const waiting = own.worker('w').claim({ wait: '60s' });
    await own.spec('s').add(['c']);
    expect((await waiting).map(({ unit }) => unit)).toEqual(['c']);
    expect(await own.worker('w').claim({ wait: '10ms' })).toEqual([]);
  });

  it('says why units failed, and has those of one cause tried again', async () => {
    const own = await rest.fresh();
    await own.spec('s').add(['page 1', 'page 2', 'picture']);
    const worker = own.worker('w');
    const [one, two, three] = await worker.claim({ units: 3 });
    await one.fail({}, { cause: 'no answer' });
    await worker.finish([{ attempt: two, outcome: 'failed', cause: 'no answer' }]);
    const failures = await own.spec('s').failures();
    expect(failures).toMatchObject([{ cause: 'no answer', count: 2, first: expect.any(Date) as Date }]);
    const [{ id, examples }] = failures;
    expect(new Set(examples)).toEqual(new Set([one.unit, two.unit]));
    const names = async (query: UnitQuery): Promise<unknown[]> =>
      (await all(own.spec('s').units(query))).map(({ name }) => name);
    expect(await names({ failure: id })).toEqual(['page 1', 'page 2']);
    expect(await names({ worker: 'w' })).toEqual([three.unit]);
    expect(await names({ prefix: 'pic' })).toEqual(['picture']);
    expect(await names({ contains: 'e 2' })).toEqual(['page 2']);
    expect((await own.spec('s').unit('page 1').get()).failure).toBe(id);
    expect(await own.spec('s').retry({ failure: id })).toBe(2);
    expect(await own.spec('s').failures({ limit: 5 })).toEqual([]);
  });

  it.each([
    ['Node', {}],
    ['fetch', { transport: new FetchTransport() }],
  ])('tells what happens by %s, until nobody takes it any more', async (_, options) => {
    const { namespace } = await rest.fresh();
    const own = connect(rest.url, { namespace, ...options });
    const heard: CoordinateEvent[] = [];
    for await (const event of own.events()) {
      heard.push(event);
      if (heard.length === 1) await own.spec('é').set();
      if (event.type === 'spec') break;
    }
    expect(heard[0]).toMatchObject({
      type: 'overview',
      complete: true,
      specs: [{ name: 's', counts: { available: 0 } }],
    });
    expect(heard.at(-1)).toEqual({ type: 'spec', name: 'é', change: 'made' });
    const abort = new AbortController();
    const events = own.events({ signal: abort.signal });
    await events.next();
    abort.abort(new Error('enough'));
    await expect(events.next()).rejects.toThrow('enough');
    own.close();
  });

  it('tells of what looks mistyped', async () => {
    const heard: string[] = [];
    const client = connect(rest.url, { namespace: 'w', onWarning: ({ key }, path) => heard.push(`${path} ${key}`) });
    await client.spec('s').set({ max_retry: 3 });
    await client.worker('w').claim({ specs: ['t'] });
    expect(heard).toEqual(['/namespace/w/work_spec max_retry', '/namespace/w/worker/w/request_attempts work_specs']);
    client.close();
  });
});
