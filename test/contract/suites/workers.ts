import type { Worker, WorkerChange, WorkerQuery } from 'coordinate-daemon/backend';
import { DEFAULT_LIFETIME, SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { data, hex, refusal, show } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

export function describeWorkers(w: World): void {
  const find = async (name: string): Promise<Worker> => (await w.workers.find(w.namespace, name))!;
  const change = async (name: string, to: WorkerChange): Promise<void> => await w.workers.change(w.namespace, name, to);
  const list = async (query: WorkerQuery = {}): Promise<string[]> =>
    (await w.workers.list(w.namespace, query)).map(({ name }) => name);

  describe('the record of a worker', () => {
    it('is created where it is not there: active, last update now, expiring in exactly 15 minutes, no parent', async () => {
      const fresh = {
        name: 'w',
        parent: undefined,
        children: [],
        active: true,
        mode: '',
        lastUpdate: START,
        expiration: START + DEFAULT_LIFETIME,
        lastClaim: undefined,
      };
      const made = await w.workers.ensure(w.namespace, 'w');
      expect(made).toMatchObject(fresh);
      expect(hex(made.data)).toBe('a0');
      expect(await find('w')).toEqual(made);
      expect(DEFAULT_LIFETIME).toBe(15 * 60 * SECOND);
    });

    it('is not made anew when it is there', async () => {
      await w.workers.ensure(w.namespace, 'w');
      await w.advance(SECOND);
      expect((await w.workers.ensure(w.namespace, 'w')).lastUpdate).toBe(START);
      await w.advance(DEFAULT_LIFETIME);
      expect((await w.workers.ensure(w.namespace, 'w')).active).toBe(false);
      await w.claim('w');
      expect((await find('w')).active).toBe(false); // only an update makes it active again
    });

    it('that is not there is not found', async () => {
      expect(await w.workers.find(w.namespace, 'w')).toBeUndefined();
      expect(await w.workers.deactivate(w.namespace, 'w')).toBe(false);
      expect(await w.workers.find(w.namespace, 'w')).toBeUndefined();
    });

    it('is created by an update, a claim, a made attempt and a report that names it', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      await change('by update', { update: {} });
      await w.claim('by claim');
      await w.make('by making', 's', 'u');
      await w.report('s', 'u', undefined, { worker: 'by report' });
      for (const how of ['update', 'claim', 'making', 'report']) {
        expect(await find(`by ${how}`)).toMatchObject({
          active: true,
          lastUpdate: START,
          expiration: START + DEFAULT_LIFETIME,
        });
      }
    });
  });

  describe('an update of a worker', () => {
    it('records data, mode and times', async () => {
      await w.advance(SECOND);
      await change('w', { update: { data: data({ pid: 7 }), mode: 'run', lifetime: 5 * SECOND } });
      expect(await find('w')).toMatchObject({
        mode: 'run',
        active: true,
        lastUpdate: w.now,
        expiration: w.now + 5 * SECOND,
      });
      expect(show((await find('w')).data)).toEqual({ pid: 7 });
    });

    it('takes the moments that its client counts from', async () => {
      await change('w', { update: { lastUpdate: START - 5, expiration: START + 7 } });
      expect(await find('w')).toMatchObject({ lastUpdate: START - 5, expiration: START + 7, active: true });
      await w.advance(7);
      expect((await find('w')).active).toBe(false);
    });

    it('that is to keep the times leaves those it does not give, while the worker is active', async () => {
      await change('w', { update: { lifetime: 5 * SECOND } });
      await w.advance(SECOND);
      await change('w', { update: { keepTimes: true, mode: 'm' } });
      expect(await find('w')).toMatchObject({ mode: 'm', lastUpdate: START, expiration: START + 5 * SECOND });
      await change('w', { update: { keepTimes: true, lastUpdate: w.now } });
      expect(await find('w')).toMatchObject({ lastUpdate: w.now, expiration: START + 5 * SECOND });
      await change('w', { update: { keepTimes: true, expiration: START + 9 * SECOND } });
      expect(await find('w')).toMatchObject({ lastUpdate: w.now, expiration: START + 9 * SECOND });
      await w.advance(8 * SECOND - 1);
      expect(await list({ active: true })).toEqual(['w']);
      await w.advance(1);
      expect(await list({ active: true })).toEqual([]);
    });

    it('that is to keep the times of a worker that is gone brings it back from now on', async () => {
      await change('expired', { update: { lifetime: SECOND } });
      await change('stopped', { update: { lifetime: LEASE } });
      await w.workers.deactivate(w.namespace, 'stopped');
      await w.advance(SECOND);
      for (const name of ['expired', 'stopped', 'new']) {
        await change(name, { update: { keepTimes: true } });
        expect(await find(name)).toMatchObject({
          active: true,
          lastUpdate: w.now,
          expiration: w.now + DEFAULT_LIFETIME,
        });
      }
      expect(await list({ active: true })).toEqual(['expired', 'new', 'stopped']);
    });

    it('leaves data and mode that it does not give', async () => {
      await change('w', { update: { data: data({ x: 1 }), mode: 'm' } });
      await w.advance(SECOND);
      await change('w', { update: {} });
      expect(await find('w')).toMatchObject({ mode: 'm', lastUpdate: START + SECOND });
      expect(show((await find('w')).data)).toEqual({ x: 1 });
      await change('w', { update: { data: data({}), mode: '' } });
      expect((await find('w')).mode).toBe('');
      expect(hex((await find('w')).data)).toBe('a0');
    });

    it('keeps data to the byte, in memory of its own', async () => {
      const bytes = Buffer.from('bf61789fd88043ff00c3ffff', 'hex'); // {_ "x": [_ 128(h'ff00c3')]}
      const form = hex(bytes);
      await change('w', { update: { data: bytes } });
      bytes.fill(0);
      expect(hex((await find('w')).data)).toBe(form);
    });

    it('makes it active again after it expired or was deactivated', async () => {
      await change('w', { update: { lifetime: SECOND } });
      await w.advance(SECOND);
      expect((await find('w')).active).toBe(false);
      await change('w', { update: { lifetime: SECOND } });
      expect((await find('w')).active).toBe(true);
      await w.workers.deactivate(w.namespace, 'w');
      expect((await find('w')).active).toBe(false);
      await change('w', { update: { lifetime: SECOND } });
      expect((await find('w')).active).toBe(true);
    });

    it('is undone by the clock being set back before its time was over, in listings and counts too', async () => {
      await w.workers.change(w.namespace, 'w', { update: { lifetime: 10 * SECOND } });
      await w.workers.change(w.namespace, 'stopped', { update: { lifetime: 10 * SECOND }, deactivate: true });
      const active = async () => [
        (await w.workers.list(w.namespace, { active: true })).map(({ name }) => name),
        (await w.workers.stats(w.namespace)).workers,
      ];
      await w.advance(10 * SECOND);
      expect(await active()).toEqual([[], 0]);
      await w.setClock(START + 5 * SECOND);
      expect(await active()).toEqual([['w'], 1]);
      await w.advance(5 * SECOND);
      expect(await active()).toEqual([[], 0]);
    });

    it('is undone so for those too that became inactive when the time of others was over', async () => {
      const update = { lifetime: 10 * SECOND };
      for (const name of ['a', 'b', 'c']) await w.workers.change(w.namespace, name, { update });
      await w.advance(10 * SECOND);
      await w.workers.change(w.namespace, 'w', { update: { lifetime: 0 } });
      await w.setClock(START + 10 * SECOND - 1);
      const active = await w.workers.list(w.namespace, { active: true });
      expect(active.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'w']);
    });

    it('with an expiration that has passed leaves it inactive', async () => {
      await change('w', { update: { expiration: START } });
      expect((await find('w')).active).toBe(false);
      expect(await list({ active: true })).toEqual([]);
      expect(await list()).toEqual(['w']);
    });
  });

  describe('an active worker', () => {
    it('is one that is not deactivated and not past its expiration', async () => {
      await change('a', { update: { lifetime: SECOND } });
      await change('b', { update: { lifetime: 2 * SECOND } });
      await w.advance(SECOND - 1);
      expect(await list({ active: true })).toEqual(['a', 'b']);
      await w.advance(1);
      expect([(await find('a')).active, (await find('b')).active]).toEqual([false, true]);
      expect(await list({ active: true })).toEqual(['b']);
      expect(await w.workers.deactivate(w.namespace, 'b')).toBe(true);
      expect((await find('b')).active).toBe(false);
      expect(await list({ active: true })).toEqual([]);
      expect(await list()).toEqual(['a', 'b']);
    });

    it('keeps its data, mode and times when it is deactivated', async () => {
      await change('w', { update: { data: data({ x: 1 }), mode: 'm' } });
      const before = await find('w');
      await w.advance(SECOND);
      await change('w', { deactivate: true });
      expect(await find('w')).toEqual({ ...before, active: false });
    });

    it('leaves its pending attempts to their leases when it is deactivated or expires', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b');
      await w.take('gone');
      await w.workers.deactivate(w.namespace, 'gone');
      await change('old', { update: { lifetime: SECOND } });
      await w.take('old');
      await w.advance(SECOND);
      expect(await w.counts('s')).toEqual({ pending: 2 });
      expect([await w.activeOf('gone'), await w.activeOf('old')]).toEqual([['s/a'], ['s/b']]);
      await w.setClock(START + LEASE);
      expect(await w.counts('s')).toEqual({ available: 2 });
    });
  });

  describe('the parent of a worker', () => {
    it('is set, moved and cleared', async () => {
      await change('w', { parent: 'p' });
      expect((await find('w')).parent).toBe('p');
      expect((await find('p')).children).toEqual(['w']);
      await change('w', { parent: 'q' });
      expect((await find('w')).parent).toBe('q');
      expect((await find('p')).children).toEqual([]);
      expect((await find('q')).children).toEqual(['w']);
      await change('w', { parent: null });
      expect((await find('w')).parent).toBeUndefined();
      expect((await find('q')).children).toEqual([]);
    });

    it('stays as it is where a change does not name it', async () => {
      await change('w', { parent: 'p' });
      await change('w', { update: { mode: 'm' } });
      await change('w', { deactivate: true });
      expect((await find('w')).parent).toBe('p');
    });

    it('is a record that is created too, not active', async () => {
      await change('w', { parent: 'p', update: {} });
      expect(await find('p')).toMatchObject({ active: false, parent: undefined, children: ['w'] });
      expect(await list({ active: true })).toEqual(['w']);
      expect(await list({ reported: true })).toEqual(['w']);
      expect(await list()).toEqual(['p', 'w']);
    });

    it('that exists is not changed by being named', async () => {
      await change('p', { update: { mode: 'parent' } });
      const before = await find('p');
      await w.advance(SECOND);
      await change('w', { parent: 'p' });
      expect(await find('p')).toEqual({ ...before, children: ['w'] });
    });

    it('has its children sorted bytewise', async () => {
      for (const name of ['\xff', 'b', '', 'a\x00', 'a']) await change(name, { parent: 'p' });
      expect((await find('p')).children).toEqual(['', 'a', 'a\x00', 'b', '\xff']);
    });

    it('can not be the worker itself or below it, and then nothing changes', async () => {
      await change('child', { parent: 'w', update: { mode: 'c' } });
      await change('grandchild', { parent: 'child' });
      for (const parent of ['w', 'child', 'grandchild']) {
        expect(await refusal(() => change('w', { parent, update: { mode: 'new' } }))).toBe('invalid parent');
      }
      expect(await find('w')).toMatchObject({ parent: undefined, mode: '', active: false });
      expect(await refusal(() => change('fresh', { parent: 'fresh' }))).toBe('invalid parent');
      expect(await w.workers.find(w.namespace, 'fresh')).toBeUndefined();
      const below = { parent: 'fresh' };
      expect(await refusal(() => w.workers.change('new', 'fresh', below))).toBe('invalid parent');
      expect(await w.namespaces.exists('new')).toBe(false);
      await change('grandchild', { parent: 'w' }); // a sibling of its old parent now
      expect((await find('w')).children).toEqual(['child', 'grandchild']);
    });

    it('may be the worker with the empty name', async () => {
      await change('w', { parent: '' });
      expect((await find('w')).parent).toBe('');
      expect((await find('')).children).toEqual(['w']);
    });
  });

  describe('the list of workers', () => {
    it('is sorted bytewise and taken in windows', async () => {
      const all = ['\x00', 'a', 'a\x00', 'aa', 'b', '\x80', '\xff'];
      for (const name of [...all].reverse()) await w.workers.ensure(w.namespace, name);
      expect(await list()).toEqual(all);
      expect(await list({ limit: 2 })).toEqual(['\x00', 'a']);
      expect(await list({ previous: 'a', limit: 2 })).toEqual(['a\x00', 'aa']);
      expect(await list({ previous: 'aaa' })).toEqual(['b', '\x80', '\xff']);
      expect(await list({ previous: '\xff' })).toEqual([]);
      expect(await list({ previous: '' })).toEqual(all);
      expect(await list({ limit: 0 })).toEqual([]);
    });

    it('can be limited to active ones, and to those that have sent a heartbeat or update', async () => {
      await w.claim('claimed');
      await w.workers.ensure(w.namespace, 'ensured');
      await change('updated', { update: { lifetime: SECOND } });
      await change('child', { update: {}, parent: 'parent' });
      await change('deactivated', { update: {}, deactivate: true });
      expect(await list()).toEqual(['child', 'claimed', 'deactivated', 'ensured', 'parent', 'updated']);
      expect(await list({ active: true })).toEqual(['child', 'claimed', 'ensured', 'updated']);
      expect(await list({ reported: true })).toEqual(['child', 'deactivated', 'updated']);
      expect(await list({ active: true, reported: true })).toEqual(['child', 'updated']);
      await w.advance(SECOND);
      expect(await list({ active: true, reported: true })).toEqual(['child']);
      expect(await list({ active: true, previous: 'child', limit: 1 })).toEqual(['claimed']);
    });

    it('shows mode, parent and whether each is active', async () => {
      await change('w', { update: { mode: 'run' }, parent: 'p' });
      expect(await w.workers.list(w.namespace, {})).toEqual([
        { name: 'p', active: false, mode: '', parent: undefined, lastUpdate: START },
        { name: 'w', active: true, mode: 'run', parent: 'p', lastUpdate: START },
      ]);
    });

    it('never shows the worker with the empty name', async () => {
      await change('', { update: {} });
      expect(await list()).toEqual([]);
      expect(await list({ active: true, reported: true })).toEqual([]);
      expect((await find('')).active).toBe(true);
    });

    it('of hundreds is whole in small windows', async () => {
      const names = Array.from({ length: 300 }, (_, index) => `w${String(index).padStart(3, '0')}`);
      for (const name of names) await change(name, { update: { lifetime: name < 'w150' ? SECOND : LEASE } });
      await w.advance(SECOND);
      const seen: string[] = [];
      for (;;) {
        const window = await list({ active: true, previous: seen.at(-1), limit: 7 });
        if (window.length === 0) break;
        seen.push(...window);
      }
      expect(seen).toEqual(names.slice(150));
    });
  });

  describe('a list of workers with what they hold', () => {
    const held = async (query: WorkerQuery = {}) => await w.workers.list(w.namespace, { held: true, ...query });

    it('tells of each its parent, its mode, its sign of life and what its data tell of host and memory', async () => {
      const heard = [
        ['none', {}, {}],
        ['host', { hostname: 'node-7', host: 'other', memory: 5_000 }, { host: 'node-7', memory: 5_000 }],
        [
          'list',
          { memory: [70_000_000_000, 3], fqdn: 'node.example' },
          { host: 'node.example', memory: 70_000_000_000 },
        ],
        ['map', { memory: { vms: 1, rss: 7 } }, { memory: 7 }],
        ['odd', { hostname: { a: 1 }, memory: 'much' }, {}],
        ['long', { host: 'h', more: 'x'.repeat(20_000) }, {}],
      ] as const;
      for (const [name, said] of heard) {
        await change(name, { parent: 'parent', update: { mode: `mode of ${name}`, data: data(said) } });
        await w.advance(SECOND);
      }
      for (const query of [{}, { active: true }, { byClaim: true }]) {
        const listed = new Map((await held(query)).map((worker) => [worker.name, worker]));
        heard.forEach(([name, , told], at) => {
          const lastUpdate = START + at * SECOND;
          expect(listed.get(name)).toMatchObject({ parent: 'parent', mode: `mode of ${name}`, lastUpdate });
          expect(listed.get(name)!.told).toEqual(told);
        });
      }
      await change('host', { update: { data: data({ host: 'moved' }) } });
      expect((await held({ previous: 'h', limit: 1 }))[0].told).toEqual({ host: 'moved' });
    });

    it('tells how many units each has finished in the last hour, whatever became of them since', async () => {
      await w.spec('s');
      await w.spec('t', { then: 's' });
      await w.add('s', 'a', 'b', 'c');
      await w.add('t', 'd');
      const done = async (): Promise<unknown> =>
        Object.fromEntries((await held()).map(({ name, done }) => [name, done]));
      for (const unit of ['a', 'b', 'c']) await w.make(unit === 'c' ? 'v' : 'w', 's', unit);
      await w.make('w', 't', 'd');
      await w.report('s', 'a', 'finished');
      await w.report('t', 'd', 'finished');
      await w.report('s', 'c', 'failed');
      expect(await done()).toEqual({ v: 0, w: 2 });
      await w.advance(1800 * SECOND);
      await w.make('w', 's', 'b');
      await w.report('s', 'b', 'finished');
      await w.units.delete(w.namespace, 's', { names: ['a', 'b'] });
      expect(await done()).toEqual({ v: 0, w: 3 });
      await w.advance(2400 * SECOND);
      expect(await done()).toEqual({ v: 0, w: 1 });
      await w.advance(2400 * SECOND);
      expect(await done()).toEqual({ v: 0, w: 0 });
    });
  });

  describe('the statistics of workers', () => {
    it('count the active ones that have sent a heartbeat or update, and those of them with a parent', async () => {
      await change('a', { update: {} });
      await change('b', { update: {}, parent: 'a' });
      await change('c', { update: {}, parent: 'only named' });
      await change('d', { update: {}, parent: 'a', deactivate: true });
      await change('e', { update: { lifetime: SECOND }, parent: 'a' });
      await w.claim('f');
      expect(await w.workers.stats(w.namespace)).toEqual({ workers: 4, children: 3 });
      await w.advance(SECOND);
      expect(await w.workers.stats(w.namespace)).toEqual({ workers: 3, children: 2 });
    });
  });
}
