import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { MINUTE } from '../../src/domain/time.js';
import { EventHub } from '../../src/live/events/rest/event-hub.js';
import { OverviewService } from '../../src/live/overview/overview.service.js';
import type { Listener, Told } from '../support/event-listener.js';
import { listenTo } from '../support/event-listener.js';
import { RestApp } from './app.js';

const NS = '/namespace/n';
let rest: RestApp;
const listeners: Listener[] = [];
beforeAll(async () => {
  rest = await RestApp.start();
});
afterEach(() => listeners.splice(0).forEach((listener) => listener.stop()));
afterAll(() => rest.stop());

async function listen(namespace = NS, headers: Record<string, string> = {}): Promise<Listener> {
  const listener = await listenTo(rest.port, `${namespace}/events`, headers);
  listeners.push(listener);
  return listener;
}

const specs = ({ data }: Told) => data.work_specs as { name: string; counts: Record<string, number> }[];
const isComplete = (data: Told['data']): boolean => data.complete === true;

describe('the events of a namespace', () => {
  it('begin with how everything stands, and go on with what changes alone', async () => {
    for (const name of ['s', 't']) await rest.post(`${NS}/work_spec`, { data: { name } });
    const listener = await listen(NS, { accept: 'text/event-stream' });
    expect(listener.response.statusCode).toBe(200);
    expect(listener.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const first = await listener.event('overview', isComplete);
    const { json } = await rest.get(`${NS}/overview`);
    expect(specs(first)).toEqual((json as { work_specs: unknown[] }).work_specs);
    await rest.post(`${NS}/work_spec/s/add`, { work_units: [{ name: 'a' }, { name: 'b' }] });
    const next = await listener.event('overview', (data) => !isComplete(data));
    expect(specs(next)).toMatchObject([{ name: 's', counts: { available: 2 } }]);
    expect(next.id).not.toBe(first.id);
  });

  it('tell of specs that are made, changed and deleted', async () => {
    const listener = await listen();
    await listener.event('overview');
    const changes = (name: string) =>
      listener.told.flatMap(({ event, data }) => (event === 'spec' && data.name === name ? [data.change] : []));
    await rest.post(`${NS}/work_spec`, { data: { name: 'u' } });
    expect(await listener.event('spec')).toMatchObject({
      data: { url: `${NS}/work_spec/u`, name: 'u', change: 'made' },
    });
    await rest.put(`${NS}/work_spec/u/meta`, { paused: true });
    await listener.event('spec', ({ change }) => change === 'changed');
    await rest.delete(`${NS}/work_spec/u`);
    await listener.event('spec', ({ change }) => change === 'deleted');
    expect(changes('u')).toEqual(['made', 'changed', 'deleted']);
    expect(listener.told.some(({ event, data }) => event === 'overview' && JSON.stringify(data.gone) === '["u"]')).toBe(
      true,
    );
  });

  it('tell of each failure once, and of workers that come and go', async () => {
    const listener = await listen();
    await listener.event('overview');
    await rest.post(`${NS}/work_spec/s/add`, { work_units: [{ name_encoded: '-_w' }] });
    const { json } = await rest.post(`${NS}/worker/w/request_attempts`, { number_of_work_units: 9 });
    for (const { fail_url: url } of (json as { attempts: { fail_url: string }[] }).attempts) await rest.post(url, {});
    await listener.until((told) => (told.filter(({ event }) => event === 'failure').length >= 3 ? true : undefined));
    await rest.post(`${NS}/work_spec/t/add`, { work_units: [{ name: 'later' }] });
    await listener.event('overview', (data) => JSON.stringify(data).includes('"t"'));
    const failures = listener.told.filter(({ event }) => event === 'failure').map(({ data }) => data);
    expect(failures.map((failure) => failure.work_unit_url).sort()).toEqual(
      ['-_w', 'a', 'b'].map((name) => `${NS}/work_spec/s/work_unit/${name}`).sort(),
    );
    expect(failures[0]).toMatchObject({
      work_spec: 's',
      worker: 'w',
      worker_url: `${NS}/worker/w`,
      cause: 'no reason given',
    });
    const { json: groups } = await rest.get(`${NS}/work_spec/s/failures`);
    expect(groups).toMatchObject({ failures: [{ id: failures[0].failure, cause: 'no reason given' }] });
    expect(await listener.event('worker')).toMatchObject({ data: { name: 'w', url: `${NS}/worker/w`, active: true } });
    rest.clock.pass(16 * MINUTE);
    expect((await listener.event('worker', ({ active }) => active === false)).data.name).toBe('w');
  });

  it('tell of work specs that come to rest, and of those that were at work between two looks', async () => {
    await rest.post(`${NS}/work_spec`, { data: { name: 'v', priority: 9 } });
    const listener = await listen();
    await listener.event('overview');
    const drained = () => listener.told.filter(({ event, data }) => event === 'drained' && data.name === 'v');
    for (let times = 1; times <= 2; times++) {
      await rest.post(`${NS}/work_spec/v/add`, { work_units: [{ name: `unit ${times}` }] });
      const { json } = await rest.post(`${NS}/worker/w/request_attempts`, { work_specs: ['v'] });
      await rest.post((json as { attempts: { finish_url: string }[] }).attempts[0].finish_url, {});
      await listener.until(() => (drained().length >= times ? true : undefined));
    }
    expect(drained()).toHaveLength(2);
    expect(drained()[0].data).toMatchObject({ name: 'v', url: `${NS}/work_spec/v` });
    await rest.delete(`${NS}/work_spec/v`);
  });

  it('are one frame for all who listen, and are not asked for when nobody does', async () => {
    const { stored } = rest.app.get(OverviewService, { strict: false });
    const read = vi.spyOn(stored, 'read');
    try {
      const all = await Promise.all(Array.from({ length: 20 }, () => listen()));
      for (const each of all) await each.event('overview', isComplete);
      read.mockClear();
      const begun = performance.now();
      await rest.post(`${NS}/work_spec/s/add`, { work_units: [{ name: 'shared' }] });
      const told = await Promise.all(all.map((each) => each.event('overview', (data) => !isComplete(data))));
      expect(new Set(told.map(({ id }) => id)).size).toBe(1);
      // Once a second, whoever listens.
      expect(read.mock.calls.length).toBeLessThan(3 + (performance.now() - begun) / 1000);
      expect(rest.adapter.load.liveAnswers).toBe(20);
      expect(rest.adapter.load.atWork).toBe(0);
      for (const each of all) each.stop();
      while (rest.adapter.load.liveAnswers > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      read.mockClear();
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      expect(read).not.toHaveBeenCalled();
    } finally {
      read.mockRestore();
    }
  });

  it('go on where a client was that comes back, or begin anew where that is not known', async () => {
    const stays = await listen();
    const first = await stays.event('overview', isComplete);
    await rest.post(`${NS}/work_spec/t/add`, { work_units: [{ name: 'missed' }] });
    const missed = await stays.event('overview', (data) => !isComplete(data));
    const back = await listen(NS, { 'last-event-id': first.id! });
    expect((await back.event('overview')).id).toBe(missed.id);
    expect(back.told.some(({ data }) => isComplete(data))).toBe(false);
    for (const id of ['elsewhere-1', 'nothing', '-', `${first.id!}9999`]) {
      const other = await listen(NS, { 'last-event-id': id });
      expect(isComplete((await other.event('overview')).data), id).toBe(true);
    }
  });

  it('of a namespace that is not there wait for it, without making it; HEAD says what they are', async () => {
    const listener = await listen('/namespace/later');
    expect(specs(await listener.event('overview'))).toEqual([]);
    expect((await rest.get('/namespace')).json).not.toMatchObject({ namespaces: [{ name: 'later' }] });
    await rest.post('/namespace/later/work_spec', { data: { name: 'x' } });
    await listener.event('spec', ({ name }) => name === 'x');
    const head = await rest.send('HEAD', `${NS}/events`);
    expect([head.status, head.headers['content-type'], head.text]).toEqual([200, 'text/event-stream', '']);
  });

  it('end at once when the daemon does', async () => {
    const listener = await listen();
    await listener.event('overview');
    rest.app.get(EventHub, { strict: false }).end();
    await listener.ended;
    expect(listener.response.complete).toBe(true);
  });
});

describe('streams of events over some time', () => {
  const open: RestApp[] = [];
  afterEach(() => Promise.all(open.splice(0).map((each) => each.stop())));

  /** A daemon that looks often, so that as many looks take less time. */
  async function hasty(): Promise<RestApp> {
    const app = await RestApp.start();
    open.push(app);
    app.app.get(EventHub, { strict: false }).periodMs = 10;
    return app;
  }

  it('say by a comment at every fifteenth look that somebody is there', async () => {
    const app = await hasty();
    const { stored } = app.app.get(OverviewService, { strict: false });
    const listener = await listenTo(app.port, `${NS}/events`);
    await listener.event('overview');
    const read = vi.spyOn(stored, 'read');
    try {
      await listener.until(() => (listener.comments >= 3 ? true : undefined));
      expect(read.mock.calls.length).toBeGreaterThanOrEqual(2 * 15);
      expect(listener.told).toHaveLength(1);
    } finally {
      read.mockRestore();
      listener.stop();
    }
  });

  it('are cut off where nobody reads them, and go on where somebody does', async () => {
    const app = await hasty();
    // More than the system keeps of what nobody reads: six bytes of JSON for each of a name, and three more in its link.
    for (let index = 0; index < 700; index++) {
      const name = `${index}`.padEnd(1_000, '\u0001');
      await app.post(`${NS}/work_spec`, { data: { name } });
    }
    const slow = connect(app.port, '127.0.0.1');
    const closed = new Promise((resolve) => slow.on('close', resolve));
    slow.on('error', () => undefined);
    slow.write(`GET ${NS}/events HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    const reading = await listenTo(app.port, '/namespace/other/events');
    await reading.event('overview', isComplete);
    const { load } = app.adapter;
    while (load.cut.slow_reader === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    // What has arrived is still there to be read; then the connection is at its end, in the midst of an event.
    slow.resume();
    await closed;
    await app.post('/namespace/other/work_spec', { data: { name: 'after' } });
    await reading.event('spec', ({ name }) => name === 'after');
    reading.stop();
  });
});
