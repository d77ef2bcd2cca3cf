import { SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { refusal } from '../data.js';
import type { World } from '../world.js';
import { LEASE } from '../world.js';

export function describeDeleting(w: World): void {
  const remove = async (query: Parameters<typeof w.units.delete>[2]): Promise<number> =>
    await w.units.delete(w.namespace, 's', query);

  describe('deleting work units', () => {
    it('deletes those that a query selects and says how many', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', 'd', { name: 'e', delay: SECOND });
      await w.act(await w.take(), 'finish');
      await w.take();
      expect(await remove({ names: ['c', 'none'] })).toBe(1);
      expect(await remove({ statuses: ['finished', 'delayed'] })).toBe(2);
      expect(await remove({ names: ['d'], statuses: ['pending'] })).toBe(0);
      expect(await remove({ names: [] })).toBe(0);
      expect(await remove({ statuses: [] })).toBe(0);
      expect(await w.names('s')).toEqual(['b', 'd']);
      expect(await w.counts('s')).toEqual({ pending: 1, available: 1 });
      expect(await remove({ previous: 'b', limit: 5 })).toBe(1);
      expect(await w.names('s')).toEqual(['b']);
    });

    it.each([
      ['all', {}],
      ['by name', { names: ['u', 'v'] }],
      ['by status', { statuses: ['pending', 'finished'] }],
    ] as const)('deletes their attempts, also from the lists of their workers (%s)', async (_, query) => {
      await w.spec('s');
      await w.spec('t');
      await w.add('s', 'u', 'v');
      await w.add('t', 'x');
      const first = await w.make('w', 's', 'u');
      const second = await w.make('w', 's', 'u');
      await w.act(await w.make('w', 's', 'v'), 'finish');
      await w.make('w', 't', 'x');
      expect(await w.activeOf('w')).toEqual(['s/u', 's/u', 't/x']);
      expect(await remove(query as Parameters<typeof remove>[0])).toBe(2);
      expect(await w.activeOf('w')).toEqual(['t/x']);
      expect(await w.allOf('w')).toEqual(['t/x']);
      expect(await w.counts('s')).toEqual({});
      for (const attempt of [first, second]) {
        expect(await refusal(() => w.attempt(attempt))).toBe('ErrNoSuchWorkUnit');
        for (const action of ['renew', 'expire', 'finish', 'fail', 'retry'] as const) {
          expect(await refusal(() => w.act(attempt, action))).toBe('ErrNoSuchWorkUnit');
        }
      }
    });

    it('leaves an attempt of a deleted unit gone when the name is added again', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const old = await w.take();
      await remove({ names: ['u'] });
      await w.add('s', 'u');
      expect(await w.history('s', 'u')).toEqual([]);
      expect(await w.units.numAttempts(w.namespace, 's', 'u')).toBe(0);
      expect(await refusal(() => w.act(old, 'finish'))).toBe('ErrGone');
      const fresh = await w.take();
      expect(await refusal(() => w.act(old, 'finish'))).toBe('ErrGone');
      expect(await refusal(() => w.attempt({ ...fresh, worker: 'somebody else' }))).toBe('ErrGone');
      expect(await refusal(() => w.attempt({ ...fresh, start: fresh.start + 1 }))).toBe('ErrGone');
      expect(await w.status('s', 'u')).toBe('pending');
    });

    it('lets a worker that then reports on one hear that there is no such unit', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      await w.take();
      await remove({});
      expect(await w.report('s', 'u', 'finished')).toEqual({ changed: false, reason: 'no such work unit' });
      expect(await w.names('s')).toEqual([]);
    });

    it('does not bring back a lease or a delay of a deleted unit', async () => {
      await w.spec('s');
      await w.add('s', 'u', { name: 'v', delay: SECOND });
      await w.take();
      await remove({ names: ['u', 'v'] });
      await w.add('s', { name: 'v', delay: 9 * LEASE });
      await w.advance(LEASE);
      expect(await w.counts('s')).toEqual({ delayed: 1 });
      expect(await w.claimed()).toEqual([]);
    });
  });
}
