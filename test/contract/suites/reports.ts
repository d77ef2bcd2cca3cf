import type { Attempt, ReportedStatus } from 'coordinate-daemon/backend';
import { SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { refusal, show } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

const YES = { changed: true };
const NO = { changed: false };
const ALL: readonly (ReportedStatus | undefined)[] = [undefined, 'available', 'pending', 'finished', 'failed'];

export function describeReports(w: World): void {
  /** The statuses and data of a unit's attempts. */
  const history = async (): Promise<unknown[]> =>
    (await w.units.attempts(w.namespace, 's', 'u')).map(({ worker, status, data }) => [worker, status, show(data)]);

  /** A spec `s` that chains into `t`, with a unit `u`. */
  async function begin(meta: { delay?: number; priority?: number } = {}): Promise<void> {
    await w.spec('s', { then: 't' });
    await w.spec('t');
    await w.add('s', { name: 'u', data: { unit: 1 }, ...meta });
  }
  async function pending(worker = 'w'): Promise<Attempt> {
    await begin();
    return await w.take(worker);
  }

  describe('a report on a unit that is missing', () => {
    it('says that there is no such unit, whatever is reported', async () => {
      await w.spec('s');
      for (const status of ALL) {
        expect(await w.report('s', 'none', status, { content: {} })).toEqual({
          changed: false,
          reason: 'no such work unit',
        });
        expect(await w.report('s', 'none', status, { worker: 'w' })).toEqual({
          changed: false,
          reason: 'no such work unit',
        });
      }
      expect(await w.names('s')).toEqual([]);
    });

    it('in a spec that is missing is ErrNoSuchWorkSpec', async () => {
      expect(await refusal(() => w.report('s', 'u', 'finished'))).toBe('ErrNoSuchWorkSpec');
    });
  });

  describe.each([
    ['available', 0],
    ['delayed', SECOND],
  ] as const)('a report on a unit that is %s', (status, delay) => {
    it('without a status and without data changes nothing, and says so', async () => {
      await begin({ delay });
      expect(await w.report('s', 'u', undefined)).toEqual(NO);
      expect(await w.status('s', 'u')).toBe(status);
      expect(await history()).toEqual([]);
    });

    it.each([undefined, 'available'] as const)(
      'with data (status %s) gives the unit these, as by a re-add that keeps priority and not_before',
      async (reported) => {
        await begin({ delay, priority: 3 });
        const before = await w.unit('s', 'u');
        expect(await w.report('s', 'u', reported, { content: { new: 1 } })).toEqual(YES);
        expect(await w.unit('s', 'u')).toEqual({ ...before, data: (await w.unit('s', 'u')).data });
        expect(await w.data('s', 'u')).toEqual({ new: 1 });
        expect(await history()).toEqual([]);
      },
    );

    it('as available without data changes nothing and is fine', async () => {
      await begin({ delay });
      expect(await w.report('s', 'u', 'available')).toEqual(YES);
      expect(await w.status('s', 'u')).toBe(status);
      expect(await w.data('s', 'u')).toEqual({ unit: 1 });
    });

    it.each(['pending', 'finished', 'failed'] as const)(
      'as %s makes a new attempt that goes there',
      async (reported) => {
        await begin({ delay });
        expect(await w.report('s', 'u', reported, { content: { own: 1, output: ['x'] } })).toEqual(YES);
        expect(await w.status('s', 'u')).toBe(reported);
        expect(await history()).toEqual([['', reported, { own: 1, output: ['x'] }]]);
        expect(await w.names('t')).toEqual(reported === 'finished' ? ['x'] : []);
        const { activeAttempt } = await w.unit('s', 'u');
        expect(activeAttempt).toMatchObject({ start: START, expiration: START + LEASE });
      },
    );

    it('makes a new attempt of the worker that is named, else of that of the latest attempt, else of the empty name', async () => {
      await begin({ delay });
      await w.report('s', 'u', 'failed');
      await w.units.clear(w.namespace, 's', {});
      await w.report('s', 'u', 'failed', { worker: 'named' });
      await w.units.clear(w.namespace, 's', {});
      await w.report('s', 'u', 'finished');
      expect(await w.history('s', 'u')).toEqual([' failed', 'named failed', 'named finished']);
      expect((await w.workers.list(w.namespace, {})).map(({ name }) => name)).toEqual(['named']);
    });

    it('as pending holds the unit for the lease asked for', async () => {
      await begin({ delay });
      await w.report('s', 'u', 'pending', { worker: 'w', lifetime: 7 * SECOND });
      expect(await w.activeOf('w')).toEqual(['s/u']);
      expect((await w.unit('s', 'u')).activeAttempt!.expiration).toBe(START + 7 * SECOND);
      await w.advance(7 * SECOND);
      expect(await w.status('s', 'u')).toBe('available');
    });

    it.each([0, -SECOND])('as pending with a lease of %d gives the unit back at once', async (lifetime) => {
      await begin({ delay });
      expect(await w.report('s', 'u', 'pending', { worker: 'w', lifetime, content: { own: 1 } })).toEqual(YES);
      expect(await w.status('s', 'u')).toBe(status);
      expect(await history()).toEqual([['w', 'expired', { own: 1 }]]);
      const [attempt] = await w.units.attempts(w.namespace, 's', 'u');
      expect(attempt).toMatchObject({ start: START, end: START, expiration: START });
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending'); // for good
    });

    it.each(['finished', 'failed'] as const)('as %s does not mind the lease that comes with it', async (reported) => {
      await begin({ delay });
      for (const lifetime of [0, -SECOND]) {
        expect(await w.report('s', 'u', reported, { lifetime })).toEqual(YES);
        expect(await w.status('s', 'u')).toBe(reported);
        await w.units.clear(w.namespace, 's', {});
      }
    });
  });

  describe('a report on a unit with a late attempt', () => {
    async function late(): Promise<Attempt> {
      const attempt = await pending();
      await w.advance(LEASE);
      return attempt;
    }

    it.each(['pending', 'finished', 'failed'] as const)('as %s brings the late attempt home', async (reported) => {
      const attempt = await late();
      expect(await w.report('s', 'u', reported, { content: { own: 1, output: ['x'] } })).toEqual(YES);
      expect(await w.unit('s', 'u')).toMatchObject({ status: reported, activeAttempt: { number: attempt.number } });
      expect(await history()).toEqual([['w', reported, { own: 1, output: ['x'] }]]);
      expect(await w.names('t')).toEqual(reported === 'finished' ? ['x'] : []); // a late success is kept, and chains
      expect((await w.attempt(attempt)).expiration).toBe(reported === 'pending' ? w.now + LEASE : attempt.expiration);
    });

    it('brings it home for its own worker', async () => {
      const attempt = await late();
      await w.report('s', 'u', 'finished', { worker: 'w' });
      expect((await w.unit('s', 'u')).activeAttempt).toMatchObject({ number: attempt.number });
    });

    it('makes a new attempt for a worker that is not its own', async () => {
      await late();
      expect(await w.report('s', 'u', 'finished', { worker: 'other', content: { output: ['x'] } })).toEqual(YES);
      expect(await w.history('s', 'u')).toEqual(['w expired', 'other finished']);
      expect(await w.names('t')).toEqual(['x']);
    });

    it('makes a new attempt where the last one is late no more', async () => {
      await late();
      await w.units.clear(w.namespace, 's', {});
      await w.report('s', 'u', 'failed');
      expect(await w.history('s', 'u')).toEqual(['w expired', 'w failed']);
    });

    it('as pending with a lease of zero gives the unit back for good', async () => {
      const attempt = await late();
      expect(await w.report('s', 'u', 'pending', { lifetime: 0, content: { own: 1 } })).toEqual(YES);
      expect(await history()).toEqual([['w', 'expired', { own: 1 }]]);
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
    });

    it('with data for the unit ends lateness, as a re-add does', async () => {
      const attempt = await late();
      await w.report('s', 'u', 'available', { content: { new: 1 } });
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
      expect(await w.data('s', 'u')).toEqual({ new: 1 });
    });

    it.each([undefined, 'available'] as const)('without data (status %s) leaves it late', async (reported) => {
      const attempt = await late();
      await w.report('s', 'u', reported);
      expect((await w.act(attempt, 'finish')).status).toBe('finished');
    });

    it('brings it home to a unit that reads delayed', async () => {
      await begin();
      const attempt = await w.take();
      await w.units.change(w.namespace, 's', 'u', { notBefore: START + 9 * LEASE });
      await w.advance(LEASE);
      expect(await w.status('s', 'u')).toBe('delayed');
      await w.report('s', 'u', 'finished');
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'finished', activeAttempt: { number: attempt.number } });
    });
  });

  it('that is made before the one before it is answered comes after it all the same', async () => {
    await begin();
    const names = Array.from({ length: 20 }, (_, i) => `unit ${i}`);
    await w.add('s', ...names);
    await Promise.all(
      names.flatMap((name) => [
        w.report('s', name, 'finished', { worker: 'w' }),
        w.report('s', name, 'available', { worker: 'w' }),
        w.report('s', name, 'failed', { worker: 'v' }),
      ]),
    );
    for (const name of names) expect(await w.history('s', name)).toEqual(['w finished', 'v failed']);
  });

  describe('a report on a unit that is pending', () => {
    it('as available with a delay has it done again after that, as what it was', async () => {
      await begin({ priority: 3 });
      await w.take();
      expect(await w.report('s', 'u', 'available', { worker: 'w', delay: 5 * SECOND })).toEqual(YES);
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'delayed', priority: 3, notBefore: START + 5 * SECOND });
      expect(await w.history('s', 'u')).toEqual(['w retryable']);
      await w.advance(5 * SECOND);
      expect(await w.status('s', 'u')).toBe('available');
    });

    it.each([undefined, 'pending'] as const)('with status %s renews', async (reported) => {
      const attempt = await pending();
      await w.advance(SECOND);
      expect(await w.report('s', 'u', reported, { content: { own: 1 }, lifetime: 2 * LEASE })).toEqual(YES);
      expect(await w.attempt(attempt)).toMatchObject({ status: 'pending', expiration: w.now + 2 * LEASE });
      expect(await w.data('s', 'u')).toEqual({ own: 1 });
    });

    it.each([0, -1])('with a lease of %d gives the unit back at once', async (lifetime) => {
      const attempt = await pending();
      expect(await w.report('s', 'u', undefined, { lifetime })).toEqual(YES);
      expect(await w.status('s', 'u')).toBe('available');
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
    });

    it('as available expires', async () => {
      const attempt = await pending();
      expect(await w.report('s', 'u', 'available', { content: { own: 1 } })).toEqual(YES);
      expect(await w.status('s', 'u')).toBe('available');
      expect(await history()).toEqual([['w', 'expired', { own: 1 }]]);
      expect(await w.data('s', 'u')).toEqual({ unit: 1 });
      expect(await refusal(() => w.act(attempt, 'finish'))).toBe('ErrNotPending');
    });

    it.each(['finished', 'failed'] as const)('as %s does that, and chains a success', async (reported) => {
      await pending();
      await w.advance(SECOND);
      expect(await w.report('s', 'u', reported, { content: { output: ['x'] } })).toEqual(YES);
      expect(await w.unit('s', 'u')).toMatchObject({ status: reported, activeAttempt: { worker: 'w', end: w.now } });
      expect(await w.names('t')).toEqual(reported === 'finished' ? ['x'] : []);
    });

    it('makes no new attempt', async () => {
      await pending();
      for (const status of [undefined, 'pending', 'failed', 'finished'] as const) await w.report('s', 'u', status);
      expect(await w.history('s', 'u')).toEqual(['w finished']);
    });
  });

  describe('a report on a unit that is finished', () => {
    it.each([undefined, 'finished', 'failed'] as const)(
      'with status %s leaves it finished, its data ignored, nothing chained again',
      async (reported) => {
        const attempt = await pending();
        await w.act(attempt, 'finish', { content: { done: 1 } });
        const before = await w.unit('s', 'u');
        await w.advance(SECOND);
        expect(await w.report('s', 'u', reported, { content: { output: ['again'] } })).toEqual(YES);
        expect(await w.unit('s', 'u')).toEqual(before);
        expect(await w.names('t')).toEqual([]);
        expect(await history()).toEqual([['w', 'finished', { done: 1 }]]);
      },
    );

    it('as available clears it, its data ignored', async () => {
      const attempt = await pending();
      await w.act(attempt, 'finish', { content: { done: 1 } });
      expect(await w.report('s', 'u', 'available', { content: { ignored: 1 } })).toEqual(YES);
      expect(await w.status('s', 'u')).toBe('available');
      expect(await w.data('s', 'u')).toEqual({ unit: 1 });
      expect(await history()).toEqual([['w', 'finished', { done: 1 }]]);
    });

    it('as pending is refused', async () => {
      await w.act(await pending(), 'finish');
      const before = await w.unit('s', 'u');
      expect(await w.report('s', 'u', 'pending')).toEqual({ changed: false, reason: 'refused', unit: 'finished' });
      expect(await w.unit('s', 'u')).toEqual(before);
    });

    it('twice the same, as the published worker does, chains once', async () => {
      await pending();
      await w.report('s', 'u', 'finished', { content: { output: ['x'] } });
      await w.units.delete(w.namespace, 't', {});
      expect(await w.report('s', 'u', 'finished', { content: { output: ['x'] } })).toEqual(YES);
      expect(await w.names('t')).toEqual([]);
    });
  });

  describe('a report on a unit that is failed', () => {
    it.each([undefined, 'failed'] as const)('with status %s leaves it failed, its data ignored', async (reported) => {
      await w.act(await pending(), 'fail', { content: { traceback: 'x' } });
      const before = await w.unit('s', 'u');
      await w.advance(SECOND);
      expect(await w.report('s', 'u', reported, { content: { other: 1 } })).toEqual(YES);
      expect(await w.unit('s', 'u')).toEqual(before);
    });

    it('as finished: the success wins, its data are stored, and it chains', async () => {
      const attempt = await pending();
      await w.act(attempt, 'fail', { content: { traceback: 'x' } });
      expect(await w.report('s', 'u', 'finished', { content: { output: ['x'] } })).toEqual(YES);
      expect(await history()).toEqual([['w', 'finished', { output: ['x'] }]]);
      expect(await w.status('s', 'u')).toBe('finished');
      expect(await w.names('t')).toEqual(['x']);
    });

    it('as available clears it, its data ignored', async () => {
      await w.act(await pending(), 'fail', { content: { traceback: 'x' } });
      expect(await w.report('s', 'u', 'available', { content: { ignored: 1 } })).toEqual(YES);
      expect(await w.status('s', 'u')).toBe('available');
      expect(await w.data('s', 'u')).toEqual({ unit: 1 });
    });

    it('as pending is refused', async () => {
      await w.act(await pending(), 'fail');
      expect(await w.report('s', 'u', 'pending')).toEqual({ changed: false, reason: 'refused', unit: 'failed' });
    });
  });

  describe('a report of a worker that says who it is', () => {
    it.each(ALL)('changes nothing while another worker holds the unit (status %s)', async (reported) => {
      await pending('holder');
      const before = await w.unit('s', 'u');
      await w.advance(SECOND);
      expect(await w.report('s', 'u', reported, { worker: 'other', content: { output: ['x'] } })).toEqual({
        changed: false,
        reason: 'held by another',
        holder: 'holder',
      });
      expect(await w.unit('s', 'u')).toEqual(before);
      expect(await w.names('t')).toEqual([]);
      expect(await w.history('s', 'u')).toEqual(['holder pending']);
    });

    it('does its work while that worker holds the unit', async () => {
      await pending('holder');
      expect(await w.report('s', 'u', 'finished', { worker: 'holder' })).toEqual(YES);
      expect(await w.status('s', 'u')).toBe('finished');
    });

    it('is fenced by the worker with the empty name, too', async () => {
      await begin();
      await w.report('s', 'u', 'pending');
      expect(await w.report('s', 'u', 'finished', { worker: 'w' })).toMatchObject({ changed: false, holder: '' });
      expect(await w.report('s', 'u', 'finished', { worker: '' })).toEqual(YES);
    });

    it('is fenced by the holder only as long as its lease lasts', async () => {
      await pending('holder');
      await w.advance(LEASE);
      expect(await w.report('s', 'u', 'finished', { worker: 'other' })).toEqual(YES);
      expect(await w.history('s', 'u')).toEqual(['holder expired', 'other finished']);
    });

    it('is not fenced once the unit has ended', async () => {
      await w.act(await pending('holder'), 'finish');
      expect(await w.report('s', 'u', 'finished', { worker: 'other' })).toEqual(YES);
      expect(await w.report('s', 'u', 'available', { worker: 'other' })).toEqual(YES);
      expect(await w.status('s', 'u')).toBe('available');
    });

    it('is fenced from a unit that was taken from it', async () => {
      await pending('w');
      await w.make('thief', 's', 'u');
      expect(await w.report('s', 'u', 'finished', { worker: 'w' })).toMatchObject({ holder: 'thief' });
      expect(await w.report('s', 'u', 'finished')).toEqual(YES); // one that does not say has no fence
      expect(await w.history('s', 'u')).toEqual(['w pending', 'thief finished']);
    });
  });
}
