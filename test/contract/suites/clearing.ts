import { SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { refusal, show } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

export function describeClearing(w: World): void {
  const clear = async (...names: string[]): Promise<number> => await w.units.clear(w.namespace, 's', { names });

  describe('clearing a work unit', () => {
    it.each(['pending', 'finished', 'failed'] as const)(
      'that is %s makes it available, with its own data',
      async (status) => {
        await w.spec('s');
        await w.add('s', { name: 'u', data: { own: 1 } });
        const attempt = await w.take();
        const details = { content: { attempt: 1 } };
        if (status === 'pending') await w.act(attempt, 'renew', { ...details, duration: LEASE });
        else await w.act(attempt, status === 'finished' ? 'finish' : 'fail', details);
        expect(await clear('u')).toBe(1);
        expect(await w.unit('s', 'u')).toMatchObject({ status: 'available', activeAttempt: undefined });
        expect(await w.data('s', 'u')).toEqual({ own: 1 });
        expect(await w.counts('s')).toEqual({ available: 1 });

        // The attempt keeps its status, its data and its place in both lists.
        const after = await w.attempt(attempt);
        expect(after.status).toBe(status);
        expect(show(after.data)).toEqual({ attempt: 1 });
        expect(await w.history('s', 'u')).toEqual([`w ${status}`]);
        expect(await w.allOf('w')).toEqual(['s/u']);
        expect(await w.activeOf('w')).toEqual(status === 'pending' ? ['s/u'] : []);
      },
    );

    it('that has a not_before ahead makes it delayed', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', delay: SECOND });
      await w.act(await w.make('w', 's', 'u'), 'finish');
      await clear('u');
      expect(await w.status('s', 'u')).toBe('delayed');
      await w.advance(SECOND);
      expect(await w.claimed()).toEqual(['u']);
    });

    it('makes it claimable again at once, by another worker too', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const first = await w.take('w1');
      await clear('u');
      const second = await w.take('w2');
      expect((await w.unit('s', 'u')).activeAttempt).toMatchObject({ number: second.number, worker: 'w2' });
      expect(await w.history('s', 'u')).toEqual(['w1 pending', 'w2 pending']);
      expect(first.number).toBeLessThan(second.number);
    });

    it('without an active attempt changes nothing that can be seen', async () => {
      await w.spec('s');
      await w.add('s', { name: 'a', data: { x: 1 }, priority: 2 }, { name: 'b', delay: SECOND });
      const before = [await w.unit('s', 'a'), await w.unit('s', 'b')];
      expect(await clear('a', 'b', 'none')).toBe(2);
      expect([await w.unit('s', 'a'), await w.unit('s', 'b')]).toEqual(before);
    });

    it('without an active attempt ends lateness', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.advance(LEASE);
      await clear('u');
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
      expect(await w.status('s', 'u')).toBe('available');
    });

    it('restarts the count of max_retries, with an active attempt and without', async () => {
      await w.spec('s', { max_retries: 1 });
      await w.add('s', 'u');
      await w.act(await w.take(), 'retry');
      await clear('u');
      await w.take();
      await w.units.change(w.namespace, 's', 'u', { clear: true });
      await w.take();
      expect(await w.history('s', 'u')).toEqual(['w retryable', 'w pending', 'w pending']);
    });

    it('is done to all units that a query selects', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', 'd');
      const { attempts } = await w.claim('w', { units: 4 });
      await w.act(attempts[0], 'finish');
      await w.act(attempts[1], 'fail');
      await w.act(attempts[2], 'fail');
      expect(await w.units.clear(w.namespace, 's', { statuses: ['failed'] })).toBe(2);
      expect(await w.counts('s')).toEqual({ finished: 1, available: 2, pending: 1 });
      expect(await w.units.clear(w.namespace, 's', {})).toBe(4);
      expect(await w.counts('s')).toEqual({ available: 4 });
    });

    it('can be said with new meta, which then decides the status', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      await w.act(await w.take(), 'fail');
      await w.units.change(w.namespace, 's', 'u', { clear: true, notBefore: START + SECOND, priority: 3 });
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'delayed', priority: 3 });
    });
  });
}
