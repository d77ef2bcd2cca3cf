import type { Attempt, AttemptAction, AttemptState, AttemptStatus, WorkUnitStatus } from 'coordinate-daemon/backend';
import { DEFAULT_LIFETIME, SECOND, ZERO_TIME } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { refusal, show } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

const ACTIONS: readonly AttemptAction[] = ['renew', 'expire', 'finish', 'fail', 'retry', 'cancel', 'recall'];

/** How an attempt can have been stopped. */
type Stopped = 'cancelled' | 'cancelled, and its unit cleared' | 'recalled';

/** What a call answers, the statuses of attempt and unit afterwards, and whether the data that came with it are stored. */
type Cell = readonly [answer: string, attempt: AttemptStatus, unit: WorkUnitStatus, stored: boolean];
type Row = Record<AttemptAction, Cell>;

const refusedAll = (attempt: AttemptStatus, unit: WorkUnitStatus): Row => ({
  renew: ['ErrNotPending', attempt, unit, false],
  expire: ['ErrNotPending', attempt, unit, false],
  finish: ['ErrNotPending', attempt, unit, false],
  fail: ['ErrNotPending', attempt, unit, false],
  retry: ['ErrNotPending', attempt, unit, false],
  cancel: ['ErrNotPending', attempt, unit, false],
  recall: ['ErrNotPending', attempt, unit, false],
});

/** What the worker of an attempt hears that somebody else has stopped, and what becomes of what is stopped again. */
const stopped = (attempt: AttemptStatus, unit: WorkUnitStatus): Row => ({
  ...refusedAll(attempt, unit),
  renew: ['ErrLostLease', attempt, unit, false],
  cancel: ['done', attempt, unit, false],
  recall: ['done', attempt, unit, false],
});

const TABLE: Record<Exclude<AttemptState, 'stopped'> | Stopped, Row> = {
  'pending active': {
    renew: ['done', 'pending', 'pending', true],
    expire: ['done', 'expired', 'available', true],
    finish: ['done', 'finished', 'finished', true],
    fail: ['done', 'failed', 'failed', true],
    retry: ['done', 'retryable', 'available', true],
    cancel: ['done', 'cancelled', 'failed', true],
    recall: ['done', 'recalled', 'available', true],
  },
  'pending detached': {
    renew: ['ErrLostLease', 'expired', 'available', true],
    expire: ['done', 'expired', 'available', true],
    finish: ['done', 'finished', 'available', true],
    fail: ['done', 'failed', 'available', true],
    retry: ['done', 'retryable', 'available', true],
    cancel: ['done', 'cancelled', 'available', true],
    recall: ['done', 'recalled', 'available', true],
  },
  late: {
    renew: ['done', 'pending', 'pending', true],
    expire: ['done', 'expired', 'available', false],
    finish: ['done', 'finished', 'finished', true],
    fail: ['done', 'failed', 'failed', true],
    retry: ['done', 'retryable', 'available', true],
    cancel: ['done', 'cancelled', 'failed', true],
    recall: ['done', 'recalled', 'available', true],
  },
  expired: {
    ...refusedAll('expired', 'available'),
    renew: ['ErrLostLease', 'expired', 'available', true],
    expire: ['done', 'expired', 'available', false],
  },
  finished: refusedAll('finished', 'finished'),
  'failed active': { ...refusedAll('failed', 'failed'), finish: ['done', 'finished', 'finished', true] },
  'failed detached': refusedAll('failed', 'available'),
  retryable: refusedAll('retryable', 'available'),
  cancelled: stopped('cancelled', 'failed'),
  'cancelled, and its unit cleared': stopped('cancelled', 'available'),
  recalled: stopped('recalled', 'available'),
};

