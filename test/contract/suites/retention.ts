import type { RetentionLimit } from 'coordinate-daemon/backend';
import { DAY, RetentionPolicy, SECOND } from 'coordinate-daemon/backend';
import { expect, it } from 'vitest';
import { refusal } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

export function describeRetention(w: World): void {
  /** Rounds until nothing more is due. @returns how many units and workers went */
  async function retain(policy: RetentionPolicy, workSpecs?: string[]): Promise<{ units: number; workers: number }> {
    const gone = { units: 0, workers: 0 };
    for (let rounds = 0; rounds < 1000; rounds++) {
      const { units, workers, more } = await w.maintenance.retain(policy, { namespace: w.namespace, workSpecs });
      gone.units += units;
      gone.workers += workers;
      if (!more) return gone;
    }
    throw new Error('retention does not come to an end');
  }
  const finished = (limit: RetentionLimit): RetentionPolicy => new RetentionPolicy(limit);
  const failed = (limit: RetentionLimit): RetentionPolicy => new RetentionPolicy({}, limit);
  const workers = (limit: RetentionLimit): RetentionPolicy => new RetentionPolicy({}, {}, limit);

  /** Units that end one second after another, in this order. */
  async function end(spec: string, action: 'finish' | 'fail', ...names: string[]): Promise<void> {
    await w.add(spec, ...names);
    for (const name of names) {
      await w.act(await w.make('w', spec, name), action);
      await w.advance(SECOND);
    }
  }

  /** Two daemons that apply a policy eight times at once, half of that in all namespaces. */
  async function severalDaemons(): Promise<(policy: RetentionPolicy) => Promise<void>> {
    const daemons = [w.repositories, w.has('sharing') ? await w.another() : w.repositories];
    return async (policy) => {
      await Promise.all(
        Array.from({ length: 8 }, async (_, index) => {
          const { maintenance } = daemons[index % 2];
          await (index < 4 ? maintenance.retain(policy) : maintenance.retain(policy, { namespace: w.namespace }));
        }),
      );
    };
  }

  w.describeWith('retention', 'retention of units', () => {
    it('without limits keeps everything', async () => {
      await w.spec('s');
      await end('s', 'finish', 'a', 'b');
      await end('s', 'fail', 'c');
      await w.advance(1000 * DAY);
      expect(await retain(new RetentionPolicy())).toEqual({ units: 0, workers: 0 });
      expect(await w.counts('s')).toEqual({ finished: 2, failed: 1 });
    });

    it('removes finished units whose attempt ended so long ago', async () => {
      await w.spec('s');
      await end('s', 'finish', 'c', 'a', 'b');
      await w.setClock(START + SECOND + 10 * SECOND - 1);
      expect(await retain(finished({ age: 10 * SECOND }))).toEqual({ units: 1, workers: 0 });
      expect(await w.names('s')).toEqual(['a', 'b']);
      await w.advance(1);
      expect(await retain(finished({ age: 10 * SECOND }))).toEqual({ units: 1, workers: 0 });
      expect(await w.names('s')).toEqual(['b']);
    });

    it('removes the oldest finished units of a spec beyond a count', async () => {
      for (const spec of ['s', 't']) {
        await w.spec(spec);
        await end(spec, 'finish', 'd', 'a', 'c', 'b');
      }
      expect(await retain(finished({ count: 2 }))).toEqual({ units: 4, workers: 0 });
      expect([await w.names('s'), await w.names('t')]).toEqual([
        ['b', 'c'],
        ['b', 'c'],
      ]);
      expect(await retain(finished({ count: 0 }))).toEqual({ units: 4, workers: 0 });
    });

    it('removes what either of an age and a count does not keep', async () => {
      await w.spec('s');
      await end('s', 'finish', 'a', 'b', 'c', 'd');
      expect(await retain(finished({ age: 3 * SECOND, count: 3 }))).toEqual({ units: 2, workers: 0 }); // a and b by age
      expect(await retain(finished({ age: 3 * SECOND, count: 1 }))).toEqual({ units: 1, workers: 0 });
      expect(await w.names('s')).toEqual(['d']);
    });

    it('has a limit of its own for failed units', async () => {
      await w.spec('s');
      await end('s', 'finish', 'a', 'b');
      await end('s', 'fail', 'c', 'd');
      expect(await retain(failed({ count: 1 }))).toEqual({ units: 1, workers: 0 });
      expect(await w.names('s')).toEqual(['a', 'b', 'd']);
      expect(await retain(finished({ age: 0 }))).toEqual({ units: 2, workers: 0 });
      expect(await w.names('s')).toEqual(['d']);
    });

    it('leaves units of other statuses alone, and those that were cleared', async () => {
      await w.spec('s');
      await end('s', 'finish', 'cleared', 'again');
      await w.units.clear(w.namespace, 's', { names: ['cleared'] });
      await w.add('s', 'again', 'available', { name: 'delayed', delay: DAY }, 'pending');
      await w.make('w', 's', 'pending', DAY);
      expect(await retain(new RetentionPolicy({ age: 0, count: 0 }, { age: 0, count: 0 }))).toEqual({
        units: 0,
        workers: 0,
      });
      expect(await w.counts('s')).toEqual({ available: 3, delayed: 1, pending: 1 });
    });

    it('counts from the latest end: a success after a failure starts anew', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.act(attempt, 'fail');
      await w.advance(10 * SECOND);
      await w.act(attempt, 'finish');
      expect(await retain(new RetentionPolicy({ age: SECOND }, { age: SECOND }))).toEqual({ units: 0, workers: 0 });
      await w.advance(SECOND);
      expect(await retain(finished({ age: SECOND }))).toEqual({ units: 1, workers: 0 });
    });

    it('takes units out of all counts and lists, with their attempts', async () => {
      await w.spec('s');
      await end('s', 'finish', 'u');
      const [attempt] = await w.units.attempts(w.namespace, 's', 'u');
      await retain(finished({ count: 0 }));
      expect(await w.counts('s')).toEqual({});
      expect(await w.namespaces.summarize()).toEqual([]);
      expect(await w.names('s')).toEqual([]);
      expect(await w.allOf('w')).toEqual([]);
      expect(await refusal(() => w.attempt(attempt))).toBe('ErrNoSuchWorkUnit');
    });

    it('is applied to the specs that are named', async () => {
      for (const spec of ['s', 't', 'u']) {
        await w.spec(spec);
        await end(spec, 'finish', 'x');
      }
      expect(await retain(finished({ count: 0 }), ['s', 'u', 'none'])).toEqual({ units: 2, workers: 0 });
      expect([await w.counts('s'), await w.counts('t'), await w.counts('u')]).toEqual([{}, { finished: 1 }, {}]);
    });

    it('is applied to all namespaces, or to one', async () => {
      for (const namespace of ['one', 'two', 'three']) {
        await w.spec('s', {}, namespace);
        await w.units.add(namespace, 's', [{ name: 'u', data: Uint8Array.of(0xa0), priority: 0 }]);
        await w.attempts.report(namespace, { workSpec: 's', workUnit: 'u', status: 'finished', lifetime: LEASE });
      }
      const policy = finished({ count: 0 });
      expect(await w.maintenance.retain(policy, { namespace: 'two' })).toMatchObject({ units: 1 });
      expect(await w.units.listNames('one', 's', {})).toEqual(['u']);
      expect(await w.maintenance.retain(policy)).toMatchObject({ units: 2 });
      expect(await w.maintenance.retain(policy, { namespace: 'none' })).toEqual({ units: 0, workers: 0, more: false });
      expect(await w.namespaces.exists('none')).toBe(false);
    });

    it('by a count keeps that many, however many daemons apply it at once', async () => {
      const retainAtOnce = await severalDaemons();
      await w.spec('s');
      const names = Array.from({ length: 60 }, (_, index) => `u${String(index).padStart(2, '0')}`);
      for (const [action, some] of [
        ['finish', names.slice(0, 40)],
        ['fail', names.slice(40)],
      ] as const) {
        await w.add('s', ...some);
        for (const ref of (await w.claim('w', { units: some.length })).attempts) {
          await w.act(ref, action);
          await w.advance(1);
        }
      }
      const policy = new RetentionPolicy({ count: 10 }, { count: 5 });
      // Once without anything to do, so that none of them is late for having to connect first.
      for (const each of [new RetentionPolicy(), policy]) await retainAtOnce(each);
      expect(await w.names('s')).toEqual([...names.slice(30, 40), ...names.slice(55)]);
      expect(await w.counts('s')).toEqual({ finished: 10, failed: 5 });
    });

    it('of very many takes several rounds, and comes to an end', async () => {
      await w.spec('s');
      const names = Array.from({ length: 12_000 }, (_, index) => `u${index}`);
      await w.add('s', ...names);
      const { attempts } = await w.claim('w', { units: names.length });
      await w.attempts.changeMany(
        w.namespace,
        attempts.map((ref) => ({ ref, action: 'finish' })),
      );
      expect(await retain(finished({ count: 100 }))).toEqual({ units: 11_900, workers: 0 });
      expect(await w.counts('s')).toEqual({ finished: 100 });
    });
  });

  w.describeWith('retention', 'retention of workers', () => {
    const names = async (): Promise<string[]> => (await w.workers.list(w.namespace, {})).map(({ name }) => name);
    const update = async (name: string, lifetime: number): Promise<void> =>
      await w.workers.change(w.namespace, name, { update: { lifetime } });

    it('removes records that have been inactive so long', async () => {
      await update('expired', SECOND);
      await update('active', 30 * DAY);
      await update('deactivated', 30 * DAY);
      await w.advance(2 * SECOND);
      await w.workers.deactivate(w.namespace, 'deactivated');
      const policy = workers({ age: 7 * DAY });
      await w.setClock(START + SECOND + 7 * DAY - 1);
      expect(await retain(policy)).toEqual({ units: 0, workers: 0 });
      await w.advance(1);
      expect(await retain(policy)).toEqual({ units: 0, workers: 1 });
      expect(await names()).toEqual(['active', 'deactivated']);
      await w.advance(SECOND);
      expect(await retain(policy)).toEqual({ units: 0, workers: 1 });
      expect(await names()).toEqual(['active']);
      expect(await w.workers.find(w.namespace, 'expired')).toBeUndefined();
    });

    it('goes by when the time of a worker was over, also where it was deactivated since, after another became inactive', async () => {
      await update('silent', SECOND);
      await w.advance(DAY);
      await w.workers.change(w.namespace, 'silent', { parent: 'named', deactivate: true });
      expect(await retain(workers({ age: 60 * SECOND }))).toEqual({ units: 0, workers: 1 });
      expect(await names()).toEqual(['named']);
    });

    it('removes those beyond a count, the longest inactive first', async () => {
      for (const [index, name] of ['c', 'a', 'd', 'b'].entries()) await update(name, (index + 1) * SECOND);
      await update('active', DAY);
      await w.advance(10 * SECOND);
      expect(await retain(workers({ count: 2 }))).toEqual({ units: 0, workers: 2 });
      expect(await names()).toEqual(['active', 'b', 'd']);
    });

    it('keeps so many of them, however many daemons apply it at once', async () => {
      const retainAtOnce = await severalDaemons();
      for (let index = 0; index < 30; index++) await update(`w${String(index).padStart(2, '0')}`, (index + 1) * SECOND);
      await w.advance(60 * SECOND);
      const policy = workers({ count: 10 });
      await retainAtOnce(new RetentionPolicy());
      await retainAtOnce(policy);
      expect(await names()).toEqual(Array.from({ length: 10 }, (_, index) => `w${index + 20}`));
    });

    it('counts from when one expired, though nobody looked until others had become inactive', async () => {
      await update('w', SECOND);
      await w.advance(10 * SECOND);
      await w.workers.change(w.namespace, 'child', { parent: 'parent' });
      await w.setClock(START + 25 * SECOND);
      expect(await retain(workers({ age: 20 * SECOND }))).toEqual({ units: 0, workers: 1 });
      expect(await names()).toEqual(['child', 'parent']);
    });

    it('counts from when one became inactive, though it is deactivated later', async () => {
      await update('w', SECOND);
      await w.advance(DAY);
      await w.workers.deactivate(w.namespace, 'w');
      await w.workers.change(w.namespace, 'w', { deactivate: true });
      expect(await retain(workers({ age: DAY - SECOND }))).toEqual({ units: 0, workers: 1 });
    });

    it('keeps one that has a pending attempt, and removes it soon after that is over', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      for (const name of ['idle', 'worker', 'young']) await update(name, SECOND);
      await w.make('worker', 's', 'u', 5 * DAY);
      await w.advance(2 * DAY);
      await update('young', SECOND);
      await w.advance(2 * SECOND);
      const policy = workers({ age: DAY });
      expect(await retain(policy)).toEqual({ units: 0, workers: 1 });
      expect(await retain(policy)).toEqual({ units: 0, workers: 0 });
      expect(await names()).toEqual(['worker', 'young']);
      await w.setClock(START + 5 * DAY);
      await update('young', SECOND);
      await w.advance(2 * SECOND);
      expect(await retain(policy)).toEqual({ units: 0, workers: 1 });
      expect(await names()).toEqual(['young']);
    });

    it('keeps one whose pending attempt is no longer the active one of its unit', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      await update('worker', SECOND);
      await w.make('worker', 's', 'u', 5 * DAY);
      await w.units.clear(w.namespace, 's', {});
      await w.advance(2 * DAY);
      expect(await retain(workers({ age: DAY }))).toEqual({ units: 0, workers: 0 });
      expect(await w.activeOf('worker')).toEqual(['s/u']);
    });

    it('leaves attempts the name of their worker', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      await w.act(await w.take('gone'), 'finish');
      await w.advance(DAY);
      expect(await retain(workers({ age: SECOND }))).toEqual({ units: 0, workers: 1 });
      expect(await w.workers.find(w.namespace, 'gone')).toBeUndefined();
      expect(await w.history('s', 'u')).toEqual(['gone finished']);
      expect((await w.unit('s', 'u')).activeAttempt).toMatchObject({ worker: 'gone' });
      await w.units.delete(w.namespace, 's', {});
      expect(await w.counts('s')).toEqual({});
    });

    it('lets one that comes back begin anew', async () => {
      await w.workers.change(w.namespace, 'w', {
        update: { mode: 'old', data: Uint8Array.of(0xa1, 1, 2) },
        parent: 'p',
      });
      await w.workers.deactivate(w.namespace, 'w');
      await w.advance(DAY);
      await update('p', DAY);
      await retain(workers({ age: SECOND }));
      expect((await w.workers.find(w.namespace, 'p'))!.children).toEqual([]);
      expect(await w.workers.ensure(w.namespace, 'w')).toMatchObject({
        active: true,
        mode: '',
        parent: undefined,
        lastUpdate: w.now,
        lastClaim: undefined,
      });
      expect(await names()).toEqual(['p', 'w']);
      expect((await w.workers.list(w.namespace, { reported: true })).map(({ name }) => name)).toEqual(['p']);
    });

    it('keeps a parent as long as it has children, and removes it with the last of them', async () => {
      await w.workers.change(w.namespace, 'child', { update: { lifetime: 2 * DAY }, parent: 'parent' });
      await w.workers.change(w.namespace, 'parent', { parent: 'grandparent' });
      await w.advance(2 * DAY);
      const policy = workers({ age: DAY });
      expect(await retain(policy)).toEqual({ units: 0, workers: 0 });
      expect(await names()).toEqual(['child', 'grandparent', 'parent']);
      await w.advance(DAY);
      let gone = 0;
      for (let rounds = 0; rounds < 3; rounds++) gone += (await retain(policy)).workers;
      expect(gone).toBe(3);
      expect(await names()).toEqual([]);
    });

    it('comes to an end however many must stay', async () => {
      await w.spec('s');
      const many = Array.from({ length: 50 }, (_, index) => `w${index}`);
      await w.add('s', ...many);
      for (const name of many) {
        await update(name, SECOND);
        await w.make(name, 's', name, 9 * DAY);
      }
      await w.advance(2 * DAY);
      expect(await w.maintenance.retain(workers({ age: DAY, count: 3 }))).toEqual({
        units: 0,
        workers: 0,
        more: false,
      });
      expect(await names()).toHaveLength(50);
    });
  });
}
