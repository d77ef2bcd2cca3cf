import type { Attempt, Cancellation, ReportedStatus } from 'coordinate-daemon/backend';
import { causeId, causeNumber, SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { attemptsOf } from '../attempts.js';
import { refusal, show } from '../data.js';
import type { World } from '../world.js';
import { LEASE } from '../world.js';

const CANCELLED = { changed: false, reason: 'cancelled' };
const HOME: readonly ReportedStatus[] = ['pending', 'finished', 'failed'];

/** Stopping what runs. */
export function describeCancelling(w: World): void {
  const cancel = async (cancellation: Cancellation = {}, query: Parameters<World['names']>[1] = {}): Promise<number> =>
    await w.units.cancel(w.namespace, 's', query, cancellation);

  /** Units of a spec that chains into `t`, held by a worker each. */
  async function running(...names: string[]): Promise<Attempt[]> {
    await w.spec('s', { then: 't' });
    await w.spec('t');
    await w.add('s', ...names.map((name) => ({ name, data: { unit: name } })));
    const attempts: Attempt[] = [];
    for (const name of names) attempts.push(await w.make(`worker ${name}`, 's', name));
    return attempts;
  }

  describe('cancelling', () => {
    it('fails the unit with a cause that tells the reason, and no late finish wins over it', async () => {
      const [attempt] = await running('u');
      await w.advance(SECOND);
      const ended = await w.act(attempt, 'cancel', { cause: 'wrong  size\n3' });
      expect(ended).toMatchObject({ status: 'cancelled', end: w.now });
      const failure = causeId(causeNumber('cancelled: wrong size 3'));
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'failed', failure });
      expect(await w.units.failures(w.namespace, 's', 10)).toMatchObject([
        { cause: 'cancelled: wrong size 3', count: 1 },
      ]);
      await w.advance(SECOND);
      const late = { content: { output: ['next'] } };
      for (const action of ['finish', 'fail', 'retry', 'expire'] as const) {
        expect(await refusal(() => w.act(attempt, action, late))).toBe('ErrNotPending');
      }
      expect(await refusal(() => w.act(attempt, 'renew', { ...late, duration: LEASE }))).toBe('ErrLostLease');
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'failed', failure });
      expect(show((await w.attempt(attempt)).data)).toEqual({ unit: 'u' });
      expect(await w.counts('t')).toEqual({});
      expect(await w.history('s', 'u')).toEqual(['worker u cancelled']);
    });

    it('without a reason has a cause all the same', async () => {
      const [a, b] = await running('a', 'b');
      await w.act(a, 'cancel');
      await w.act(b, 'cancel', { cause: '' });
      expect(await w.units.failures(w.namespace, 's', 10)).toMatchObject([{ cause: 'cancelled', count: 2 }]);
    });

    it('of an attempt that lost its unit changes only the attempt', async () => {
      const [attempt] = await running('u');
      const next = await w.make('other', 's', 'u');
      await w.act(attempt, 'cancel');
      expect(await w.history('s', 'u')).toEqual(['worker u cancelled', 'other pending']);
      await w.act(next, 'finish');
      expect(await w.status('s', 'u')).toBe('finished');
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
    });

    it('leaves the unit to be cleared and given out again, which the attempt does not disturb', async () => {
      const [attempt] = await running('u');
      await w.act(attempt, 'cancel');
      await w.units.clear(w.namespace, 's', { statuses: ['failed'] });
      const next = await w.take('other');
      expect(await refusal(() => w.act(attempt, 'renew', { duration: LEASE }))).toBe('ErrLostLease');
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
      await w.act(next, 'finish');
      expect(await w.history('s', 'u')).toEqual(['worker u cancelled', 'other finished']);
    });

    it('with release gives the unit back at once, ahead of nothing', async () => {
      const [attempt] = await running('u');
      await w.act(attempt, 'recall');
      expect(await w.status('s', 'u')).toBe('available');
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
      expect(await w.claimed('other')).toEqual(['u']);
      expect(await w.history('s', 'u')).toEqual(['worker u recalled', 'other pending']);
      expect(await refusal(() => w.act(attempt, 'renew', { duration: LEASE }))).toBe('ErrLostLease');
    });
  });

  describe('cancelling by query', () => {
    it('stops those that are pending, of any query, and says how many', async () => {
      await running('a', 'b', 'c', 'd');
      await w.add('s', 'free');
      await w.act(await w.make('w', 's', 'd'), 'finish');
      expect(await cancel({ reason: 'x' }, { names: ['a', 'd', 'free', 'none'] })).toBe(1);
      expect(await cancel({ reason: 'y' }, { worker: 'worker b' })).toBe(1);
      expect(await cancel({ reason: 'z' }, { statuses: ['available', 'finished'] })).toBe(0);
      expect(await cancel({ reason: 'z' })).toBe(1);
      expect(await cancel({ reason: 'z' })).toBe(0);
      expect(await w.counts('s')).toEqual({ available: 1, failed: 3, finished: 1 });
      expect((await w.units.failures(w.namespace, 's', 10)).map(({ cause }) => cause)).toEqual([
        'cancelled: x',
        'cancelled: y',
        'cancelled: z',
      ]);
    });

    it('gives back with release, each once', async () => {
      await running('a', 'b', 'c');
      expect(await cancel({ release: true }, { limit: 2 })).toBe(2);
      expect(await w.counts('s')).toEqual({ available: 2, pending: 1 });
      expect(await cancel({ release: true }, { prefix: 'c' })).toBe(1);
      expect(await w.history('s', 'c')).toEqual(['worker c recalled']);
    });

    it('leaves those alone that a worker holds whom the request may not act for', async () => {
      await running('a', 'b');
      expect(await cancel({ workers: 'worker b' })).toBe(1);
      expect(await cancel({ workers: 'ci-' }, { contains: 'a' })).toBe(0);
      expect(await w.counts('s')).toEqual({ pending: 1, failed: 1 });
    });

    it('of a spec that is missing is an error', async () => {
      expect(await refusal(() => cancel())).toBe('ErrNoSuchWorkSpec');
    });
  });

  describe('a report on a unit that has been cancelled', () => {
    it.each([{ release: false }, { release: true }])('is refused, whoever sends it, with %j', async ({ release }) => {
      await running('u');
      await cancel({ release });
      for (const status of HOME) {
        for (const worker of [undefined, 'worker u']) {
          expect(await w.report('s', 'u', status, { worker, content: { output: ['x'] } })).toEqual(CANCELLED);
        }
      }
      expect(await w.report('s', 'u', 'available', { worker: 'worker u', delay: SECOND })).toEqual(CANCELLED);
      expect(await w.report('s', 'u', undefined, { worker: 'worker u', content: { x: 1 } })).toEqual(CANCELLED);
      if (!release) expect(await w.report('s', 'u', undefined)).toEqual(CANCELLED);
      expect(await w.counts('s')).toEqual({ [release ? 'available' : 'failed']: 1 });
      expect(await w.data('s', 'u')).toEqual({ unit: 'u' });
      expect(await w.counts('t')).toEqual({});
      expect(await w.history('s', 'u')).toEqual([`worker u ${release ? 'recalled' : 'cancelled'}`]);
    });

    it('stays refused when it is sent again, also after the unit has been cleared', async () => {
      await running('u');
      await cancel();
      expect(await w.report('s', 'u', 'available')).toEqual({ changed: true });
      for (let i = 0; i < 2; i++) expect(await w.report('s', 'u', 'finished', { content: {} })).toEqual(CANCELLED);
      expect(await w.history('s', 'u')).toEqual(['worker u cancelled']);
    });

    it('counts again once the unit is given out to another', async () => {
      await running('u');
      await cancel({ release: true });
      await w.take('other');
      expect(await w.report('s', 'u', 'finished')).toEqual({ changed: true });
      expect(await w.history('s', 'u')).toEqual(['worker u recalled', 'other finished']);
    });

    it('of another worker begins anew where it was given back', async () => {
      await running('u');
      await cancel({ release: true });
      expect(await w.report('s', 'u', 'finished', { worker: 'other' })).toEqual({ changed: true });
      expect(await w.history('s', 'u')).toEqual(['worker u recalled', 'other finished']);
    });
  });

  describe('who wants to know what is stopped', () => {
    it('hears of it, and reads which attempts of a worker it was', async () => {
      const heard: string[] = [];
      w.repositories.feed.hearStops((namespace) => heard.push(namespace));
      const [a, b] = await running('a', 'b');
      await w.act(a, 'cancel');
      await cancel({ release: true }, { names: ['b'] });
      expect(heard).toEqual([w.namespace, w.namespace]);
      const stopped = (worker: string) => attemptsOf(w.attempts, 'stopped', w.namespace, worker);
      expect((await stopped('worker a')).map(({ number, status }) => [number, status])).toEqual([
        [a.number, 'cancelled'],
      ]);
      await w.take('other');
      expect((await stopped('worker b')).map(({ number, status }) => [number, status])).toEqual([
        [b.number, 'recalled'],
      ]);
      expect(await stopped('other')).toEqual([]);
    });

    w.itWith(w.has('sharing') ? 'telling' : 'sharing', 'hears what another daemon stops', async () => {
      const other = await w.another();
      await expect.poll(() => other.feed.hearsStops).toBe(true);
      const heard = new Promise<string>((resolve) => other.feed.hearStops(resolve));
      await running('u');
      await cancel();
      expect(await heard).toBe(w.namespace);
    });
  });

  describe('what a parent sees of a child whose unit was cancelled', () => {
    it.each([false, true])('is the unit without a holder: release %s', async (release) => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { x: 1 } });
      await w.workers.change(w.namespace, 'child', { parent: 'p' });
      await w.take('child');
      await cancel({ release });
      const children = await w.workers.claimedByChildren(w.namespace, 'p');
      expect(
        [...children].map(([child, units]) => [child, units.map(({ workUnit, holder }) => [workUnit, holder])]),
      ).toEqual([['child', [['u', undefined]]]]);
    });
  });
}
