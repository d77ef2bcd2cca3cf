import type { Attempt } from 'coordinate-daemon/backend';
import { StorageUnavailableError } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { World } from '../world.js';
import { LEASE } from '../world.js';

export function describeHealth(w: World): void {
  describe('the health of the storage', () => {
    it('is that it can serve, once it has opened', async () => {
      await w.health.opened();
      expect(await w.health.ready()).toBeUndefined();
      await w.spec('s');
      await w.health.opened();
      expect(await w.health.ready()).toBeUndefined();
    });

    it('may be asked by many at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => w.health.ready()));
      expect(answers).toEqual(answers.map(() => undefined));
    });

    w.itWith('sharing', 'lets requests come to their end when the daemon is about to', async () => {
      const other = await w.another();
      await other.health.opened();
      await w.spec('s');
      await w.add('s', 'u');
      const claim = { worker: 'w', units: 1, lifetime: LEASE };
      const before = Promise.resolve(other.attempts.claim(w.namespace, claim));
      other.health.drain();
      const [attempt] = (await before).attempts;
      await other.attempts.change(w.namespace, { ref: attempt, action: 'finish' });
      expect(await w.status('s', 'u')).toBe('finished');
    });
  });

  w.describeWith('outages', 'a storage that is away', () => {
    /** Makes it so for the time of some work. */
    async function during<T>(work: () => Promise<T>): Promise<T> {
      await w.health.opened();
      const end = await w.interrupt();
      try {
        return await work();
      } finally {
        await end();
        // Who was refused may try again soon, not at once.
        await expect.poll(() => w.health.ready(), { timeout: 240_000 }).toBeUndefined();
      }
    }
    const requests = (attempt: Attempt): (() => Promise<unknown>)[] => [
      () => w.claim('other'),
      () => w.act(attempt, 'finish'),
      () => w.add('s', 'more'),
      () => w.counts('s'),
    ];

    it('says why it can not serve, in one line', async () => {
      const reason = await during(() => w.health.ready());
      expect(reason).toMatch(/^\S.*\S$/);
    });

    it('refuses requests as one that is unavailable, and nothing comes of them', async () => {
      await w.spec('s');
      await w.add('s', 'u', 'v');
      const attempt = await w.take();
      await during(async () => {
        for (const request of requests(attempt)) await expect(request()).rejects.toThrow(StorageUnavailableError);
      });
      expect(await w.names('s')).toEqual(['u', 'v']);
      expect(await w.counts('s')).toEqual({ pending: 1, available: 1 });
    });

    it('holds all that it held when it is back, and serves on', async () => {
      await w.spec('s');
      await w.add('s', 'u', { name: 'v', data: { x: 1 } });
      const attempt = await w.take();
      await during(() => Promise.resolve());
      expect(await w.data('s', 'v')).toEqual({ x: 1 });
      await w.act(attempt, 'finish');
      expect(await w.claimed()).toEqual(['v']);
      expect(await w.counts('s')).toEqual({ finished: 1, pending: 1 });
    });
  });
}
