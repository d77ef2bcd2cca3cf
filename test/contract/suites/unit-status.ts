import { SECOND, ZERO_TIME } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { refusal } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

export function describeUnitStatus(w: World): void {
  describe('the status of a work unit', () => {
    it('is available with no active attempt and a not_before that has passed', async () => {
      await w.spec('s');
      await w.add('s', 'u', { name: 'v', notBefore: START });
      expect(await w.counts('s')).toEqual({ available: 2 });
    });

    it('is delayed with no active attempt and a not_before that is ahead, and available when now has reached it', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', notBefore: START + 2 });
      expect(await w.status('s', 'u')).toBe('delayed');
      await w.advance(1);
      expect(await w.status('s', 'u')).toBe('delayed');
      expect(await w.claimed()).toEqual([]);
      await w.advance(1);
      expect(await w.status('s', 'u')).toBe('available');
      expect(await w.claimed()).toEqual(['u']);
    });

    it('is that of its active attempt: pending, finished, failed', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c');
      const { attempts } = await w.claim('w', { units: 3 });
      await w.act(attempts[1], 'finish');
      await w.act(attempts[2], 'fail');
      for (const [index, status] of (['pending', 'finished', 'failed'] as const).entries()) {
        const unit = await w.unit('s', 'abc'[index]);
        expect(unit.status).toBe(status);
        expect(unit.activeAttempt).toMatchObject({ number: attempts[index].number, status, worker: 'w' });
      }
      expect(await w.counts('s')).toEqual({ pending: 1, finished: 1, failed: 1 });
    });

    it('is available after its attempt expires or is retried, for then it has no active attempt', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c');
      const { attempts } = await w.claim('w', { units: 3 });
      await w.act(attempts[0], 'expire');
      await w.act(attempts[1], 'retry');
      await w.advance(LEASE);
      for (const name of ['a', 'b', 'c']) {
        expect(await w.unit('s', name)).toMatchObject({ status: 'available', activeAttempt: undefined });
      }
    });

    it('is delayed after its attempt expires or is retried while its not_before is ahead', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c');
      const { attempts } = await w.claim('w', { units: 3 });
      for (const name of ['a', 'b', 'c']) {
        await w.units.change(w.namespace, 's', name, { notBefore: START + 2 * LEASE });
      }
      expect(await w.counts('s')).toEqual({ pending: 3 });
      await w.act(attempts[0], 'expire');
      await w.act(attempts[1], 'retry', { delay: 3 * LEASE });
      await w.advance(LEASE);
      expect(await w.counts('s')).toEqual({ delayed: 3 });
      await w.advance(LEASE);
      expect(await w.counts('s')).toEqual({ delayed: 1, available: 2 });
      await w.advance(LEASE);
      expect(await w.counts('s')).toEqual({ available: 3 });
    });

    it('does not change for a not_before that is set while an attempt is active', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.units.change(w.namespace, 's', 'u', { notBefore: START + SECOND });
      expect(await w.status('s', 'u')).toBe('pending');
      await w.act(attempt, 'finish');
      await w.units.change(w.namespace, 's', 'u', { notBefore: START + 2 * SECOND });
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'finished', notBefore: START + 2 * SECOND });
    });

    it('changes with a not_before that is set while none is', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const setTo = (notBefore: number): Promise<void> =>
        Promise.resolve(w.units.change(w.namespace, 's', 'u', { notBefore }));
      await setTo(START + SECOND);
      expect(await w.counts('s')).toEqual({ delayed: 1 });
      await setTo(START + 2 * SECOND);
      await w.advance(SECOND);
      expect(await w.counts('s')).toEqual({ delayed: 1 });
      await setTo(START + SECOND);
      expect(await w.counts('s')).toEqual({ available: 1 });
      await setTo(ZERO_TIME);
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'available', notBefore: ZERO_TIME });
    });
  });

  describe('the effective data of a work unit', () => {
    it("are its active attempt's where that has set any, else its own", async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { own: 1 } });
      const attempt = await w.take();
      expect(await w.data('s', 'u')).toEqual({ own: 1 });
      await w.act(attempt, 'renew', { duration: LEASE, content: { attempt: 1 } });
      expect(await w.data('s', 'u')).toEqual({ attempt: 1 });
      await w.act(attempt, 'finish', { content: { attempt: 2 } });
      expect(await w.data('s', 'u')).toEqual({ attempt: 2 });
    });

    it('are its own again once it has no active attempt', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { own: 1 } });
      const attempt = await w.take();
      await w.act(attempt, 'retry', { content: { attempt: 1 } });
      expect(await w.data('s', 'u')).toEqual({ own: 1 });
      const second = await w.take();
      expect(second.data).toEqual((await w.unit('s', 'u')).data);
      await w.act(second, 'fail', { content: {} });
      expect(await w.data('s', 'u')).toEqual({}); // an empty dictionary that was set is set
      await w.units.change(w.namespace, 's', 'u', { clear: true });
      expect(await w.data('s', 'u')).toEqual({ own: 1 });
    });
  });

  describe('changing a work unit', () => {
    it('sets the fields that are given and leaves the others', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { x: 1 }, priority: 2, delay: SECOND });
      await w.units.change(w.namespace, 's', 'u', { priority: 3.5 });
      expect(await w.unit('s', 'u')).toMatchObject({ priority: 3.5, notBefore: START + SECOND, status: 'delayed' });
      await w.units.change(w.namespace, 's', 'u', { notBefore: START });
      expect(await w.unit('s', 'u')).toMatchObject({ priority: 3.5, notBefore: START, status: 'available' });
      await w.units.change(w.namespace, 's', 'u', {});
      expect(await w.data('s', 'u')).toEqual({ x: 1 });
    });

    it('that is not there is ErrNoSuchWorkUnit, and so is every use of it by name', async () => {
      await w.spec('s');
      const uses = [
        () => w.units.get(w.namespace, 's', 'u'),
        () => w.units.change(w.namespace, 's', 'u', { priority: 1 }),
        () => w.units.attempts(w.namespace, 's', 'u'),
        () => w.units.history(w.namespace, 's', 'u'),
        () => w.units.numAttempts(w.namespace, 's', 'u'),
        () => w.make('w', 's', 'u'),
      ];
      for (const use of uses) expect(await refusal(use)).toBe('ErrNoSuchWorkUnit');
      expect(await w.names('s')).toEqual([]);
    });
  });
}
