import type { Encodable } from 'coordinate-daemon/backend';
import { HOUR, SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { restored } from '../restoring.js';
import type { World } from '../world.js';
import { LEASE } from '../world.js';

const FOUR = ['a', 'b', 'c', 'd'];

export function describeRateLimits(w: World): void {
  const limited = (rate: Record<string, Encodable>, rest: Record<string, Encodable> = {}) =>
    w.spec('s', { ...rest, flow: { rate_limit: rate } });
  const limitedUntil = async () => (await w.repositories.overview.read(w.namespace)).specs[0].limitedUntil;

  describe('a spec with a rate limit', () => {
    it('gives a burst at once, and then as much as its rate allows', async () => {
      await limited({ units: 2, per: 60, burst: 2 });
      await w.add('s', ...FOUR);
      expect(await w.claimed('w', { units: 3 })).toEqual(['a', 'b']);
      expect(await w.claimed()).toEqual([]);
      await w.advance(30 * SECOND - 1);
      expect(await w.claimed()).toEqual([]);
      await w.advance(1);
      expect(await w.claimed('w', { units: 3 })).toEqual(['c']);
      await w.advance(HOUR);
      expect(await w.claimed()).toHaveLength(1);
    });

    it('says until when nothing of it can be had', async () => {
      await limited({ units: 1, per: 10 });
      await w.add('s', ...FOUR);
      expect(await limitedUntil()).toBeUndefined();
      await w.take();
      expect(await limitedUntil()).toBe(w.now + 10 * SECOND);
      await w.advance(10 * SECOND);
      expect(await limitedUntil()).toBeUndefined();
    });

    it('takes nothing back when units are given back, undone, cleared or deleted', async () => {
      await limited({ units: 3, per: 60 });
      await w.add('s', ...FOUR);
      const { attempts } = await w.claim('w', { units: 3 });
      await w.act(attempts[0], 'expire');
      await w.attempts.undoClaim(w.namespace, [attempts[1]]);
      await w.units.clear(w.namespace, 's', { names: ['c'] });
      await w.units.delete(w.namespace, 's', { names: ['a'] });
      expect(await w.claimed()).toEqual([]);
      await w.units.delete(w.namespace, 's', {});
      await w.add('s', ...FOUR);
      expect(await w.claimed()).toEqual([]);
    });

    it('counts what is claimed, and not what somebody makes an attempt at', async () => {
      await limited({ units: 1, per: 60 });
      await w.add('s', ...FOUR);
      await w.make('w', 's', 'd');
      expect(await w.claimed()).toEqual(['a']);
      await w.make('w', 's', 'c');
      expect(await w.claimed()).toEqual([]);
    });

    it('counts only what is handed out, not what has been tried too often', async () => {
      await limited({ units: 1, per: 60 }, { max_retries: 1 });
      await w.add('s', ...FOUR);
      await w.make('w', 's', 'a', SECOND);
      await w.advance(SECOND);
      expect(await w.claimed()).toEqual(['b']);
      expect(await w.status('s', 'a')).toBe('failed');
      expect(await w.claimed()).toEqual([]);
    });

    it('counts the units that a continuous spec gives itself', async () => {
      await limited({ units: 1, per: 60 }, { continuous: true });
      await w.act(await w.take(), 'finish');
      await w.advance(SECOND);
      expect(await w.claimed()).toEqual([]);
      expect(await w.counts('s')).toEqual({ finished: 1 });
      await w.advance(59 * SECOND);
      expect(await w.claimed()).toHaveLength(1);
    });

    it('leaves work to others, of a lower priority too, while it is empty', async () => {
      await limited({ units: 1, per: 60 }, { priority: 9 });
      await w.spec('t');
      await w.add('s', ...FOUR);
      await w.add('t', 'x');
      expect(await w.claimed()).toEqual(['a']);
      expect(await w.claimed()).toEqual(['x']);
    });

    it('gives no more than max_running and max_getwork allow besides', async () => {
      await limited({ units: 3, per: 60 }, { max_running: 3, max_getwork: 2 });
      await w.add('s', ...FOUR);
      const { attempts } = await w.claim('w', { units: 4 });
      expect(attempts).toHaveLength(2);
      expect(await w.claimed('w', { units: 4 })).toEqual(['c']);
      await w.act(attempts[0], 'finish');
      expect(await w.claimed()).toEqual([]);
    });

    it('keeps what is in its bucket when it is set anew, as far as the new one holds that', async () => {
      await limited({ units: 2, per: 60, burst: 2 });
      await w.add('s', ...FOUR);
      await w.take();
      await limited({ units: 2, per: 60, burst: 2 }, { priority: 1 });
      expect(await w.claimed('w', { units: 4 })).toEqual(['b']);
      await limited({ units: 1, per: 1, burst: 100 });
      expect(await w.claimed()).toEqual([]);
      await w.advance(SECOND);
      expect(await w.claimed('w', { units: 4 })).toEqual(['c']);
      await limited({ units: 1, per: 3600, burst: 5 });
      await w.advance(SECOND);
      expect(await w.claimed()).toEqual([]);
      await w.spec('s');
      expect(await w.claimed()).toEqual(['d']);
    });

    it('has no more in its bucket when that becomes larger before anything was taken of it', async () => {
      await limited({ units: 1, per: 60, burst: 1 });
      await w.add('s', ...FOUR);
      await limited({ units: 1, per: 60, burst: 3 });
      expect(await w.claimed('w', { units: 4 })).toEqual(['a']);
      await w.advance(60 * SECOND);
      expect(await w.claimed('w', { units: 4 })).toEqual(['b']);
    });

    it('keeps it when its control values are changed', async () => {
      await limited({ units: 1, per: 60 });
      await w.add('s', ...FOUR);
      await w.take();
      await w.specs.changeMeta(w.namespace, 's', { weight: 3 });
      expect(await w.claimed()).toEqual([]);
    });

    it('gives no more when the clock is set back, and goes on after as long as an empty bucket takes', async () => {
      await limited({ units: 1, per: 60 });
      await w.add('s', ...FOUR);
      await w.take('w', { lifetime: 20 * HOUR });
      await w.advance(-10 * HOUR);
      expect(await w.claimed()).toEqual([]);
      await w.advance(60 * SECOND - 1);
      expect(await w.claimed()).toEqual([]);
      await w.advance(1);
      expect(await w.claimed()).toHaveLength(1);
    });

    w.itWith(
      'snapshots',
      'has in its bucket after it has been restored what was in it when the snapshot was taken',
      async () => {
        await limited({ units: 3, per: 60 });
        await w.add('s', ...FOUR);
        await w.claim('w', { units: 2 });
        await restored(w);
        expect(await w.claimed('w', { units: 4 })).toEqual(['c']);
        expect(await w.claimed()).toEqual([]);
        expect(await limitedUntil()).toBe(w.now + 20 * SECOND);
      },
    );

    it('gives many claims at once together no more than it may', async () => {
      await limited({ units: 10, per: LEASE / SECOND });
      await w.add('s', ...Array.from({ length: 40 }, (_, index) => `u${index}`));
      const claims = await Promise.all(Array.from({ length: 30 }, (_, index) => w.claimed(`w${index}`)));
      expect(claims.flat()).toHaveLength(10);
    });

    w.itWith('sharing', 'gives claims at two daemons at once together no more than it may', async () => {
      await limited({ units: 10, per: LEASE / SECOND });
      await w.add('s', ...Array.from({ length: 60 }, (_, index) => `u${index}`));
      const another = await w.another();
      const ask = (index: number) => ({ worker: `w${index}`, units: 1 + (index % 2), lifetime: LEASE });
      let given = 0;
      for (let round = 0; round < 4; round++) {
        const claims = await Promise.all(
          Array.from({ length: 16 }, async (_, index) =>
            (index % 2 ? another : w.repositories).attempts.claim(w.namespace, ask(index)),
          ),
        );
        given += claims.reduce((sum, { attempts }) => sum + attempts.length, 0);
      }
      expect(given).toBe(10);
    });
  });
}
