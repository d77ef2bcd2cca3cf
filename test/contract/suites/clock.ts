import { MINUTE, SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

/** The first and last whole seconds in which a moment is exact to the microsecond, but for what a lease adds. */
const FARTHEST = [-9_000_000_000 * SECOND + 1, 9_000_000_000 * SECOND - 1];

export function describeClock(w: World): void {
  /** What the clock says when the storage has just been asked, and how much later than that it may have become. */
  async function toldBy({ clock, health } = w.repositories): Promise<{ now: number; within: number }> {
    const begun = performance.now();
    await health.ready();
    const now = await clock.now();
    return { now, within: (performance.now() - begun + 2) * 1000 };
  }

  describe('the clock', () => {
    it('is that of the storage, by which it dates what happens', async () => {
      const { now, within } = await toldBy();
      expect(Math.abs(now - START)).toBeLessThanOrEqual(within);
      await w.spec('s');
      await w.add('s', 'u');
      expect((await w.take()).start).toBe(START);
      expect((await w.workers.ensure(w.namespace, 'fresh')).lastUpdate).toBe(START);
    });

    it.each([
      ['on', 90 * MINUTE],
      ['back', -90 * MINUTE],
    ])('is followed when it is put %s', async (_, span) => {
      await toldBy();
      await w.advance(span);
      const { now, within } = await toldBy();
      expect(Math.abs(now - (START + span))).toBeLessThanOrEqual(within);
      await w.spec('s');
      await w.add('s', 'u');
      expect((await w.take()).start).toBe(START + span);
    });

    it('reaches a moment exactly, for leases, delays and workers alike', async () => {
      await w.spec('s');
      await w.add('s', 'leased', { name: 'delayed', delay: LEASE });
      const attempt = await w.take('w', { lifetime: LEASE });
      const { expiration } = await w.workers.ensure(w.namespace, 'w');
      await w.advance(LEASE - 1);
      expect(await w.counts('s')).toEqual({ pending: 1, delayed: 1 });
      expect((await w.attempt(attempt)).status).toBe('pending');
      await w.advance(1);
      expect(await w.counts('s')).toEqual({ available: 2 });
      expect((await w.attempt(attempt)).status).toBe('expired');
      await w.setClock(expiration - 1);
      expect((await w.workers.find(w.namespace, 'w'))!.active).toBe(true);
      await w.setClock(expiration);
      expect((await w.workers.find(w.namespace, 'w'))!.active).toBe(false);
    });

    it('dates what ran out by when it did, not by when somebody looked', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take('w', { lifetime: LEASE });
      await w.advance(3 * LEASE);
      expect((await w.attempt(attempt)).end).toBe(START + LEASE);
    });

    it('put back, makes nothing pending again that has run out', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take('w', { lifetime: LEASE });
      await w.advance(LEASE);
      expect(await w.counts('s')).toEqual({ available: 1 });
      await w.setClock(START);
      expect(await w.counts('s')).toEqual({ available: 1 });
      expect((await w.attempt(attempt)).status).toBe('expired');
      expect(await w.claimed('other')).toEqual(['u']);
    });

    it('put back, makes nothing delayed again that has become available', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', delay: LEASE }, { name: 'v', delay: LEASE, priority: 1 });
      await w.advance(LEASE);
      expect(await w.counts('s')).toEqual({ available: 2 });
      await w.setClock(START);
      expect(await w.claimed('w')).toEqual(['v']);
      expect(await w.counts('s')).toEqual({ available: 1, pending: 1 });
      expect(await w.claimed('w', { units: 2 })).toEqual(['u']);
    });

    it('put back, delays once more what is added again with the moment that it had', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', delay: LEASE });
      await w.advance(LEASE);
      expect(await w.counts('s')).toEqual({ available: 1 });
      await w.setClock(START);
      await w.add('s', { name: 'u', notBefore: START + LEASE });
      expect(await w.counts('s')).toEqual({ delayed: 1 });
      expect(await w.claimed('w')).toEqual([]);
    });

    it('put back, prolongs what has not run out yet', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      await w.take('w', { lifetime: LEASE });
      await w.setClock(START - MINUTE);
      await w.advance(LEASE);
      expect(await w.status('s', 'u')).toBe('pending');
      await w.advance(MINUTE);
      expect(await w.status('s', 'u')).toBe('available');
    });

    it.each(FARTHEST)('may be as far from our days as %d microseconds', async (time) => {
      await w.setClock(time);
      await w.spec('s');
      await w.add('s', 'u', { name: 'v', delay: SECOND });
      const attempt = await w.take('w', { lifetime: 2 * SECOND });
      expect([attempt.start, attempt.expiration]).toEqual([time, time + 2 * SECOND]);
      expect((await w.unit('s', 'v')).notBefore).toBe(time + SECOND);
      await w.advance(2 * SECOND);
      expect(await w.claimed('w', { units: 3 })).toEqual(['u', 'v']);
    });

    w.itWith('sharing', 'is one for all daemons on a storage', async () => {
      const other = await w.another();
      await w.advance(-MINUTE);
      await other.health.opened();
      const { now, within } = await toldBy(other);
      expect(Math.abs(now - (START - MINUTE))).toBeLessThanOrEqual(within);
      await w.spec('s');
      await w.add('s', 'u');
      const claim = await other.attempts.claim(w.namespace, { worker: 'w', units: 1, lifetime: LEASE });
      expect(claim.attempts[0].start).toBe(START - MINUTE);
    });
  });
}
