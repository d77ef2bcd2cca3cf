import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/domain/time.js';
import { formatTime } from '../../src/rest/time.js';
import { RestApp } from './app.js';
import { HistoricClient, type Representation } from './historic-client.js';
import { sized } from '../support/full-size.js';

/** What the programs of the historic Go project do, coordbench and demoworker, request by request. */

const ZERO = '0001-01-01T00:00:00Z';
const NO_LINKS = { url: '', work_unit_url: '', attempts_url: '', work_spec_url: '' };
const NO_WORKER = {
  url: '',
  name: '',
  parent_url: '',
  child_urls: null,
  mode: '',
  expiration: ZERO,
  last_update: ZERO,
};

let rest: RestApp;
const clients: HistoricClient[] = [];
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());
afterEach(() => {
  // Every answer was such that its connection served for the next request too.
  for (const client of clients.splice(0)) {
    expect(client.connections).toBe(1);
    client.close();
  }
});

function client(): HistoricClient {
  const made = new HistoricClient(rest.port);
  clients.push(made);
  return made;
}

async function namespaceOf(of: HistoricClient, namespace: string): Promise<Representation> {
  const { namespace_url } = await of.get('/');
  return of.get(namespace_url, { namespace });
}

/** Sets a work spec and reads it at the link that the answer has. */
async function setWorkSpec(
  of: HistoricClient,
  { work_specs_url }: Representation,
  data: object,
): Promise<Representation> {
  const { url } = await of.post(work_specs_url, { url: '', name: '', data, work_units_url: '', meta: '' });
  return of.get(url);
}

/** A worker that asks for work as the client does: with what it was given it reads the work spec and every unit. */
class Worker {
  private constructor(
    readonly of: HistoricClient,
    readonly shown: Representation,
  ) {}

  static async named(of: HistoricClient, { worker_url }: Representation, worker: string): Promise<Worker> {
    return new Worker(of, await of.get(worker_url, { worker }));
  }

  setParent(parent: string): Promise<void> {
    return this.of.tell('PUT', this.shown.url, { ...NO_WORKER, parent, active: false, data: null });
  }

  update(last_update: string, expiration: string): Promise<void> {
    const body = {
      ...NO_WORKER,
      parent: null,
      active: true,
      mode: 'run',
      data: { go: '1.7' },
      last_update,
      expiration,
    };
    return this.of.tell('PUT', this.shown.url, body);
  }

  deactivate(): Promise<void> {
    return this.of.tell('PUT', this.shown.url, { ...NO_WORKER, parent: null, active: false, data: null });
  }

  async request(asked: object): Promise<{ attempt: Representation; unit: Representation }[]> {
    const none = { available_gb: 0, lifetime: 0, number_of_work_units: 0, work_specs: null, runtimes: null };
    const claim = await this.of.post(this.shown.request_attempts_url, { ...none, ...asked });
    const attempts = claim.attempts as Representation[];
    if (attempts.length > 0) await this.of.get(claim.work_spec_url);
    const claimed = [];
    for (const attempt of attempts) claimed.push({ attempt, unit: await this.of.get(attempt.work_unit_url) });
    return claimed;
  }

  act(attempt: Representation, action: string, body: object = {}): Promise<void> {
    return this.of.tell('POST', attempt[`${action}_url`], { data: null, extend_duration: 0, ...body });
  }
}

describe('coordbench', () => {
  it('adds units from many connections, and does them in batches under one parent', async () => {
    const count = sized(300, 120);
    const first = client();
    const namespace = await namespaceOf(first, 'bench é');
    const spec = await setWorkSpec(first, namespace, { name: 'spec' });
    const meta = { priority: 0, not_before: ZERO };
    await Promise.all(
      Array.from({ length: 6 }, async () => {
        const own = client();
        for (let i = 0; i < count / 6; i++) {
          const name = randomUUID();
          const unit = { ...NO_LINKS, name, data: {}, meta, status: 'any', active_attempt_url: '' };
          expect(await own.post(spec.work_units_url, unit)).toMatchObject({ name });
        }
      }),
    );
    const record = { Namespace: 'bench é', WorkSpec: 'spec' };
    expect(await first.get(namespace.summary_url)).toEqual([{ ...record, Status: 'available', Count: count }]);

    const parent = await Worker.named(first, namespace, randomUUID());
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        const worker = await Worker.named(client(), namespace, randomUUID());
        await worker.setParent(parent.shown.name as string);
        for (;;) {
          const claimed = await worker.request({ number_of_work_units: 20 });
          if (claimed.length === 0) break;
          expect(await worker.of.get(parent.shown.child_attempts_url)).not.toEqual({ attempts: [] });
          for (const { attempt } of claimed) await worker.act(attempt, 'finish');
        }
        await worker.deactivate();
      }),
    );
    expect(await first.get(namespace.summary_url)).toEqual([{ ...record, Status: 'finished', Count: count }]);
    expect(await first.get(spec.work_unit_counts_url)).toEqual({ finished: count });
    const { child_urls } = await first.get(parent.shown.url);
    expect(child_urls).toHaveLength(4);
    for (const url of child_urls as string[]) {
      expect(await first.get(url)).toMatchObject({ active: false, parent: parent.shown.name });
    }
    expect(await first.delete(spec.work_unit_query_url)).toEqual({ Deleted: count });
  });
});

