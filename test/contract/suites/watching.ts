import { SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { World } from '../world.js';
import { LEASE } from '../world.js';

export function describeWatching(w: World): void {
  w.describeWith('watching', 'an observer is told', () => {
    it('of each unit that a claim gives out, and how long it has waited', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      await w.advance(2 * SECOND);
      await w.add('s', 'b', { name: 'c', delay: 3 * SECOND });
      await w.advance(5 * SECOND);
      expect(w.observed()).toEqual([]);
      await w.claim('w', { units: 3 });
      expect(w.observed().sort()).toEqual(['s claimed after 2', 's claimed after 5', 's claimed after 7']);
      await w.claim('w');
      expect(w.observed()).toEqual([]);
    });

    it('how attempts end, and how long after their start', async () => {
      await w.spec('s');
      await w.add('s', ...'abcd');
      const { attempts } = await w.claim('w', { units: 4 });
      w.observed();
      await w.advance(3 * SECOND);
      await w.act(attempts[0], 'finish');
      expect(w.observed()).toEqual(['s finished after 3']);
      await w.act(attempts[1], 'fail');
      expect(w.observed()).toEqual(['s failed after 3']);
      await w.act(attempts[2], 'retry', { delay: SECOND });
      expect(w.observed()).toEqual(['s retried after 3']);
      await w.act(attempts[3], 'renew');
      expect(w.observed()).toEqual([]);
      await w.advance(SECOND);
      await w.act(attempts[3], 'expire');
      expect(w.observed()).toEqual(['s released after 4']);
      await w.act(attempts[3], 'expire');
      expect(w.observed()).toEqual([]);
    });

    it('the same of reports by name', async () => {
      await w.spec('s');
      await w.add('s', ...'abc');
      await w.claim('w', { units: 2 });
      w.observed();
      await w.advance(SECOND);
      await w.report('s', 'a', 'finished');
      await w.report('s', 'b', 'available');
      await w.report('s', 'c', 'failed');
      expect(w.observed()).toEqual(['s finished after 1', 's released after 1', 's failed after 0']);
      await w.report('s', 'a', 'finished');
      await w.report('s', 'c', 'finished');
      expect(w.observed()).toEqual(['s finished after 0']);
    });

    it('once that a lease ran out, whoever notices', async () => {
      const looks = [
        () => w.counts('s'),
        () => w.names('s', { statuses: ['available'] }),
        () => w.namespaces.summarize(),
        () => w.namespaces.conditions(),
        () => w.claim('other'),
        () => w.add('s', 'a'),
      ];
      for (const [round, look] of looks.entries()) {
        await w.spec('s');
        await w.add('s', 'a');
        await w.claim('w', { lifetime: 2 * SECOND });
        w.observed();
        await w.advance(5 * SECOND);
        await look();
        expect(w.observed()[0], `look ${round}`).toBe('s expired after 2');
        await w.counts('s');
        await w.namespaces.conditions();
        expect(w.observed().filter((line) => line.includes('expired'))).toEqual([]);
        await w.specs.delete(w.namespace, 's');
      }
    });

    it('that an expired attempt was brought home', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      const attempt = await w.take('w', { lifetime: 2 * SECOND });
      await w.advance(5 * SECOND);
      await w.act(attempt, 'finish');
      expect(w.observed()).toEqual(['s claimed after 0', 's expired after 2', 's finished after 5']);
    });

    it('that a unit was tried too often, which is no claim', async () => {
      await w.spec('s', { max_retries: 1 });
      await w.add('s', 'a');
      await w.act(await w.take(), 'retry', { delay: 0 });
      w.observed();
      expect(await w.claimed()).toEqual([]);
      expect(w.observed()).toEqual(['s failed after 0']);
    });

    it('of attempts that others have come after, when their worker has its say', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      const first = await w.take();
      await w.make('other', 's', 'a');
      w.observed();
      await w.advance(SECOND);
      await w.act(first, 'finish');
      expect(w.observed()).toEqual(['s finished after 1']);
      await expect(w.act(first, 'finish')).rejects.toThrow();
      expect(w.observed()).toEqual([]);
    });

    it('nothing of a request that was refused', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      const attempt = await w.take();
      await w.act(attempt, 'finish');
      w.observed();
      await expect(w.act(attempt, 'fail')).rejects.toThrow();
      await w.report('s', 'none', 'finished');
      expect(w.observed()).toEqual([]);
    });
  });

  describe('conditions', () => {
    it('are the counts of every spec and the age of its oldest available unit, sorted', async () => {
      await w.spec('idle');
      await w.spec('b');
      await w.spec('a', {}, 'other');
      await w.add('b', 'old', 'taken');
      await w.advance(2 * SECOND);
      await w.add('b', 'new', { name: 'urgent', priority: 5 }, { name: 'later', delay: 60 * SECOND });
      await w.advance(3 * SECOND);
      const counts = { available: 0, delayed: 0, pending: 0, finished: 0, failed: 0 };
      const conditions = async () => await w.namespaces.conditions();
      expect(await conditions()).toEqual([
        { namespace: 'other', workSpec: 'a', counts, oldestAvailable: undefined, limitedUntil: undefined },
        {
          namespace: w.namespace,
          workSpec: 'b',
          counts: { ...counts, available: 4, delayed: 1 },
          oldestAvailable: 5 * SECOND,
          limitedUntil: undefined,
        },
        { namespace: w.namespace, workSpec: 'idle', counts, oldestAvailable: undefined, limitedUntil: undefined },
      ]);
      await w.claim('w', { units: 3, workSpecs: ['b'], lifetime: LEASE });
      expect((await conditions())[1]).toEqual({
        namespace: w.namespace,
        workSpec: 'b',
        counts: { ...counts, available: 1, delayed: 1, pending: 3 },
        oldestAvailable: 5 * SECOND,
        limitedUntil: undefined,
      });
    });

    it('take effect of what has run out', async () => {
      await w.spec('s');
      await w.add('s', 'leased', { name: 'delayed', delay: 3 * SECOND });
      await w.take('w', { lifetime: 4 * SECOND });
      await w.advance(10 * SECOND);
      const [condition] = await w.namespaces.conditions();
      expect([condition.counts.available, condition.oldestAvailable]).toEqual([2, 7 * SECOND]);
    });

    it('say until when the rate limit of a spec keeps all of it back', async () => {
      const limitedUntil = async () => (await w.namespaces.conditions())[0].limitedUntil;
      const limited = { flow: { rate_limit: { units: 1, per: 10 } } };
      await w.spec('s', limited);
      await w.add('s', 'x', 'y', 'z');
      expect(await limitedUntil()).toBeUndefined();
      await w.take('w');
      const until = w.now + 10 * SECOND;
      expect(await limitedUntil()).toBe(until);
      await w.spec('s');
      expect(await limitedUntil()).toBeUndefined();
      await w.advance(9 * SECOND);
      await w.spec('s', limited);
      await w.advance(SECOND);
      expect(await limitedUntil()).toBeUndefined();
    });
  });
}
