import type { Attempt } from 'coordinate-daemon/backend';
import { SECOND, ZERO_TIME } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { refusal, show } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';
import { attemptsOf } from '../attempts.js';

export function describeLateAttempts(w: World): void {
  /** An attempt of worker `w` at unit `u` whose lease has just run out. */
  async function late(): Promise<Attempt> {
    await w.spec('s');
    await w.add('s', { name: 'u', data: { unit: 1 } });
    const attempt = await w.take();
    await w.advance(LEASE);
    return attempt;
  }

  describe('expiry', () => {
    it('nobody may observe an attempt as pending once its expiration has passed, and the unit is claimable at once', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.advance(LEASE - 1);
      expect(await w.status('s', 'u')).toBe('pending');
      expect(await w.claimed('v')).toEqual([]);
      await w.advance(1);
      expect(await w.attempt(attempt)).toMatchObject({ status: 'expired', end: attempt.expiration });
      expect(await w.history('s', 'u')).toEqual(['w expired']);
      expect(await w.activeOf('w')).toEqual([]);
      expect(await w.allOf('w')).toEqual(['s/u']);
      expect(await w.counts('s')).toEqual({ available: 1 });
      expect(await w.claimed('v')).toEqual(['u']);
    });

    /** Every way to look first: each must see the lease as over by itself, not because another look came before. */
    const looks: [string, () => Promise<unknown>, unknown][] = [
      [
        'the attempt',
        async () => (await w.units.attempts(w.namespace, 's', 'u')).map(({ status }) => status),
        ['expired'],
      ],
      ['the unit', () => w.status('s', 'u'), 'available'],
      ['units by name', async () => (await w.units.getMany(w.namespace, 's', ['u']))[0]!.status, 'available'],
      ['units by status', () => w.names('s', { statuses: ['pending'] }), []],
      ['a listing', async () => (await w.units.list(w.namespace, 's', {}))[0].status, 'available'],
      ['the counts', () => w.counts('s'), { available: 1 }],
      ['the meta', async () => (await w.specs.meta(w.namespace, 's', true)).pendingCount, 0],
      ['the summary', async () => (await w.namespaces.summarize())[0].status, 'available'],
      ['active attempts', () => w.activeOf('w'), []],
      ['all attempts', async () => (await attemptsOf(w.attempts, 'all', w.namespace, 'w'))[0].status, 'expired'],
      ['child attempts', async () => await attemptsOf(w.attempts, 'of children', w.namespace, 'boss'), []],
      [
        'claimed by children',
        async () => [...(await w.workers.claimedByChildren(w.namespace, 'boss')).values()][0][0].holder,
        undefined,
      ],
      ['a claim', () => w.claimed('v'), ['u']],
      ['a deletion', async () => await w.units.delete(w.namespace, 's', { statuses: ['pending'] }), 0],
      [
        'a change of priority',
        async () => await w.units.prioritize(w.namespace, 's', { statuses: ['pending'] }, { to: 1 }),
        0,
      ],
    ];
    it.each(looks)('is seen by whoever looks first: %s', async (_, look, expected) => {
      await w.workers.change(w.namespace, 'w', { parent: 'boss', update: { lifetime: 9 * LEASE } });
      await late();
      expect(await look()).toEqual(expected);
    });

    it('takes many leases at once, each at its own time', async () => {
      await w.spec('s');
      const names = Array.from({ length: 50 }, (_, index) => `u${String(index).padStart(2, '0')}`);
      await w.add('s', ...names);
      for (const [index, name] of names.entries()) await w.make('w', 's', name, (50 - index) * SECOND);
      for (const passed of [1, 20, 49, 50]) {
        await w.setClock(START + passed * SECOND);
        expect(await w.counts('s')).toEqual(
          passed === 50 ? { available: 50 } : { available: passed, pending: 50 - passed },
        );
      }
      const ends = (await attemptsOf(w.attempts, 'all', w.namespace, 'w')).map(
        ({ end, expiration }) => end - expiration,
      );
      expect(new Set(ends)).toEqual(new Set([0]));
    });
  });

  describe('a late attempt', () => {
    it('no longer counts for the status or the data of its unit', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { unit: 1 } });
      await w.act(await w.take(), 'renew', { duration: LEASE, content: { own: 1 } });
      await w.advance(LEASE);
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'available', activeAttempt: undefined });
      expect(await w.data('s', 'u')).toEqual({ unit: 1 });
    });

    it('may be renewed: pending and active again', async () => {
      const attempt = await late();
      expect(await w.act(attempt, 'renew', { duration: LEASE, content: { own: 1 } })).toMatchObject({
        status: 'pending',
        end: ZERO_TIME,
        expiration: START + 2 * LEASE,
      });
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'pending', activeAttempt: { number: attempt.number } });
      expect(await w.data('s', 'u')).toEqual({ own: 1 });
      expect(await w.activeOf('w')).toEqual(['s/u']);
      expect(await w.claimed('v')).toEqual([]);
    });

    it('that was renewed may be late again', async () => {
      const attempt = await late();
      await w.act(attempt, 'renew', { duration: LEASE });
      await w.advance(LEASE);
      expect(await w.status('s', 'u')).toBe('available');
      expect((await w.act(attempt, 'finish')).status).toBe('finished');
    });

    it.each([0, -1])('renewed by %d is expired for good, with the data', async (duration) => {
      const attempt = await late();
      expect((await w.act(attempt, 'renew', { duration, content: { own: 1 } })).status).toBe('expired');
      expect(show((await w.attempt(attempt)).data)).toEqual({ own: 1 });
      expect(await w.status('s', 'u')).toBe('available');
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
    });

    it('stays late when it is expired once more', async () => {
      const attempt = await late();
      const before = await w.attempt(attempt);
      await w.advance(SECOND);
      expect(await w.act(attempt, 'expire', { content: { x: 1 } })).toMatchObject({ status: 'expired' });
      expect(await w.attempt(attempt)).toEqual(before);
      expect((await w.act(attempt, 'finish', { content: { own: 1 } })).status).toBe('finished');
      expect(await w.data('s', 'u')).toEqual({ own: 1 });
    });

    it('may be finished, failed and retried', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c');
      const { attempts } = await w.claim('w', { units: 3 });
      await w.advance(2 * LEASE);
      await w.act(attempts[0], 'finish');
      await w.act(attempts[1], 'fail');
      await w.act(attempts[2], 'retry', { delay: SECOND });
      expect(await w.counts('s')).toEqual({ finished: 1, failed: 1, delayed: 1 });
      expect((await w.unit('s', 'c')).notBefore).toBe(w.now + SECOND);
      for (const attempt of attempts) expect((await w.attempt(attempt)).end).toBe(w.now);
    });

    it('may be brought home to a unit that reads delayed', async () => {
      await w.spec('s');
      await w.add('s', 'u', 'v');
      const { attempts } = await w.claim('w', { units: 2 });
      await w.units.change(w.namespace, 's', 'u', { notBefore: START + 5 * LEASE });
      await w.units.change(w.namespace, 's', 'v', { notBefore: START + 5 * LEASE });
      await w.advance(LEASE);
      expect(await w.counts('s')).toEqual({ delayed: 2 });
      await w.act(attempts[0], 'finish');
      await w.act(attempts[1], 'retry');
      expect(await w.counts('s')).toEqual({ finished: 1, available: 1 });
      await w.advance(9 * LEASE);
      expect(await w.counts('s')).toEqual({ finished: 1, available: 1 });
    });

    const ends: [string, () => Promise<unknown>][] = [
      ['another attempt', () => w.take('v')],
      ['another attempt that was made', () => w.make('v', 's', 'u')],
      ['another attempt that has ended since', async () => w.act(await w.take('v'), 'retry')],
      ['another attempt of the same worker', () => w.take('w')],
      ['a clear', async () => await w.units.change(w.namespace, 's', 'u', { clear: true })],
      ['a re-add', () => w.add('s', { name: 'u', data: { unit: 1 } })],
    ];
    it.each(ends)('is late no more after %s', async (_, end) => {
      const attempt = await late();
      await w.advance(SECOND);
      await end();
      const status = await w.status('s', 'u');
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
      expect(await refusal(() => w.act(attempt, 'fail'))).toBe('ErrNotPending');
      expect(await refusal(() => w.act(attempt, 'retry'))).toBe('ErrNotPending');
      const before = await w.attempt(attempt);
      expect(await refusal(() => w.act(attempt, 'renew', { duration: LEASE, content: { x: 1 } }))).toBe('ErrLostLease');
      const after = await w.attempt(attempt);
      expect(after).toEqual({ ...before, data: after.data }); // an attempt that ended does not end again
      expect(show(after.data)).toEqual({ x: 1 });
      expect(await w.status('s', 'u')).toBe(status);
      expect(await w.data('s', 'u')).toEqual({ unit: 1 });
    });

    it('stays late when the meta of its unit or spec change', async () => {
      const attempt = await late();
      await w.units.change(w.namespace, 's', 'u', { priority: 4, notBefore: START + 9 * LEASE });
      await w.units.prioritize(w.namespace, 's', {}, { by: 1 });
      await w.spec('s', { x: 2 });
      await w.specs.changeMeta(w.namespace, 's', { paused: true });
      expect((await w.act(attempt, 'finish')).status).toBe('finished');
    });

    it('is only one that was active when its lease ran out', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b');
      const { attempts } = await w.claim('w', { units: 2 });
      await w.units.clear(w.namespace, 's', { names: ['a'] });
      const second = await w.make('v', 's', 'b', 5 * LEASE);
      await w.advance(LEASE);
      for (const attempt of attempts) {
        expect(await w.attempt(attempt)).toMatchObject({ status: 'expired', end: attempt.expiration });
        expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
      }
      await w.act(second, 'finish');
      expect(await w.counts('s')).toEqual({ available: 1, finished: 1 });
    });
  });

  describe('a pending attempt that is no longer the active one of its unit', () => {
    const detach: [string, () => Promise<unknown>][] = [
      ['cleared', async () => await w.units.change(w.namespace, 's', 'u', { clear: true })],
      ['superseded', () => w.make('v', 's', 'u')],
      [
        'cleared, and the unit is finished',
        async () => {
          await w.units.change(w.namespace, 's', 'u', { clear: true });
          await w.act(await w.take('v'), 'finish', { content: { by: 'v' } });
        },
      ],
      [
        'cleared, and the unit was added again',
        async () => {
          await w.units.change(w.namespace, 's', 'u', { clear: true });
          await w.add('s', { name: 'u', data: { unit: 2 }, delay: 9 * LEASE });
        },
      ],
    ];
    for (const action of ['finish', 'fail', 'expire', 'retry'] as const) {
      it.each(detach)(`may ${action}: only the attempt changes, never the unit (%s)`, async (_, act) => {
        await w.spec('s', { then: 's' });
        await w.add('s', { name: 'u', data: { unit: 1 } });
        const attempt = await w.take();
        await act();
        const before = await w.unit('s', 'u');
        await w.advance(SECOND);
        const status = { finish: 'finished', fail: 'failed', expire: 'expired', retry: 'retryable' }[action];
        const content = { output: ['chained'] };
        expect(await w.act(attempt, action, { content, delay: LEASE })).toMatchObject({ status, end: w.now });
        expect(show((await w.attempt(attempt)).data)).toEqual(content);
        expect(await w.unit('s', 'u')).toEqual(before);
        expect(await w.names('s')).toEqual(['u']); // nothing is chained
        expect(await w.activeOf('w')).toEqual([]);
        expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
      });
    }

    it.each(detach)('loses its lease when it is renewed (%s): data stored, expired for good', async (_, act) => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { unit: 1 } });
      const attempt = await w.take();
      await act();
      const before = await w.unit('s', 'u');
      expect(await refusal(() => w.act(attempt, 'renew', { duration: LEASE, content: { x: 1 } }))).toBe('ErrLostLease');
      expect(await w.attempt(attempt)).toMatchObject({ status: 'expired', end: START });
      expect(show((await w.attempt(attempt)).data)).toEqual({ x: 1 });
      expect(await w.unit('s', 'u')).toEqual(before);
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
    });

    it('expires by itself when its lease has run out, and is not late', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.units.change(w.namespace, 's', 'u', { clear: true });
      expect(await w.activeOf('w')).toEqual(['s/u']);
      await w.advance(LEASE);
      expect(await w.activeOf('w')).toEqual([]);
      expect(await w.history('s', 'u')).toEqual(['w expired']);
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
      expect((await w.attempt(attempt)).end).toBe(attempt.expiration);
    });
  });
}