describe('demoworker', () => {
  it('runs a generator at its interval, and the runner that it chains to', async () => {
    const of = client();
    const namespace = await namespaceOf(of, '');
    const generator = {
      name: 'generator',
      runtime: 'go',
      task: 'generator',
      continuous: true,
      interval: 5,
      then: 'runner',
    };
    const then = await setWorkSpec(of, namespace, generator);
    const runner = await setWorkSpec(of, namespace, { name: 'runner', runtime: 'go', task: 'runner', max_getwork: 10 });
    expect(await of.get(then.meta, { counts: false })).toMatchObject({ can_be_continuous: true, interval: 5e9 });
    const parent = await Worker.named(of, namespace, 'host:1');
    const worker = await Worker.named(of, namespace, 'host:1/child');
    await parent.update(formatTime(rest.clock.time), formatTime(rest.clock.time + 15 * MINUTE));
    await worker.setParent('host:1');
    await worker.update(formatTime(rest.clock.time), formatTime(rest.clock.time + 15 * MINUTE));
    expect(await of.get(worker.shown.url)).toMatchObject({ active: true, parent: 'host:1', data: { go: '1.7' } });

    const ask = () => worker.request({ runtimes: ['go'], number_of_work_units: 20 });
    const outputs = sized(100, 30);
    for (let round = 0; round < 2; round++) {
      const [{ attempt, unit }, ...more] = await ask();
      expect([more, unit.work_spec_url]).toEqual([[], then.url]);
      const key = unit.name as string;
      const output = Array.from({ length: outputs }, (_, n) => [`${key}_${n}`, { s: key, n }]);
      await worker.act(attempt, 'finish', { data: { output } });
      const seen: unknown[] = [];
      for (let batch = 0; batch < outputs / 10; batch++) {
        const claimed = await ask();
        expect(claimed).toHaveLength(10);
        for (const { attempt, unit } of claimed) {
          expect(unit.work_spec_url).toBe(runner.url);
          await worker.act(attempt, 'renew', { extend_duration: 60e9 });
          const renewed = await of.get(attempt.url);
          expect(renewed.expiration_time).toBe(formatTime(rest.clock.time + MINUTE));
          seen.push((unit.data as { n: number }).n);
          await worker.act(attempt, 'finish');
        }
      }
      expect(seen.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: outputs }, (_, n) => n));
      expect(await ask()).toEqual([]);
      rest.clock.pass(5 * SECOND);
    }
    const record = { Namespace: '', Status: 'finished' };
    expect(await of.get(namespace.summary_url)).toEqual([
      { ...record, WorkSpec: 'generator', Count: 2 },
      { ...record, WorkSpec: 'runner', Count: 2 * outputs },
    ]);
  });

  it('fails what it cannot read, gives back what is to be tried again, and hears of what is no longer its own', async () => {
    const of = client();
    const namespace = await namespaceOf(of, 'demo/2');
    const spec = await setWorkSpec(of, namespace, { name: 'runner', runtime: 'go' });
    const names = ['a:b', 'c d', 'é', '-'];
    for (const name of names)
      await of.post(spec.work_units_url, { ...NO_LINKS, name, data: {}, meta: null, status: 'any' });
    const worker = await Worker.named(of, namespace, 'w');
    const claimed = await worker.request({ number_of_work_units: 4, lifetime: 60e9 });
    const [dash, colon, space, accent] = claimed;
    expect(claimed.map(({ unit }) => unit.name)).toEqual(['-', 'a:b', 'c d', 'é']);
    await worker.act(dash.attempt, 'fail', { data: { traceback: 'no number' } });
    await worker.act(colon.attempt, 'retry');
    await worker.act(space.attempt, 'expire');
    await worker.act(space.attempt, 'expire');
    rest.clock.pass(MINUTE);
    await worker.act(accent.attempt, 'finish');
    await expect(worker.act(accent.attempt, 'fail')).rejects.toMatchObject({ body: { error: 'ErrNotPending' } });
    await expect(worker.act(colon.attempt, 'renew')).rejects.toMatchObject({ body: { error: 'ErrNotPending' } });
    expect(await of.get(spec.work_unit_counts_url)).toEqual({ failed: 1, available: 2, finished: 1 });

    const query = { name: ['a:b', 'c d', '-'], status: ['failed'], limit: 1 };
    const { work_units } = await of.get(spec.work_unit_query_url, query);
    expect(work_units).toMatchObject([{ name: '-' }]);
    const { url } = (work_units as Representation[])[0];
    await of.tell('PUT', url, { ...NO_LINKS, name: '', data: null, meta: '', status: 'any', active_attempt_url: '-' });
    expect(await of.get(spec.work_unit_url, { unit: '-' })).toMatchObject({ status: 'available', data: {} });
    const made = await of.post(worker.shown.make_attempt_url, { work_spec: 'runner', work_unit: 'c d', lifetime: 0 });
    expect(await of.get(worker.shown.active_attempts_url)).toMatchObject({ attempts: [{ url: made.url }] });
    expect(await of.delete(spec.work_unit_query_url, { name: ['c d'] })).toEqual({ Deleted: 1 });
    await expect(worker.act(made, 'finish')).rejects.toMatchObject({
      body: { error: 'ErrNoSuchWorkUnit', value: 'c d' },
    });
    await of.tell('DELETE', namespace.url);
    await expect(of.get(spec.url)).rejects.toMatchObject({ body: { error: 'ErrNoSuchWorkSpec', value: 'runner' } });
  });
});
