import { LAST_TIME, MILLISECOND, SECOND, ZERO_TIME } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { hex } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

const DAY_NS = 86_400_000_000_000n;

export function describeContinuous(w: World): void {
  const nextContinuous = async (): Promise<number> => (await w.specs.meta(w.namespace, 's', false)).nextContinuous;

  describe('a continuous spec', () => {
    it('without work makes one unit named by the Unix time with milliseconds, and hands it out in the same call', async () => {
      await w.spec('s', { continuous: true, interval: 60 });
      const claim = await w.claim('w', { units: 5 });
      expect(claim.workSpec).toBe('s');
      expect(claim.attempts.map(({ workUnit }) => workUnit)).toEqual(['1700000000.123']);
      expect(hex(claim.attempts[0].data)).toBe('a0');
      expect(await w.unit('s', '1700000000.123')).toMatchObject({
        status: 'pending',
        priority: 0,
        notBefore: ZERO_TIME,
      });
      expect(await nextContinuous()).toBe(START + 60 * SECOND);
    });

    it('makes no other while one is pending or available', async () => {
      await w.spec('s', { continuous: true });
      const attempt = await w.take();
      await w.advance(SECOND);
      expect(await w.claimed()).toEqual([]);
      await w.act(attempt, 'expire');
      expect(await w.claimed()).toEqual(['1700000000.123']);
      expect(await w.names('s')).toEqual(['1700000000.123']);
    });

    it('makes another when the last one is finished or failed and next_continuous has passed', async () => {
      await w.spec('s', { continuous: true, interval: 10 });
      await w.act(await w.take(), 'finish');
      await w.setClock(START + 10 * SECOND - 1);
      expect(await w.claimed()).toEqual([]);
      await w.advance(1);
      await w.act(await w.take(), 'fail');
      expect(await w.names('s')).toEqual(['1700000000.123', '1700000010.123']);
      expect(await nextContinuous()).toBe(START + 20 * SECOND);
      await w.advance(30 * SECOND);
      expect(await w.claimed()).toEqual(['1700000040.123']);
      expect(await nextContinuous()).toBe(START + 50 * SECOND);
    });

    it('makes one while others are delayed, for those are neither available nor pending', async () => {
      await w.spec('s', { continuous: true });
      await w.add('s', { name: 'later', delay: SECOND });
      expect(await w.claimed()).toEqual(['1700000000.123']);
    });

    it('hands out the units that it was given first', async () => {
      await w.spec('s', { continuous: true });
      await w.add('s', 'given');
      expect(await w.claimed('w', { units: 2 })).toEqual(['given']);
      expect(await nextContinuous()).toBe(ZERO_TIME);
    });

    it('takes the next free millisecond for a name that is taken', async () => {
      await w.spec('s', { continuous: true });
      await w.act(await w.take(), 'finish');
      await w.act(await w.take(), 'finish');
      await w.setClock(START + 999 * MILLISECOND - 123 * MILLISECOND);
      await w.act(await w.take(), 'finish');
      await w.act(await w.take(), 'finish');
      expect(await w.names('s')).toEqual(['1700000000.123', '1700000000.124', '1700000000.999', '1700000001.000']);
    });

    it('pads the milliseconds and cuts the rest of the microseconds', async () => {
      await w.spec('s', { continuous: true });
      await w.setClock(1_700_000_000_007_999);
      expect(await w.claimed()).toEqual(['1700000000.007']);
    });

    it('waits for a next_continuous that was set, over a new definition too', async () => {
      await w.spec('s', { continuous: true });
      await w.specs.changeMeta(w.namespace, 's', { nextContinuous: START + SECOND });
      await w.spec('s', { continuous: true, interval: 1 });
      expect(await w.claimed()).toEqual([]);
      await w.advance(SECOND);
      expect(await w.claimed()).toEqual(['1700000001.123']);
    });

    it.each([180n * DAY_NS, 2n ** 63n - 1n])('waits for as long as an interval of %d ns says', async (intervalNs) => {
      await w.spec('s', { continuous: true });
      await w.specs.changeMeta(w.namespace, 's', { intervalNs });
      await w.act(await w.take(), 'finish');
      const due = START + Number((intervalNs + 999n) / 1000n);
      expect(await nextContinuous()).toBe(due);
      await w.setClock(due - 10);
      expect(await w.claimed()).toEqual([]);
      await w.setClock(due);
      expect(await w.claimed()).toHaveLength(1);
    });

    it('has its next time at the end of the calendar at the latest', async () => {
      await w.spec('s', { continuous: true, interval: 1e6 });
      await w.setClock(LAST_TIME - 32 * SECOND);
      await w.take('w', { lifetime: SECOND });
      expect(await nextContinuous()).toBe(LAST_TIME);
    });

    it('comes an interval from now at the latest when the clock has been set back', async () => {
      await w.spec('s', { continuous: true, interval: 60 });
      await w.act(await w.take(), 'finish');
      const back = START - 3600 * SECOND;
      await w.setClock(back);
      expect(await nextContinuous()).toBe(back + 60 * SECOND);
      expect(await w.claimed()).toEqual([]);
      // What has been seen stays: it does not move on with the clock.
      await w.setClock(back + 30 * SECOND);
      expect(await nextContinuous()).toBe(back + 60 * SECOND);
      await w.setClock(back + 60 * SECOND - 1);
      expect(await w.claimed()).toEqual([]);
      await w.advance(1);
      expect(await w.claimed()).toHaveLength(1);
      expect(await nextContinuous()).toBe(back + 120 * SECOND);
    });

    it('waits on when the clock has been set back by less than it has waited', async () => {
      await w.spec('s', { continuous: true, interval: 60 });
      await w.act(await w.take(), 'finish');
      await w.setClock(START + 50 * SECOND);
      expect(await w.claimed()).toEqual([]);
      await w.setClock(START + 5 * SECOND);
      expect(await w.claimed()).toEqual([]);
      expect(await nextContinuous()).toBe(START + 60 * SECOND);
    });

    it('keeps a next_continuous that was set when the clock is set back', async () => {
      await w.spec('s', { continuous: true, interval: 60 });
      await w.act(await w.take(), 'finish');
      await w.specs.changeMeta(w.namespace, 's', { nextContinuous: START + 90 * SECOND });
      await w.setClock(START - 3600 * SECOND);
      expect(await w.claimed()).toEqual([]);
      expect(await nextContinuous()).toBe(START + 90 * SECOND);
    });

    it('makes none while it is switched off, paused, without weight or out of the question otherwise', async () => {
      await w.spec('s', { continuous: true, runtime: 'go', min_gb: 4 });
      const { specs, namespace } = w;
      expect(await w.claimed('w', { runtimes: ['rust'] })).toEqual([]);
      expect(await w.claimed('w', { workSpecs: ['t'] })).toEqual([]);
      expect(await w.claimed('w', { availableGb: 2 })).toEqual([]);
      await specs.changeMeta(namespace, 's', { continuous: false });
      expect(await w.claimed()).toEqual([]);
      await specs.changeMeta(namespace, 's', { continuous: true, paused: true });
      expect(await w.claimed()).toEqual([]);
      await specs.changeMeta(namespace, 's', { paused: false, weight: 0 });
      expect(await w.claimed()).toEqual([]);
      expect(await w.names('s')).toEqual([]);
      await specs.changeMeta(namespace, 's', { weight: 1 });
      expect(await w.claimed('w', { runtimes: ['go'], availableGb: 4 })).toEqual(['1700000000.123']);
    });

    it('takes part in the draw beside specs that have units', async () => {
      await w.spec('s', { continuous: true });
      await w.spec('t');
      await w.add('t', 'u');
      expect(new Set(await w.drawnAt(0.1, 0.9))).toEqual(new Set(['s', 't']));
    });

    it('may make its unit after the units it had were failed for too many retries', async () => {
      await w.spec('s', { continuous: true, max_retries: 1 });
      await w.add('s', 'u');
      await w.act(await w.take(), 'retry');
      expect(await w.claimed()).toEqual(['1700000000.123']);
      expect(await w.status('s', 'u')).toBe('failed');
    });

    it('gives its unit back like any other when the lease runs out', async () => {
      await w.spec('s', { continuous: true, interval: 3600 });
      await w.take();
      await w.advance(LEASE);
      expect(await w.claimed('v')).toEqual(['1700000000.123']);
    });
  });
}
