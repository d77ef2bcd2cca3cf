import { ByteString, MINUTE } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { World } from '../world.js';
import { LEASE } from '../world.js';
import { attemptsOf } from '../attempts.js';

const KB = 1000;

/** What a claim may give out in bytes, and claims that nobody heard of. */
export function describeBoundedClaims(w: World): void {
  const blob = (size: number) => ({ blob: new ByteString('x'.repeat(size)) });
  const addSized = (...sizes: number[]) =>
    w.add('s', ...sizes.map((size, i) => ({ name: `u${i}`, data: blob(size * KB) })));

  describe('a claim that is bounded in bytes', () => {
    // With a limit and without: on a backend that has a short way for plain claims, both ways.
    describe.each([
      ['of a plain spec', {}],
      ['of a spec with a limit', { max_running: 100 }],
    ])('%s', (_, fields) => {
      it('gives out what fits, in their order', async () => {
        await w.spec('s', fields);
        await addSized(40, 40, 40, 40);
        for (let round = 0; round < 2; round++) {
          expect(await w.claimed('w', { units: 10, maxBytes: 100 * KB })).toEqual([
            `u${2 * round}`,
            `u${2 * round + 1}`,
          ]);
        }
        expect(await w.claimed('w', { units: 10, maxBytes: 100 * KB })).toEqual([]);
        expect(await w.specs.counts(w.namespace, 's')).toMatchObject({ available: 0, pending: 4 });
      });

      it('gives out one unit however large, and leaves no room for another then', async () => {
        await w.spec('s', fields);
        await addSized(300, 0, 0, 300, 0);
        expect(await w.claimed('w', { units: 5, maxBytes: 100 * KB })).toEqual(['u0']);
        expect(await w.claimed('w', { units: 5, maxBytes: 100 * KB })).toEqual(['u1', 'u2']);
        expect(await w.claimed('w', { units: 1, maxBytes: 100 * KB })).toEqual(['u3']);
        expect(await w.claimed('w', { units: 5, maxBytes: 100 * KB })).toEqual(['u4']);
      });

      it('counts names as well, those of the spec too', async () => {
        await w.spec('s', fields);
        await w.add('s', ...Array.from({ length: 30 }, (_, i) => `${i}`.padStart(1000, '0')));
        const given = await w.claimed('w', { units: 30, maxBytes: 20 * KB });
        expect(given.length).toBeGreaterThan(10);
        expect(given.length).toBeLessThan(20);
      });

      it('gives all claims of the same moment something, as long as there is something', async () => {
        await w.spec('s', fields);
        await addSized(...new Array<number>(12).fill(60));
        // Once alone, so that a backend that learns has learnt what there is.
        expect(await w.claimed('w', { units: 2, maxBytes: 100 * KB })).toEqual(['u0']);
        const workers = ['a', 'b', 'c'];
        const claims = workers.map((worker) => w.claimed(worker, { units: 3, maxBytes: 130 * KB }));
        const given = await Promise.all(claims);
        expect(given.every((units) => units.length > 0 && units.length <= 2)).toBe(true);
        expect(new Set(given.flat()).size).toBe(given.flat().length);
      });
    });

    it('gives out data as they are, however large', async () => {
      await w.spec('s');
      await addSized(200, 300);
      const { attempts } = await w.claim('w', { units: 2, maxBytes: 1000 * KB });
      expect(attempts.map(({ data }) => data.length)).toEqual([200 * KB + 11, 300 * KB + 11]);
    });
  });

  describe('a claim that is undone', () => {
    it('leaves the units as they were, and no attempt', async () => {
      await w.spec('s', { max_retries: 2 });
      await w.add('s', { name: 'a', data: { x: 1 }, priority: 3 }, 'b', 'c');
      await w.act(await w.take(), 'retry', { content: { mine: 1 } });
      const before = {
        unit: await w.units.get(w.namespace, 's', 'a'),
        past: await w.units.attempts(w.namespace, 's', 'a'),
      };
      for (let round = 0; round < 3; round++) {
        const { attempts } = await w.claim('v', { units: 9 });
        expect(attempts.map(({ workUnit }) => workUnit)).toEqual(['a', 'b', 'c']);
        await w.attempts.undoClaim(w.namespace, attempts);
        expect(await w.units.get(w.namespace, 's', 'a')).toEqual(before.unit);
        expect(await w.units.attempts(w.namespace, 's', 'a')).toEqual(before.past);
        expect(await w.units.numAttempts(w.namespace, 's', 'a')).toBe(1);
        expect(await w.units.attempts(w.namespace, 's', 'b')).toEqual([]);
        expect(await attemptsOf(w.attempts, 'all', w.namespace, 'v')).toEqual([]);
        expect(await w.specs.counts(w.namespace, 's')).toMatchObject({ available: 3, pending: 0 });
      }
      // It has one attempt left of the two that it may have.
      await w.act(await w.take('v'), 'retry');
      expect((await w.claim('v', { units: 9 })).attempts.map(({ workUnit }) => workUnit)).toEqual(['b', 'c']);
      expect((await w.units.get(w.namespace, 's', 'a')).status).toBe('failed');
    });

    it('takes nothing from who claimed since, nor from what has ended', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', 'd');
      const { attempts } = await w.claim('w', { units: 4 });
      await w.report('s', 'a', 'finished');
      await w.make('v', 's', 'b');
      await w.units.delete(w.namespace, 's', { names: ['c'] });
      await w.attempts.undoClaim(w.namespace, attempts);
      expect(await w.specs.counts(w.namespace, 's')).toMatchObject({ available: 1, pending: 1, finished: 1 });
      expect((await w.units.get(w.namespace, 's', 'b')).activeAttempt?.worker).toBe('v');
      expect(await w.claimed('x', { units: 4 })).toEqual(['d']);
    });

    it('comes too late once its leases have run out', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      const { attempts } = await w.claim();
      await w.advance(LEASE + MINUTE);
      await w.attempts.undoClaim(w.namespace, attempts);
      expect(await w.units.numAttempts(w.namespace, 's', 'a')).toBe(1);
      expect((await w.units.get(w.namespace, 's', 'a')).status).toBe('available');
    });

    it('is nothing when there is nothing', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      const { attempts } = await w.claim();
      await w.specs.delete(w.namespace, 's');
      await w.attempts.undoClaim(w.namespace, attempts);
      await w.attempts.undoClaim(w.namespace, []);
      await w.attempts.undoClaim('none', attempts);
    });
  });
}
