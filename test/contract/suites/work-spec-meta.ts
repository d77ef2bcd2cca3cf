import type { WorkSpecMeta } from 'coordinate-daemon/backend';
import { defineWorkSpec, SECOND, ZERO_TIME } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { data, refusal } from '../data.js';
import type { World } from '../world.js';
import { START } from '../world.js';

export function describeWorkSpecMeta(w: World): void {
  const meta = async (withCounts = false): Promise<WorkSpecMeta> => await w.specs.meta(w.namespace, 's', withCounts);

  describe('the meta of a work spec', () => {
    it('is derived from the data', async () => {
      await w.spec('s', {
        priority: -4,
        weight: 7,
        disabled: 1,
        continuous: true,
        min_gb: 0.5,
        interval: 1.25,
        max_running: 3,
        max_getwork: 2,
        max_retries: 9,
        then: 'nëxt',
        runtime: 'go',
      });
      const expected = {
        priority: -4,
        weight: 7,
        paused: true,
        continuous: true,
        canBeContinuous: true,
        minMemoryGb: 0.5,
        intervalNs: 1_250_000_000n,
        nextContinuous: ZERO_TIME,
        lastContinuous: ZERO_TIME,
        maxRunning: 3,
        maxAttemptsReturned: 2,
        maxRetries: 9,
        nextWorkSpecName: 'nëxt',
        runtime: 'go',
        availableCount: 0,
        pendingCount: 0,
      };
      expect(await meta()).toEqual(expected);
      expect((await w.specs.find(w.namespace, 's'))!.meta).toEqual(expected);
      expect((await w.specs.list(w.namespace))[0].meta).toEqual(expected);
    });

    it('has the flow that the data say, which nobody changes but who sets the data anew', async () => {
      await w.spec('s', { flow: { retry: { attempts: 3, delay: 2, except: ['a\u0000'] }, after: ['t'] } });
      const { flow } = await meta();
      expect(flow).toMatchObject({ retry: { attempts: 3, delay: 2 * SECOND, except: ['a\u0000'] }, after: ['t'] });
      await w.specs.changeMeta(w.namespace, 's', { weight: 5 });
      expect(await meta()).toMatchObject({ weight: 5, flow });
      expect((await w.specs.find(w.namespace, 's'))!.meta.flow).toEqual(flow);
      expect((await w.specs.list(w.namespace))[0].meta.flow).toEqual(flow);
      await w.spec('s', { flow: { retry: 2 } });
      expect((await meta()).flow).toMatchObject({ retry: { attempts: 2 } });
      await w.spec('s');
      expect((await meta()).flow).toBeUndefined();
    });

    it('counts available and pending units when asked to, and says 0 otherwise', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', { name: 'later', delay: SECOND });
      await w.take();
      expect(await meta(true)).toMatchObject({ availableCount: 2, pendingCount: 1 });
      expect(await meta(false)).toMatchObject({ availableCount: 0, pendingCount: 0 });
      await w.advance(SECOND);
      expect(await meta(true)).toMatchObject({ availableCount: 3, pendingCount: 1 });
    });

    it.each([2n ** 53n + 1n, 2n ** 63n - 1n])('keeps an interval of %d ns exactly', async (intervalNs) => {
      await w.spec('s');
      await w.specs.changeMeta(w.namespace, 's', { intervalNs });
      expect((await meta()).intervalNs).toBe(intervalNs);
      expect((await w.specs.list(w.namespace))[0].meta.intervalNs).toBe(intervalNs);
    });

    it('is set field by field', async () => {
      await w.spec('s', { continuous: true, max_running: 5 });
      const change = {
        priority: 2,
        weight: 3,
        paused: true,
        continuous: false,
        minMemoryGb: 2.5,
        intervalNs: 7n,
        nextContinuous: START,
        maxAttemptsReturned: 8,
        maxRetries: 9,
      };
      await w.specs.changeMeta(w.namespace, 's', change);
      expect(await meta()).toMatchObject({ ...change, maxRunning: 5, canBeContinuous: true });
      await w.specs.changeMeta(w.namespace, 's', { maxRunning: 0 });
      expect(await meta()).toMatchObject({ ...change, maxRunning: 0 });
      await w.specs.changeMeta(w.namespace, 's', {});
      expect(await meta()).toMatchObject(change);
    });

    it('a weight of zero or less that is set later is stored', async () => {
      await w.spec('s');
      for (const weight of [0, -3]) {
        await w.specs.changeMeta(w.namespace, 's', { weight });
        expect((await meta()).weight).toBe(weight);
      }
    });

    it('whole numbers beyond what is exact are kept within that', async () => {
      await w.spec('s');
      const most = Number.MAX_SAFE_INTEGER;
      await w.specs.changeMeta(w.namespace, 's', {
        priority: -1e300,
        weight: 1e300,
        maxRunning: 2 ** 64,
        maxRetries: 2,
      });
      expect(await meta()).toMatchObject({ priority: -most, weight: most, maxRunning: most, maxRetries: 2 });
    });

    it('setting it never changes can_be_continuous, next_work_spec_name, runtime or the data', async () => {
      await w.spec('s', { continuous: true, then: 't', runtime: 'go' });
      await w.specs.changeMeta(w.namespace, 's', { continuous: false, weight: 4 });
      expect(await meta()).toMatchObject({ canBeContinuous: true, nextWorkSpecName: 't', runtime: 'go' });
      const spec = await w.specs.find(w.namespace, 's');
      expect(spec!.data).toEqual(data({ name: 's', continuous: true, then: 't', runtime: 'go' }));
    });

    it('making a spec continuous that can not be has no effect, and leaves the other fields their effect', async () => {
      await w.spec('s');
      await w.specs.changeMeta(w.namespace, 's', { continuous: true, weight: 4 });
      expect(await meta()).toMatchObject({ continuous: false, canBeContinuous: false, weight: 4 });
    });

    it('making a spec continuous that can not be is an error where it is asked for strictly, and nothing changes', async () => {
      await w.spec('s');
      const change = { continuous: true, weight: 4 };
      expect(await refusal(() => w.specs.changeMeta(w.namespace, 's', change, { strict: true }))).toBe(
        'ErrCannotBecomeContinuous',
      );
      expect(await meta()).toMatchObject({ continuous: false, weight: 20 });
    });

    it('a spec that can be continuous is switched off and on again', async () => {
      await w.spec('s', { continuous: true });
      await w.specs.changeMeta(w.namespace, 's', { continuous: false }, { strict: true });
      expect((await meta()).continuous).toBe(false);
      await w.specs.changeMeta(w.namespace, 's', { continuous: true }, { strict: true });
      expect((await meta()).continuous).toBe(true);
    });

    it.each(['set', 'redefine'] as const)(
      'giving the data again (%s) resets every field to what they say, except next_continuous',
      async (how) => {
        await w.spec('s', { weight: 3, max_running: 4, continuous: true, then: 't', runtime: 'go' });
        await w.add('s', 'u');
        await w.specs.changeMeta(w.namespace, 's', {
          priority: 5,
          weight: 6,
          paused: true,
          minMemoryGb: 1,
          intervalNs: 5n,
          nextContinuous: START + 1,
          maxRunning: 1,
          maxAttemptsReturned: 1,
          maxRetries: 1,
        });
        await w.specs[how](w.namespace, defineWorkSpec(data({ name: 's', max_retries: 2 })));
        expect(await meta(true)).toEqual({
          ...defineWorkSpec(data({ name: 's' })).meta,
          maxRetries: 2,
          nextContinuous: START + 1,
          availableCount: 1,
        });
      },
    );

    it('what was read does not change with what is set later', async () => {
      await w.spec('s');
      const before = await w.specs.find(w.namespace, 's');
      const metaBefore = await meta();
      await w.specs.changeMeta(w.namespace, 's', { weight: 99 });
      expect(before!.meta.weight).toBe(20);
      expect(metaBefore.weight).toBe(20);
    });
  });
}
