import type { Attempt, Encodable, SnapshotRecord } from 'coordinate-daemon/backend';
import { LEASE_RAN_OUT, SECOND, Float } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { refusal } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

export function describeRetrying(w: World): void {
  const spec = (retry: Encodable, fields: Record<string, Encodable> = {}): Promise<void> =>
    w.spec('s', { flow: { retry }, ...fields });

  /** Claims the only unit and fails it. */
  async function fail(worker = 'w', content: Encodable = { traceback: 'ValueError: no' }): Promise<Attempt> {
    const attempt = await w.take(worker);
    await w.act(attempt, 'fail', { content });
    return attempt;
  }

  /** How long until the unit may run again, in seconds; undefined: it is not delayed. */
  async function rest(): Promise<number | undefined> {
    const { status, notBefore } = await w.unit('s', 'u');
    return status === 'delayed' ? (notBefore - w.now) / SECOND : undefined;
  }

  describe('a policy of retrying', () => {
    it('gives a failed unit back until its tries are used up, the attempts staying failed', async () => {
      await spec({ attempts: 3, backoff: 'exponential', delay: 10, factor: 3 });
      await w.add('s', 'u');
      await fail();
      expect([await rest(), await w.counts('s'), await w.history('s', 'u')]).toEqual([
        10,
        { delayed: 1 },
        ['w failed'],
      ]);
      expect(await w.units.failures(w.namespace, 's', 10)).toEqual([]);
      await w.advance(10 * SECOND - 1);
      expect(await w.claimed()).toEqual([]);
      await w.advance(1);
      await fail('v');
      expect(await rest()).toBe(30);
      await w.advance(30 * SECOND);
      await fail();
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'failed', activeAttempt: { worker: 'w' } });
      expect(await w.history('s', 'u')).toEqual(['w failed', 'v failed', 'w failed']);
      expect(await w.units.failures(w.namespace, 's', 10)).toMatchObject([{ cause: 'ValueError: no', count: 1 }]);
    });

    it.each<[string, Encodable, number[]]>([
      ['fixed', { backoff: 'fixed', delay: 2 }, [2, 2, 2]],
      ['linear', { backoff: 'linear', delay: 2 }, [2, 4, 6]],
      ['exponential', { backoff: 'exponential', delay: 2 }, [2, 4, 8]],
      ['cut', { backoff: 'exponential', delay: 2, max_delay: 5 }, [2, 4, 5]],
    ])('lets the pauses grow: %s', async (_, how, pauses) => {
      await spec({ attempts: 4, ...(how as object) });
      await w.add('s', 'u');
      for (const pause of pauses) {
        await fail();
        expect(await rest()).toBe(pause);
        await w.advance(pause * SECOND);
      }
    });

    it('spreads them by chance', async () => {
      await spec({ attempts: 9, delay: 10, jitter: new Float(0.5) });
      await w.add('s', 'u');
      for (const [random, pause] of [
        [0, 5],
        [0.5, 10],
        [0.75, 12.5],
      ]) {
        w.setRandom(() => random);
        await fail();
        expect(await rest()).toBe(pause);
        await w.advance(pause * SECOND);
      }
    });

    it('does without a pause where none is named', async () => {
      await spec(2);
      await w.add('s', 'u');
      await fail();
      expect(await w.status('s', 'u')).toBe('available');
      await fail();
      expect(await w.status('s', 'u')).toBe('failed');
    });

    it.each(['clear', 'add again', 'add again while pending'])('counts anew after: %s', async (how) => {
      await spec(2);
      await w.add('s', 'u');
      await fail();
      if (how === 'clear') await w.units.change(w.namespace, 's', 'u', { clear: true });
      else if (how === 'add again') await w.add('s', 'u');
      const attempt = await w.take();
      if (how === 'add again while pending') await w.add('s', 'u');
      await w.act(attempt, 'fail');
      expect(await w.status('s', 'u')).toBe('available');
      await fail();
      expect(await w.status('s', 'u')).toBe('failed');
    });

    it('counts neither what was given back nor, unless it says so, leases that ran out', async () => {
      await spec(2);
      await w.add('s', 'u');
      await w.act(await w.take(), 'retry');
      await w.act(await w.take(), 'expire');
      await w.take();
      await w.advance(LEASE);
      await fail();
      expect(await w.status('s', 'u')).toBe('available');
    });

    it('is not for causes that it excepts, nor for what is said to be final', async () => {
      await spec({ attempts: 5, except: ['ValueError', 'Key'] });
      await w.add('s', 'u');
      await fail('w', { traceback: 'TypeError: no' });
      await fail('w', { traceback: 'ValueError: no' });
      expect(await w.status('s', 'u')).toBe('failed');
      await w.units.change(w.namespace, 's', 'u', { clear: true });
      await w.act(await w.take(), 'fail', { cause: 'KeyError' });
      expect(await w.status('s', 'u')).toBe('failed');
      await w.units.change(w.namespace, 's', 'u', { clear: true });
      await w.act(await w.take(), 'fail', { final: true });
      expect(await w.status('s', 'u')).toBe('failed');
      await w.units.change(w.namespace, 's', 'u', { clear: true });
      await w.take();
      expect(await w.report('s', 'u', 'failed', { content: { final: true } })).toEqual({ changed: true });
      expect(await w.status('s', 'u')).toBe('failed');
    });

    it('leaves to max_retries what that ends', async () => {
      await spec(9, { max_retries: 2 });
      await w.add('s', 'u');
      await fail();
      await fail();
      expect(await w.claimed()).toEqual([]);
      expect(await w.units.failures(w.namespace, 's', 10)).toMatchObject([{ cause: 'too many retries' }]);
    });

    it('refuses what comes late from an attempt that has released its unit', async () => {
      await spec({ attempts: 3, delay: 10 });
      await w.add('s', 'u');
      const attempt = await fail();
      for (const action of ['finish', 'fail', 'renew', 'retry', 'expire'] as const) {
        expect(await refusal(() => w.act(attempt, action))).toBe('ErrNotPending');
      }
      expect([await w.status('s', 'u'), await w.history('s', 'u')]).toEqual(['delayed', ['w failed']]);
    });

    it('takes the same failure reported once more for what it is, and changes nothing', async () => {
      await spec({ attempts: 3, delay: 10 });
      await w.add('s', 'u');
      await w.take();
      for (const content of [{ traceback: 'first' }, { traceback: 'again' }]) {
        expect(await w.report('s', 'u', 'failed', { content })).toEqual({ changed: true });
        expect([await rest(), await w.history('s', 'u')]).toEqual([10, ['w failed']]);
      }
      expect(await w.report('s', 'u', 'failed', { worker: 'w' })).toEqual({ changed: true });
      await w.advance(10 * SECOND);
      expect(await w.report('s', 'u', 'failed')).toEqual({ changed: true });
      expect(await w.history('s', 'u')).toEqual(['w failed']);
      // Another worker's failure is news.
      await w.report('s', 'u', 'failed', { worker: 'v' });
      expect(await w.history('s', 'u')).toEqual(['w failed', 'v failed']);
    });

    it('leaves a unit alone that an attempt fails which is no longer its active one', async () => {
      await spec({ attempts: 3, delay: 10 });
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.make('v', 's', 'u');
      await w.act(attempt, 'fail');
      expect([await w.status('s', 'u'), await w.history('s', 'u')]).toEqual(['pending', ['w failed', 'v pending']]);
    });

    it('is followed as it is when an attempt fails', async () => {
      await spec(3);
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.spec('s');
      await w.act(attempt, 'fail');
      expect(await w.status('s', 'u')).toBe('failed');
    });

    w.itWith('watching', 'has those told who look on: a failure that is tried again is a retry', async () => {
      await spec(2);
      await w.add('s', 'u');
      const first = await w.take();
      await w.act(first, 'fail');
      const second = await w.take();
      await w.act(second, 'fail');
      expect(w.observed().filter((told) => !told.includes('claimed'))).toEqual([
        's retried after 0',
        's failed after 0',
      ]);
    });
  });

  describe('a policy by which leases count that run out', () => {
    const policy = { attempts: 2, delay: 10, expired: true };

    it('lets the unit rest from the end of the lease on, and the attempt may still be brought home', async () => {
      await spec({ ...policy, jitter: 1 });
      await w.add('s', 'u');
      w.setRandom(() => 0.75);
      const attempt = await w.take();
      // It has been drawn with the lease, whoever looks.
      w.setRandom(() => 0);
      await w.advance(LEASE);
      expect([await rest(), await w.history('s', 'u'), await w.counts('s')]).toEqual([
        15,
        ['w expired'],
        { delayed: 1 },
      ]);
      await w.act(attempt, 'finish');
      expect(await w.status('s', 'u')).toBe('finished');
    });

    it('has it failed from the end of the lease on when that was its last try', async () => {
      await spec({ ...policy, attempts: 1 });
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.advance(LEASE + 5 * SECOND);
      expect(await w.unit('s', 'u')).toMatchObject({
        status: 'failed',
        activeAttempt: { status: 'failed', end: START + LEASE },
      });
      expect(await w.counts('s')).toEqual({ failed: 1 });
      const [group] = await w.units.failures(w.namespace, 's', 10);
      expect(group).toMatchObject({ cause: LEASE_RAN_OUT, count: 1, first: START + LEASE });
      expect(await w.claimed('v')).toEqual([]);
      await w.act(attempt, 'finish');
      expect(await w.status('s', 'u')).toBe('finished');
    });

    const looks: [string, () => Promise<unknown>, unknown][] = [
      ['the unit', async () => (await w.unit('s', 'u')).failure !== undefined, true],
      ['units by status', () => w.names('s', { statuses: ['failed'] }), ['u']],
      ['the counts', () => w.counts('s'), { failed: 1 }],
      ['the causes', async () => (await w.units.failures(w.namespace, 's', 10)).length, 1],
      ['the history', () => w.history('s', 'u'), ['w failed']],
      ['a claim', () => w.claimed('v'), []],
    ];
    it.each(looks)('that is seen by who looks first at: %s', async (_, look, seen) => {
      await spec({ ...policy, attempts: 1 });
      await w.add('s', 'u');
      await w.take();
      await w.advance(LEASE);
      expect(await look()).toEqual(seen);
    });

    it('selects those units by their cause', async () => {
      await spec({ ...policy, attempts: 1 });
      await w.add('s', 'u', 'v');
      await w.act(await w.take(), 'fail', { cause: LEASE_RAN_OUT });
      const [{ id }] = await w.units.failures(w.namespace, 's', 10);
      await w.take();
      await w.advance(LEASE);
      expect(await w.names('s', { failure: parseInt(id, 16) })).toEqual(['u', 'v']);
    });

    it('counts a lapse and a failure alike, but not a lapse whose worker comes home', async () => {
      await spec({ ...policy, attempts: 3 });
      await w.add('s', 'u');
      const late = await w.take();
      await w.advance(LEASE);
      // One failure in all.
      await w.act(late, 'fail');
      await w.advance(10 * SECOND);
      expect(await w.status('s', 'u')).toBe('available');
      await w.take();
      await w.advance(LEASE + 10 * SECOND);
      await w.take();
      await w.advance(LEASE);
      expect([await w.status('s', 'u'), await w.history('s', 'u')]).toEqual([
        'failed',
        ['w failed', 'w expired', 'w failed'],
      ]);
    });

    it('gives a unit its tries back that is added again under its last lease', async () => {
      await spec(policy);
      await w.add('s', 'u');
      await w.take();
      await w.advance(LEASE + 10 * SECOND);
      await w.take();
      await w.add('s', 'u');
      await w.advance(LEASE);
      expect(await rest()).toBe(10);
    });

    it('counts the lease that is renewed, not the one before', async () => {
      await spec(policy);
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.advance(LEASE);
      await w.act(attempt, 'renew', { duration: LEASE });
      await w.advance(LEASE);
      expect([await rest(), await w.history('s', 'u')]).toEqual([10, ['w expired']]);
    });
  });

  w.itWith('snapshots', 'failures and what follows from leases are in a snapshot', async () => {
    await spec({ attempts: 3, delay: 10, expired: true });
    await w.add('s', 'u', 'v');
    const first = await w.take();
    await w.act(first, 'fail');
    await w.take();
    const all = await w.snapshots.read(async (records) => {
      const list: SnapshotRecord[] = [];
      for await (const some of records) list.push(...some);
      return list;
    });
    await w.empty();
    async function* again(): AsyncGenerator<readonly SnapshotRecord[]> {
      yield await Promise.resolve(all);
    }
    await w.snapshots.restore(again());
    expect((await w.specs.meta(w.namespace, 's', false)).flow).toMatchObject({ retry: { attempts: 3 } });
    await w.advance(LEASE);
    for (const unit of ['u', 'v']) expect(await w.history('s', unit)).toHaveLength(1);
    const again2 = await w.take();
    expect(again2.workUnit).toBe('u');
    await w.act(again2, 'fail');
    await w.advance(10 * SECOND);
    // The second failure of u; of v the lapse of its lease was the first.
    const taken = await w.claim('w', { units: 2 });
    for (const attempt of taken.attempts) await w.act(attempt, 'fail');
    expect([await w.status('s', 'u'), await w.status('s', 'v')]).toEqual(['failed', 'delayed']);
  });
}
