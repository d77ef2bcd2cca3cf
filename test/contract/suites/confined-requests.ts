import type { ReportedStatus } from 'coordinate-daemon/backend';
import { HeldByOthersError } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { World } from '../world.js';
import { LEASE } from '../world.js';

/** How a unit comes to be held by a worker: by the status that it reads then. */
const HELD = ['pending', 'finished', 'failed'] as const;
const REPORTS: readonly (ReportedStatus | undefined)[] = [undefined, 'available', 'pending', 'finished', 'failed'];

export function describeConfinedRequests(w: World): void {
  /** A unit `u` of the spec `s` that a worker holds. */
  async function hold(worker: string, status: (typeof HELD)[number]): Promise<void> {
    await w.spec('s');
    await w.add('s', 'u');
    const attempt = await w.take(worker);
    if (status !== 'pending') await w.act(attempt, status === 'finished' ? 'finish' : 'fail');
  }

  describe.each(HELD)('a request for workers of one prefix, at a unit that is %s', (status) => {
    it('changes nothing while another holds it, whatever it reports, in whosever name', async () => {
      await hold('other-1', status);
      const before = [await w.unit('s', 'u'), await w.units.attempts(w.namespace, 's', 'u')];
      for (const reported of REPORTS) {
        for (const worker of ['ci-1', 'other-1', undefined]) {
          const answer = await w.report('s', 'u', reported, { worker, workers: 'ci-', content: { x: 1 } });
          expect(answer).toEqual({ changed: false, reason: 'held by another', holder: 'other-1' });
        }
      }
      await expect((async () => w.make('ci-1', 's', 'u', LEASE, 'ci-'))()).rejects.toThrow(HeldByOthersError);
      expect([await w.unit('s', 'u'), await w.units.attempts(w.namespace, 's', 'u')]).toEqual(before);
    });

    it('begins a new attempt where one of them holds it', async () => {
      await hold('ci-2', status);
      expect((await w.make('ci-1', 's', 'u', LEASE, 'ci-')).status).toBe('pending');
      expect(await w.history('s', 'u')).toEqual([`ci-2 ${status}`, 'ci-1 pending']);
    });
  });

  describe('a request for workers of one prefix', () => {
    it('takes and ends what nobody holds', async () => {
      await w.spec('s');
      await w.add('s', 'u', 'v');
      await w.make('ci-1', 's', 'u', LEASE, 'ci-');
      expect(await w.report('s', 'u', 'finished', { worker: 'ci-1', workers: 'ci-' })).toEqual({ changed: true });
      expect(await w.report('s', 'v', 'failed', { worker: 'ci-1', workers: 'ci-' })).toEqual({ changed: true });
      expect(await w.counts('s')).toEqual({ finished: 1, failed: 1 });
    });

    it('takes what another has lost', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      await w.take('other-1');
      await w.advance(LEASE);
      expect((await w.make('ci-1', 's', 'u', LEASE, 'ci-')).status).toBe('pending');
    });

    it('goes by the bytes of names', async () => {
      await hold('\xc3\xa9-1', 'pending');
      expect(await w.report('s', 'u', 'finished', { worker: '\xc3\xa9-1', workers: '\xc3' })).toEqual({
        changed: true,
      });
    });
  });
}
