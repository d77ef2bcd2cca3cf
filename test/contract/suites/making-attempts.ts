import type { Attempt } from 'coordinate-daemon/backend';
import { SECOND, ZERO_TIME } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { attemptsOf } from '../attempts.js';
import { refusal, show } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

export function describeMakingAttempts(w: World): void {
  describe('an attempt', () => {
    it('shows its unit, worker, status, data, and its lease exactly as long as asked', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { x: 1 } });
      const attempt = await w.take('w', { lifetime: 1_234_567 });
      expect(attempt).toMatchObject({
        workSpec: 's',
        workUnit: 'u',
        worker: 'w',
        status: 'pending',
        start: START,
        end: ZERO_TIME,
        expiration: START + 1_234_567,
      });
      expect(show(attempt.data)).toEqual({ x: 1 });
      expect(await w.attempt(attempt)).toEqual(attempt);
      expect(await w.units.attempts(w.namespace, 's', 'u')).toEqual([attempt]);
    });

    it('shows its own data where set, else what the data of the unit were when it began', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { version: 1 } });
      const first = await w.take();
      await w.add('s', { name: 'u', data: { version: 2 } });
      expect(show((await w.attempt(first)).data)).toEqual({ version: 1 });
      const second = await w.make('w', 's', 'u');
      await w.add('s', { name: 'u', data: { version: 3 } });
      expect(show((await w.attempt(second)).data)).toEqual({ version: 2 });
      await w.act(second, 'finish', { content: { result: 4 } });
      await w.act(first, 'fail');
      const history = await w.units.attempts(w.namespace, 's', 'u');
      expect(history.map((attempt) => show(attempt.data))).toEqual([{ version: 1 }, { result: 4 }]);
    });

    it('does not begin with the data that an earlier attempt has set', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { own: 1 } });
      await w.act(await w.take(), 'finish', { content: { result: 1 } });
      const again = await w.make('w', 's', 'u');
      expect(show(again.data)).toEqual({ own: 1 });
      expect(await w.data('s', 'u')).toEqual({ own: 1 });
    });

    it('stays in the history of its unit, oldest first, and is counted', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      for (const worker of ['c', 'a', 'b']) await w.act(await w.take(worker), 'retry');
      await w.act(await w.take('d'), 'finish');
      expect(await w.history('s', 'u')).toEqual(['c retryable', 'a retryable', 'b retryable', 'd finished']);
      expect(await w.units.numAttempts(w.namespace, 's', 'u')).toBe(4);
    });

    it('is listed without its data, in windows from a number on', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      await w.add('s', 'v');
      for (const worker of ['c', 'a', 'b', 'd']) await w.act(await w.take(worker), 'retry');
      await w.make('e', 's', 'u');
      const all = await w.units.attempts(w.namespace, 's', 'u');
      const records = all.map(({ data, ...record }) => (expect(data).toBeDefined(), record));
      const read = async (after: number | undefined, most: number) => {
        const list = await w.units.history(w.namespace, 's', 'u', after);
        const windows: unknown[][] = [];
        do windows.push(await list.next(most));
        while (windows.at(-1)!.length === most);
        return windows;
      };
      expect(await read(undefined, 10)).toEqual([records]);
      expect(await read(0, 2)).toEqual([records.slice(0, 2), records.slice(2, 4), records.slice(4)]);
      expect(await read(all[1].number, 3)).toEqual([records.slice(2), []]);
      expect(await read(all[3].number, 1)).toEqual([records.slice(4), []]);
      expect(await read(all[4].number, 1)).toEqual([[]]);
      expect(await (await w.units.history(w.namespace, 's', 'v')).next(5)).toEqual([]);
      for (const attempt of all) expect(await w.attempt(attempt)).toEqual(attempt);
    });

    it('has an end time once it is over, and none before', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', 'd');
      const { attempts } = await w.claim('w', { units: 4 });
      await w.advance(SECOND);
      const actions = ['finish', 'fail', 'expire', 'retry'] as const;
      for (const [index, action] of actions.entries()) {
        expect((await w.attempt(attempts[index])).end).toBe(ZERO_TIME);
        const after = await w.act(attempts[index], action);
        expect(after.end).toBe(START + SECOND);
        expect(await w.attempt(attempts[index])).toMatchObject(after);
      }
    });

    it('is told from others of the same worker at the same unit and the same moment', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const first = await w.make('w', 's', 'u');
      const second = await w.make('w', 's', 'u');
      expect(first.start).toBe(second.start);
      expect(first.number).not.toBe(second.number);
      await w.act(second, 'finish', { content: { second: true } });
      expect((await w.attempt(first)).status).toBe('pending');
      expect((await w.attempt(second)).status).toBe('finished');
    });
  });

  describe('making an attempt', () => {
    it('creates a pending one for the named unit, which is then its active one', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { x: 1 } });
      const attempt = await w.make('w', 's', 'u', 5 * SECOND);
      expect(attempt).toMatchObject({ status: 'pending', worker: 'w', start: START, expiration: START + 5 * SECOND });
      expect(show(attempt.data)).toEqual({ x: 1 });
      expect(await w.unit('s', 'u')).toMatchObject({ status: 'pending', activeAttempt: { number: attempt.number } });
      expect(await w.activeOf('w')).toEqual(['s/u']);
    });

    it('creates it whatever not_before, paused, weight, max_running and max_retries say', async () => {
      await w.spec('s', { disabled: true, max_running: 1, max_retries: 1 });
      await w.specs.changeMeta(w.namespace, 's', { weight: 0 });
      await w.add('s', { name: 'a', delay: LEASE }, 'b');
      await w.make('w', 's', 'a');
      await w.make('w', 's', 'b');
      await w.make('w', 's', 'b');
      const last = await w.make('w', 's', 'b');
      expect(last.status).toBe('pending');
      expect(await w.counts('s')).toEqual({ pending: 2 });
      expect(await w.units.numAttempts(w.namespace, 's', 'b')).toBe(3);
    });

    it.each(['pending', 'finished', 'failed'] as const)(
      'supersedes one that is %s: no longer active, otherwise unchanged',
      async (status) => {
        await w.spec('s');
        await w.add('s', 'u');
        const first = await w.take('w1');
        if (status !== 'pending') await w.act(first, status === 'finished' ? 'finish' : 'fail', { content: { x: 1 } });
        const before = await w.attempt(first);
        await w.advance(SECOND);
        const second = await w.make('w2', 's', 'u');
        expect(await w.attempt(first)).toEqual(before);
        expect(await w.unit('s', 'u')).toMatchObject({ status: 'pending', activeAttempt: { number: second.number } });
        expect(await w.data('s', 'u')).toEqual({});
        expect(await w.activeOf('w1')).toEqual(status === 'pending' ? ['s/u'] : []);
        expect(await w.counts('s')).toEqual({ pending: 1 });
      },
    );

    it('stays expired where the clock is set back, once it has been seen so when it was no longer active', async () => {
      await w.spec('s');
      const seen = {
        itself: async (attempt: Attempt) => (await w.attempt(attempt)).status,
        'of its unit': async () => (await w.units.attempts(w.namespace, 's', 'of its unit'))[0].status,
        'in the history': async () => {
          const list = await w.units.history(w.namespace, 's', 'in the history');
          return (await list.next(10))[0].status;
        },
        'of its worker': async (attempt: Attempt) => {
          const active = await attemptsOf(w.attempts, 'active', w.namespace, 'of its worker');
          return active.some(({ number }) => number === attempt.number) ? 'pending' : 'expired';
        },
      };
      for (const [how, statusOf] of Object.entries(seen)) {
        await w.add('s', how);
        const first = await w.make(how, 's', how);
        await w.make('another', 's', how, 10 * LEASE);
        await w.advance(LEASE);
        expect(await statusOf(first), how).toBe('expired');
        await w.advance(-LEASE);
        expect(await w.attempt(first), how).toMatchObject({ status: 'expired', end: first.expiration });
        expect(await w.act(first, 'expire')).toMatchObject({ status: 'expired' });
      }
    });

    it('stays expired in the same way where it is the latest of its unit, which has been cleared', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.units.clear(w.namespace, 's', { names: ['u'] });
      await w.advance(LEASE);
      expect((await w.attempt(attempt)).status).toBe('expired');
      await w.advance(-LEASE);
      expect(await w.attempt(attempt)).toMatchObject({ status: 'expired', end: attempt.expiration });
    });

    it('supersedes one of the same worker too', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const first = await w.make('w', 's', 'u');
      const second = await w.make('w', 's', 'u');
      expect(await w.activeOf('w')).toEqual(['s/u', 's/u']);
      expect(await refusal(() => w.act(first, 'renew', { duration: LEASE }))).toBe('ErrLostLease');
      expect((await w.act(second, 'renew', { duration: 2 * LEASE })).expiration).toBe(START + 2 * LEASE);
    });

    it('needs the spec and the unit to be there', async () => {
      expect(await refusal(() => w.make('w', 's', 'u'))).toBe('ErrNoSuchWorkSpec');
      await w.spec('s');
      expect(await refusal(() => w.make('w', 's', 'u'))).toBe('ErrNoSuchWorkUnit');
      expect(await w.allOf('w')).toEqual([]);
    });

    it('creates the record of its worker', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      await w.make('fresh', 's', 'u');
      expect(await w.workers.find(w.namespace, 'fresh')).toMatchObject({ active: true, lastUpdate: START });
    });
  });
}