export function describeTransitions(w: World): void {
  /** Brings an attempt at unit `u` into a state. */
  async function bringInto(state: keyof typeof TABLE): Promise<Attempt> {
    await w.spec('s');
    await w.add('s', { name: 'u', data: { unit: 1 } });
    const attempt = await w.take();
    const clear = (): Promise<unknown> => Promise.resolve(w.units.clear(w.namespace, 's', { names: ['u'] }));
    switch (state) {
      case 'pending active':
        break;
      case 'pending detached':
        await clear();
        break;
      case 'late':
        await w.advance(LEASE);
        break;
      case 'expired':
        await w.act(attempt, 'expire');
        break;
      case 'finished':
        await w.act(attempt, 'finish');
        break;
      case 'failed active':
        await w.act(attempt, 'fail');
        break;
      case 'failed detached':
        await w.act(attempt, 'fail');
        await clear();
        break;
      case 'retryable':
        await w.act(attempt, 'retry');
        break;
      case 'cancelled':
        await w.act(attempt, 'cancel');
        break;
      case 'cancelled, and its unit cleared':
        await w.act(attempt, 'cancel');
        await clear();
        break;
      case 'recalled':
        await w.act(attempt, 'recall');
        break;
    }
    return attempt;
  }

  describe('the table of transitions', () => {
    for (const [state, row] of Object.entries(TABLE) as [keyof typeof TABLE, Row][]) {
      it.each(ACTIONS)(`of an attempt that is ${state}: %s`, async (action) => {
        const [answer, attemptStatus, unitStatus, stored] = row[action];
        const attempt = await bringInto(state);
        const before = await w.attempt(attempt);
        await w.advance(SECOND);
        expect(await refusal(() => w.act(attempt, action, { content: { new: 1 }, duration: LEASE }))).toBe(answer);
        const after = await w.attempt(attempt);
        expect(after.status).toBe(attemptStatus);
        expect(show(after.data)).toEqual(stored ? { new: 1 } : { unit: 1 });
        const unit = await w.unit('s', 'u');
        expect(unit.status).toBe(unitStatus);
        const held = unitStatus !== 'available';
        expect(unit.activeAttempt?.number).toBe(held ? attempt.number : undefined);
        expect(show(unit.data)).toEqual(held && stored ? { new: 1 } : { unit: 1 });
        expect(await w.counts('s')).toEqual({ [unitStatus]: 1 });
        expect(await w.activeOf('w')).toEqual(attemptStatus === 'pending' ? ['s/u'] : []);
        expect(await w.allOf('w')).toEqual(['s/u']);
        if (answer === 'ErrNotPending' || !stored)
          expect(after).toEqual(before); // nothing changes
        else if (before.status !== attemptStatus)
          expect(after.end).toBe(held && after.status === 'pending' ? ZERO_TIME : w.now);
      });
    }
  });

  describe('a transition', () => {
    it('answers with the attempt as it is afterwards', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.advance(SECOND);
      const renewed = await w.act(attempt, 'renew', { duration: LEASE });
      expect({ ...renewed, data: attempt.data }).toEqual({ ...attempt, expiration: START + SECOND + LEASE });
      expect(await w.act(attempt, 'finish')).toMatchObject({ status: 'finished', end: START + SECOND });
    });

    it('without data leaves those of the attempt', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { unit: 1 } });
      const attempt = await w.take();
      await w.act(attempt, 'renew', { duration: LEASE, content: { own: 1 } });
      await w.act(attempt, 'renew', { duration: LEASE });
      expect(show((await w.attempt(attempt)).data)).toEqual({ own: 1 });
      await w.act(attempt, 'fail');
      expect(await w.data('s', 'u')).toEqual({ own: 1 });
    });

    it('of an attempt whose spec, unit or number is not there is the matching error', async () => {
      await w.spec('s');
      await w.add('s', 'u', 'v');
      const attempt = await w.take();
      expect(await refusal(() => w.act({ ...attempt, workSpec: 't' }, 'finish'))).toBe('ErrNoSuchWorkSpec');
      expect(await refusal(() => w.act({ ...attempt, workUnit: 'x' }, 'finish'))).toBe('ErrNoSuchWorkUnit');
      expect(await refusal(() => w.act({ ...attempt, workUnit: 'v' }, 'finish'))).toBe('ErrGone');
      expect(await refusal(() => w.act({ ...attempt, number: attempt.number + 1 }, 'finish'))).toBe('ErrGone');
      expect(await refusal(() => w.act({ ...attempt, worker: 'x' }, 'finish'))).toBe('ErrGone');
      expect((await w.attempt(attempt)).status).toBe('pending');
    });

    it('of many attempts is made one after another, each for itself', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c');
      const { attempts } = await w.claim('w', { units: 3 });
      const [a, b, c] = attempts;
      await w.units.delete(w.namespace, 's', { names: ['b'] });
      const results = await w.attempts.changeMany(w.namespace, [
        { ref: a, action: 'finish' },
        { ref: b, action: 'finish' },
        { ref: c, action: 'fail' },
        { ref: a, action: 'fail' },
        { ref: c, action: 'finish' },
      ]);
      const said = results.map((result) => (result instanceof Error ? result.name : result.status));
      expect(said).toEqual(['finished', 'ErrNoSuchWorkUnit', 'failed', 'ErrNotPending', 'finished']);
      expect(await w.counts('s')).toEqual({ finished: 2 });
      expect(await w.attempts.changeMany(w.namespace, [])).toEqual([]);
    });
  });

  describe('renewing', () => {
    it('makes the lease end a duration from now', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.advance(LEASE - 1);
      expect((await w.act(attempt, 'renew', { duration: 5 })).expiration).toBe(w.now + 5);
      await w.advance(4);
      expect(await w.status('s', 'u')).toBe('pending');
      await w.advance(1);
      expect(await w.status('s', 'u')).toBe('available');
    });

    it('may shorten the lease', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      await w.act(await w.take(), 'renew', { duration: SECOND });
      await w.advance(SECOND);
      expect(await w.claimed('v')).toEqual(['u']);
    });

    it('without a duration is for 15 minutes', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      expect((await w.act(await w.take(), 'renew')).expiration).toBe(START + 15 * 60 * SECOND);
      expect(DEFAULT_LIFETIME).toBe(15 * 60 * SECOND);
    });

    it.each([0, -SECOND])('by %d stores the data and expires the attempt for good', async (duration) => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      expect(await w.act(attempt, 'renew', { duration, content: { x: 1 } })).toMatchObject({
        status: 'expired',
        end: START,
      });
      expect(show((await w.attempt(attempt)).data)).toEqual({ x: 1 });
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'available', activeAttempt: undefined });
      for (const action of ['finish', 'fail', 'retry'] as const) {
        expect(await refusal(() => w.act(attempt, action))).toBe('ErrNotPending');
      }
      expect(await refusal(() => w.act(attempt, 'renew', { duration: LEASE }))).toBe('ErrLostLease');
      expect(await w.claimed('v')).toEqual(['u']);
    });
  });

  describe('expiring', () => {
    it('is for good: the attempt is not late', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.act(attempt, 'expire');
      await w.advance(2 * LEASE);
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
      expect(await refusal(() => w.act(attempt, 'renew', { duration: LEASE }))).toBe('ErrLostLease');
      expect(await w.status('s', 'u')).toBe('available');
    });
  });

  describe('retrying', () => {
    it.each([0, 5 * SECOND])('sets the not_before of the unit to a delay of %d from now', async (delay) => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { unit: 1 } });
      const attempt = await w.take();
      await w.advance(SECOND);
      await w.act(attempt, 'retry', { delay, content: { own: 1 } });
      expect(await w.unit('s', 'u')).toMatchObject({
        status: delay === 0 ? 'available' : 'delayed',
        notBefore: START + SECOND + delay,
        activeAttempt: undefined,
      });
      expect(await w.data('s', 'u')).toEqual({ unit: 1 });
      await w.advance(delay);
      expect(await w.claimed()).toEqual(['u']);
    });

    it('is for good', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.act(attempt, 'retry');
      for (const action of ACTIONS) expect(await refusal(() => w.act(attempt, action))).toBe('ErrNotPending');
    });
  });

  describe('finishing', () => {
    it('an attempt that failed while it is active: the success wins over the kill', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.act(attempt, 'fail', { content: { killed: true } });
      await w.advance(SECOND);
      expect(await w.act(attempt, 'finish', { content: { done: true } })).toMatchObject({
        status: 'finished',
        end: START + SECOND,
      });
      expect(await w.status('s', 'u')).toBe('finished');
      expect(await w.data('s', 'u')).toEqual({ done: true });
    });

    it('a failed attempt that was superseded or cleared is refused', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c');
      const { attempts } = await w.claim('w', { units: 3 });
      for (const attempt of attempts) await w.act(attempt, 'fail');
      await w.make('v', 's', 'a');
      await w.units.clear(w.namespace, 's', { names: ['b'] });
      await w.add('s', 'c');
      for (const attempt of attempts) expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
      expect(await w.counts('s')).toEqual({ pending: 1, available: 2 });
    });
  });
}
