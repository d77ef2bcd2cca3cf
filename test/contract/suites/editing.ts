import { causeId, causeNumber, ZERO_TIME } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { data, refusal, show } from '../data.js';
import type { World } from '../world.js';
import { LEASE } from '../world.js';

/** Giving a unit other data. */
export function describeEditing(w: World): void {
  const edit = async (content: object, more: object = {}): Promise<void> => {
    await w.units.change(w.namespace, 's', 'u', { data: data(content as never), ...more });
  };
  async function begin(): Promise<void> {
    await w.spec('s', { max_retries: 9 });
    await w.add('s', { name: 'u', data: { v: 1 }, priority: 3 });
  }

  describe('editing a unit', () => {
    it('gives its next attempt the data, and changes nothing else', async () => {
      await begin();
      await edit({ v: 2 });
      expect(await w.data('s', 'u')).toEqual({ v: 2 });
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'available', priority: 3 });
      expect(show((await w.take()).data)).toEqual({ v: 2 });
    });

    it('is refused while it is pending, and then nothing changes', async () => {
      await begin();
      const attempt = await w.take();
      expect(await refusal(() => edit({ v: 2 }, { priority: 7, notBefore: w.now + LEASE }))).toBe('ErrPending');
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'pending', priority: 3, notBefore: ZERO_TIME });
      await w.act(attempt, 'expire');
      expect(await w.data('s', 'u')).toEqual({ v: 1 });
    });

    it('goes with taking the attempt away', async () => {
      await begin();
      await w.take();
      await edit({ v: 2 }, { clear: true });
      expect(await w.status('s', 'u')).toBe('available');
      expect(show((await w.take('other')).data)).toEqual({ v: 2 });
    });

    it.each(['failed', 'finished'] as const)('that is %s leaves it so, and what its attempt shows', async (status) => {
      await begin();
      const attempt = await w.take();
      const action = status === 'failed' ? 'fail' : 'finish';
      await w.act(attempt, action, { content: { error: 'E' } });
      const { failure } = await w.unit('s', 'u');
      for (const content of [{ v: 2 }, { v: 3 }]) {
        await edit(content);
        expect(await w.unit('s', 'u')).toMatchObject({ status, priority: 3, failure });
        expect(await w.data('s', 'u')).toEqual(content);
        expect((await w.units.getMany(w.namespace, 's', ['u'])).map((unit) => show(unit!.data))).toEqual([content]);
        expect(await w.units.measure(w.namespace, 's', {})).toEqual([{ name: 'u', bytes: 4 }]);
        expect(show((await w.attempt(attempt)).data)).toEqual({ error: 'E' });
      }
      if (status === 'failed') expect(failure).toBe(causeId(causeNumber('E')));
      await w.units.clear(w.namespace, 's', { statuses: [status] });
      const next = await w.take('other');
      expect(show(next.data)).toEqual({ v: 3 });
      await w.act(next, 'fail', { content: { error: 'F' } });
      expect(await w.data('s', 'u')).toEqual({ error: 'F' });
      expect(await w.history('s', 'u')).toEqual([`w ${status}`, 'other failed']);
    });

    it('that failed without data of its own shows what the attempt began with, and the unit what it has now', async () => {
      await begin();
      const attempt = await w.take();
      await w.act(attempt, 'fail');
      await edit({ v: 2 });
      expect(show((await w.attempt(attempt)).data)).toEqual({ v: 1 });
      expect(await w.data('s', 'u')).toEqual({ v: 2 });
    });

    it('that was cancelled leaves it so', async () => {
      await begin();
      const attempt = await w.take();
      await w.act(attempt, 'cancel');
      await edit({ v: 2 });
      expect(await w.data('s', 'u')).toEqual({ v: 2 });
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
      expect(await w.report('s', 'u', 'finished')).toEqual({ changed: false, reason: 'cancelled' });
      expect(await w.history('s', 'u')).toEqual(['w cancelled']);
    });

    it('is no obstacle to a success reported late, whose data it reads then', async () => {
      await begin();
      const attempt = await w.take();
      await w.act(attempt, 'fail', { content: { error: 'E' } });
      await edit({ v: 2 });
      await w.act(attempt, 'finish', { content: { done: 1 } });
      expect([await w.status('s', 'u'), await w.data('s', 'u')]).toEqual(['finished', { done: 1 }]);
    });

    it('leaves a late attempt late', async () => {
      await begin();
      const attempt = await w.take();
      await w.advance(LEASE);
      await edit({ v: 2 });
      expect([await w.status('s', 'u'), await w.data('s', 'u')]).toEqual(['available', { v: 2 }]);
      await w.act(attempt, 'finish', { content: { done: 1 } });
      expect([await w.status('s', 'u'), await w.data('s', 'u')]).toEqual(['finished', { done: 1 }]);
    });

    it('is over with adding it again', async () => {
      await begin();
      await w.act(await w.take(), 'fail', { content: { error: 'E' } });
      await edit({ v: 2 });
      await w.add('s', { name: 'u', data: { v: 3 } });
      expect([await w.status('s', 'u'), await w.data('s', 'u')]).toEqual(['available', { v: 3 }]);
    });

    it('that is missing is an error', async () => {
      await w.spec('s');
      expect(await refusal(() => edit({ v: 2 }))).toBe('ErrNoSuchWorkUnit');
    });
  });
}
