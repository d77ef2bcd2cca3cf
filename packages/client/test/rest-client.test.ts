import { beforeAll, describe, expect, it } from 'vitest';
import type { UnitToAdd } from 'coordinate-client';
import {
  connect,
  InvalidValueError,
  NoSuchWorkSpecError,
  NoSuchWorkUnitError,
  NotPendingError,
  RawCbor,
  Tuple,
  Uuid,
} from 'coordinate-client';
import { all, RestDaemon } from './rest-daemon.js';

let rest: RestDaemon;
beforeAll(async () => {
  rest = await RestDaemon.start();
  return () => rest.stop();
});

const BYTES = Uint8Array.of(0xff, 0x00);

describe('the REST client with a daemon', () => {
  it('takes units through their lives', async () => {
    const own = await rest.fresh({ then: 'next' });
    await own.spec('next').set();
    const units: UnitToAdd[] = [
      'plain',
      BYTES,
      { name: 'wide', data: { width: 640 }, priority: 5 },
      { name: 'later', delay: '1h' },
    ];
    expect(await own.spec('s').add(units)).toEqual({ added: 4 });
    expect(await own.spec('s').counts()).toEqual({ available: 3, delayed: 1, pending: 0, finished: 0, failed: 0 });

    const worker = own.worker('w/1');
    const attempts = await worker.claim<{ width?: number }>({ units: 10, lease: '1m' });
    expect(attempts.map(({ spec, unit, data, status }) => [spec, unit, data, status])).toEqual([
      ['s', 'wide', { width: 640 }, 'pending'],
      ['s', 'plain', {}, 'pending'],
      ['s', BYTES, {}, 'pending'],
    ]);
    const [wide, plain, bytes] = attempts;
    expect([wide.worker, wide.namespace]).toEqual(['w/1', own.namespace]);
    expect(wide.expiration.getTime() - wide.startTime.getTime()).toBe(60_000);
    await wide.renew('5m', { data: { width: 320 } });
    expect(await wide.get()).toMatchObject({ data: { width: 320 }, status: 'pending' });
    await wide.finish({ output: { made: { by: 'wide' } } });
    await expect(wide.fail()).rejects.toBeInstanceOf(NotPendingError);
    expect(await own.spec('next').unit('made').get()).toEqual({
      name: 'made',
      status: 'available',
      data: { by: 'wide' },
      priority: 0,
      notBefore: undefined,
      failure: undefined,
      activeAttempt: undefined,
    });
    await plain.retry({ delay: '1h', data: { tried: 1 } });
    await bytes.fail({ traceback: 'no such page' });
    expect(await own.spec('s').counts()).toMatchObject({ available: 0, delayed: 2, finished: 1, failed: 1 });

    await own.spec('s').setPriority(7, { names: [BYTES] });
    const [prioritized] = await all(own.spec('s').units({ names: [BYTES], include: 'meta' }));
    expect(prioritized).toEqual({ name: BYTES, priority: 7 });
    const looks: number[] = [];
    const onProgress = ({ lookedAt }: { lookedAt: number }) => looks.push(lookedAt);
    expect(await own.spec('s').countUnits({ contains: 'i', onProgress })).toEqual({
      available: 0,
      delayed: 1,
      pending: 0,
      finished: 1,
      failed: 0,
    });
    expect(looks).toEqual([4]);
    expect(await own.spec('s').countUnits({ names: [BYTES, 'wide', 'none'], status: 'failed' })).toMatchObject({
      failed: 1,
      finished: 0,
    });
    const [failed] = await all(own.spec('s').units({ status: 'failed', include: 'attempt' }));
    expect(failed).toMatchObject({
      name: BYTES,
      status: 'failed',
      attempt: { worker: 'w/1', traceback: 'no such page' },
    });
    expect(await own.spec('s').retry({ names: [BYTES, 'wide'] })).toBe(1);
    expect((await own.spec('s').unit(BYTES).get()).status).toBe('available');
    const history = await all(own.spec('s').unit(BYTES).attempts());
    expect(history.map(({ status, unit, endTime }) => [status, unit, endTime instanceof Date])).toEqual([
      ['failed', BYTES, true],
    ]);
    expect(await own.spec('s').unit(BYTES).countAttempts()).toBe(1);
    expect(await own.attempt({ spec: 's', unit: BYTES, worker: 'w/1', start: history[0].start })).toMatchObject({
      status: 'failed',
    });
  });

  it('ends attempts in one request, each by itself', async () => {
    const own = await rest.fresh();
    await own.spec('s').add(['a', 'b', 'c', 'd']);
    const worker = own.worker('w');
    const [a, b, c, d] = await worker.claim({ units: 4 });
    await a.finish();
    expect(await worker.renew([a, b, c.url], { lease: '2m' })).toMatchObject([
      { attempt: a, error: { name: 'NotPendingError', status: 409 } },
      { attempt: b, status: 'pending' },
      { attempt: c.url, status: 'pending' },
    ]);
    const results = await worker.finish([
      { attempt: a, outcome: 'failed' },
      { attempt: b, outcome: 'finished', data: { big: 2n ** 60n } },
      { attempt: c, outcome: 'retryable', delay: '1h' },
      { attempt: d.url, outcome: 'expired' },
    ]);
    expect(results.map(({ status, error }) => status ?? error?.error)).toEqual([
      'ErrNotPending',
      'finished',
      'retryable',
      'expired',
    ]);
    expect((await own.spec('s').unit('b').get()).data).toEqual({ big: 2n ** 60n });
    expect(await own.spec('s').counts()).toEqual({ available: 1, pending: 0, finished: 2, failed: 0, delayed: 1 });
  });

  it('lists units by what they are, however many there are', async () => {
    const own = await rest.fresh();
    const names = Array.from({ length: 2500 }, (_, i) => `unit ${String(i).padStart(5, '0')}`);
    await own.spec('s').add(names);
    expect((await all(own.spec('s').units())).map(({ name }) => name)).toEqual(names);
    expect((await all(own.spec('s').units({ previous: names[2397], limit: 3 }))).map(({ name }) => name)).toEqual(
      names.slice(2398, 2401),
    );
    // So many names do not fit into one request.
    const some = names.filter((_, i) => i % 2 === 0).reverse();
    expect(new Set((await all(own.spec('s').units({ names: some }))).map(({ name }) => name))).toEqual(new Set(some));
    expect(await all(own.spec('s').units({ names: [] }))).toEqual([]);
    await own.spec('s').setPriority(7, { names: some });
    await own.spec('s').adjustPriority(1, { names: [names[0]] });
    const [first] = await own.worker('w').claim();
    expect(first.unit).toBe(names[0]);
    await expect(own.spec('s').deleteUnits({ names: some, limit: 3 })).rejects.toBeInstanceOf(RangeError);
    expect(await own.spec('s').deleteUnits({ names: some, status: 'available' })).toBe(1249);
    expect(await own.spec('s').deleteUnits({ names: [] })).toBe(0);
    expect(await own.spec('s').deleteUnits({ limit: 51, status: ['available', 'delayed'] })).toBe(51);
    expect(await own.spec('s').deleteUnits()).toBe(1200);
  });

  it('gives back data as they were sent, whatever CBOR can say', async () => {
    const data = {
      text: 'x',
      big: -(2n ** 64n),
      bytes: BYTES,
      utf8: new TextEncoder().encode('text'),
      tuple: new Tuple([1, ['a']]),
      id: Uuid.parse('01234567-89ab-cdef-0123-456789abcdef'),
      map: new Map<unknown, unknown>([
        [1, 'a'],
        [BYTES, null],
      ]),
      odd: [NaN, -0, Infinity, 1.5, 1e300, 2 ** 60],
      like: { $bytes: 'AP8=' },
      ['__proto__']: { own: true },
    };
    const own = await rest.fresh(data);
    await own.spec('s').add([{ name: 'u', data }]);
    expect((await own.spec('s').unit('u').get()).data).toEqual(data);
    expect(await own.spec('s').get()).toEqual({ ...data, name: 's' });
    const [listed] = await all(own.spec('s').units({ include: 'data' }));
    expect(listed.data).toEqual(data);
    const [attempt] = await own.worker('w').claim();
    expect(attempt.data).toEqual(data);
    await own.worker('w').update({ mode: 'run', data, lifetime: '1m', parent: 'parent' });
    expect(await own.worker('w').get()).toMatchObject({ data, mode: 'run', parent: 'parent', active: true });

    const plain = connect(rest.url, { namespace: own.namespace, data: 'plain' });
    expect((await plain.spec('s').unit('u').get()).data).toMatchObject({
      utf8: 'text',
      tuple: [1, ['a']],
      bytes: BYTES,
    });
    const raw = connect(rest.url, { namespace: own.namespace, data: 'raw' });
    // An indefinite map of a byte string and a float of two bytes.
    const bytes = Buffer.from('bf4161f93c00ff', 'hex');
    await raw.spec('s').add([{ name: 'raw', data: new RawCbor(bytes) }]);
    const unit = await raw.spec('s').unit('raw').get<RawCbor>();
    expect(Buffer.from(unit.data.bytes)).toEqual(bytes);
    for (const client of [plain, raw]) client.close();
  });

  it('adds what comes, in batches, and says where it is wrong', async () => {
    const own = await rest.fresh();
    const progress: number[] = [];
    async function* units(): AsyncGenerator<UnitToAdd> {
      for (let i = 0; i < 1050; i++)
        yield Promise.resolve({ name: String(i), data: { text: 'x'.repeat(i < 10 ? 200 : 1) } });
    }
    const options = {
      batchUnits: 500,
      batchChars: 1000,
      onProgress: ({ added }: { added: number }) => progress.push(added),
    };
    expect(await own.spec('s').add(units(), options)).toEqual({ added: 1050 });
    expect(progress.slice(0, 2)).toEqual([4, 8]);
    expect(progress.at(-1)).toBe(1050);

    let closed = false;
    function* wrong(): Generator<UnitToAdd> {
      try {
        for (let i = 0; ; i++) yield i === 1234 ? { name: 'x'.repeat(1025) } : `more ${i}`;
      } finally {
        closed = true;
      }
    }
    const failed = own.spec('s').add(wrong());
    await expect(failed).rejects.toBeInstanceOf(InvalidValueError);
    await expect(failed).rejects.toMatchObject({ details: [{ field: 'work_units[1234].name' }] });
    expect(closed).toBe(true);
    expect((await own.spec('s').counts()).available).toBe(2050);
    await expect(own.spec('missing').add(['u'])).rejects.toBeInstanceOf(NoSuchWorkSpecError);
  });

  it('sets and reads what controls a work spec', async () => {
    const own = await rest.fresh({ continuous: true, interval: 30, max_running: 3, runtime: 'node' });
    expect(await own.spec('s').meta({ counts: true })).toMatchObject({
      continuous: true,
      canBeContinuous: true,
      interval: 30_000,
      maxRunning: 3,
      weight: 20,
      runtime: 'node',
      paused: false,
    });
    await own.spec('s').changeMeta({ weight: 5, interval: '2m' });
    await own.spec('s').pause();
    expect(await own.spec('s').meta()).toMatchObject({ weight: 5, interval: 120_000, maxRunning: 3, paused: true });
    expect(await own.worker('w').claim()).toEqual([]);
    await own.spec('s').resume();
    expect(await own.worker('w').claim({ runtimes: ['node'] })).toHaveLength(1);
    await own.spec('s').setMeta({ weight: 1 });
    expect(await own.spec('s').meta()).toMatchObject({ weight: 1, maxRunning: 0, continuous: false });
    const warnings = await own.spec('t').set({ max_runing: 3 });
    expect(warnings).toMatchObject([{ key: 'max_runing' }]);
    expect(await all(own.specs())).toEqual(['s', 't']);
    await own.spec('t').delete();
    await expect(own.spec('t').get()).rejects.toBeInstanceOf(NoSuchWorkSpecError);
  });

  it('changes and clears units, begins attempts at them, and shows who works on what', async () => {
    const own = await rest.fresh();
    await own.spec('s').add(['u']);
    const attempt = await own.worker('w').makeAttempt('s', 'u', { lease: '1m' });
    expect((await all(own.worker('w').activeAttempts())).map(({ url }) => url)).toEqual([attempt.url]);
    const notBefore = new Date('2030-01-02T03:04:05.678Z');
    await own.spec('s').unit('u').change({ priority: 3, notBefore });
    await own.spec('s').unit('u').clear();
    expect(await own.spec('s').unit('u').get()).toMatchObject({ status: 'delayed', priority: 3, notBefore });
    await own.spec('s').unit('u').change({ notBefore: null });
    expect(await own.spec('s').unit('u').get()).toMatchObject({
      status: 'available',
      priority: 3,
      notBefore: undefined,
    });
    await expect(own.spec('s').unit('v').get()).rejects.toBeInstanceOf(NoSuchWorkUnitError);
    await own.spec('s').add([BYTES]);
    expect((await own.worker('w').makeAttempt('s', BYTES)).unit).toEqual(BYTES);

    await own.worker(BYTES).update({ parent: 'boss', mode: 'run' });
    expect(await all(own.workers())).toMatchObject([
      { name: 'boss', active: false, parent: undefined, mode: '', units: 0 },
      { name: 'w', active: true, parent: undefined, units: 1, finishedLastHour: 0 },
      { name: BYTES, active: true, parent: 'boss', mode: 'run', units: 0, lastUpdate: expect.any(Date) as unknown },
    ]);
    expect((await own.worker('boss').get()).children).toEqual([BYTES]);
    await own.worker('w').update({ parent: BYTES });
    expect((await own.worker('w').get()).parent).toEqual(BYTES);
    await own.worker('w').update({ parent: null });
    expect((await own.worker('w').get()).parent).toBeUndefined();
    await own.worker(BYTES).deactivate();
    await own.worker('boss').deactivate();
    expect(await all(own.workers({ active: true }))).toMatchObject([{ name: 'w', active: true }]);
    expect(await all(own.worker('w').allAttempts({ limit: 1 }))).toHaveLength(1);
    expect(await all(own.worker('boss').childAttempts())).toEqual([]);
  });

  it('lists the workers that have been given nothing for longest, page by page', async () => {
    const own = await rest.fresh();
    // More than are in a page, none of which has ever been given anything.
    const idle = Array.from({ length: 1_003 }, (_, i) => `idle ${String(i).padStart(4, '0')}`);
    for (let at = 0; at < idle.length; at += 50) {
      await Promise.all(idle.slice(at, at + 50).map((name) => own.worker(name).update()));
    }
    await own.spec('s').add(['a', 'b']);
    for (const name of ['second', 'first']) await own.worker(name).claim();
    await own.worker('gone').update();
    await own.worker('gone').deactivate();
    const sorted = { active: true, sort: 'last_claim' } as const;
    const names = (await all(own.workers(sorted))).map(({ name }) => name);
    expect([...names.slice(0, -2)].sort()).toEqual(idle);
    expect(names.slice(-2)).toEqual(['second', 'first']);
    expect((await all(own.workers({ ...sorted, limit: 1_001 }))).map(({ name }) => name)).toEqual(
      names.slice(0, 1_001),
    );
    expect((await all(own.workers({ sort: 'last_claim', limit: 3 }))).map(({ name }) => name)).toEqual(
      names.slice(0, 3),
    );
  });

  it('knows the namespaces and what is in them', async () => {
    const own = await rest.fresh();
    await own.spec('s').add(['a', 'b']);
    const record = { namespace: own.namespace, spec: 's', status: 'available', count: 2 };
    expect(await own.summary()).toEqual([record]);
    expect(await rest.coordinate.summaryOfAll()).toContainEqual(record);
    await own.in('-').create();
    expect(await all(rest.coordinate.namespaces())).toEqual(expect.arrayContaining([own.namespace, '-']));
    await own.destroy();
    expect(await all(rest.coordinate.namespaces())).not.toContain(own.namespace);
    const { value, date } = await own.request<{ url: string }>({ method: 'GET', path: '/' });
    expect([value.url, date instanceof Date]).toEqual(['/', true]);
  });
});
