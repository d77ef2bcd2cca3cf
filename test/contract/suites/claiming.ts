import type { Encodable } from 'coordinate-daemon/backend';
import { ByteString, SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { data, show } from '../data.js';
import type { World } from '../world.js';
import { LEASE, START } from '../world.js';

export function describeClaiming(w: World): void {
  describe('claiming work', () => {
    it('of nothing gives nothing', async () => {
      expect(await w.claim()).toEqual({ nameIsBytes: false, attempts: [] });
      await w.spec('s');
      expect((await w.claim()).workSpec).toBeUndefined();
    });

    it('gives pending attempts of the asking worker, with the data of the units', async () => {
      await w.spec('s');
      await w.add('s', { name: 'a', data: { x: 1 } }, { name: 'b', data: { x: 2 } });
      const claim = await w.claim('w', { units: 2, lifetime: 7 * SECOND });
      expect(claim).toMatchObject({ workSpec: 's', nameIsBytes: false });
      expect(claim.attempts.map((attempt) => show(attempt.data))).toEqual([{ x: 1 }, { x: 2 }]);
      for (const attempt of claim.attempts) {
        expect(attempt).toMatchObject({ worker: 'w', status: 'pending', start: START, expiration: START + 7 * SECOND });
        expect(await w.attempt(attempt)).toEqual(attempt);
      }
      expect(await w.counts('s')).toEqual({ pending: 2 });
      expect(await w.activeOf('w')).toEqual(['s/a', 's/b']);
    });

    it('says whether the dictionary of the spec spells its name as bytes', async () => {
      // {b"name": b"s"}
      await w.specs.set(w.namespace, {
        ...(await w.spec('s').then(() => w.specs.find(w.namespace, 's')))!,
        nameIsBytes: true,
        data: Buffer.from('a1446e616d654173', 'hex'),
      });
      await w.add('s', 'u');
      expect(await w.claim()).toMatchObject({ workSpec: 's', nameIsBytes: true });
    });

    it('takes the units of highest priority first, then bytewise by name', async () => {
      await w.spec('s');
      await w.add('s', 'b', 'a', { name: 'z', priority: 0.5 }, { name: 'y', priority: -1 });
      await w.add('s', { name: '\xff', priority: 2 }, { name: '\x00', priority: 2 }, { name: '', priority: 2 }, 'B');
      expect(await w.claimed('w', { units: 2 })).toEqual(['', '\x00']);
      expect(await w.claimed('w', { units: 100 })).toEqual(['\xff', 'z', 'B', 'a', 'b', 'y']);
    });

    it('takes units that were given back in the same order as others', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', { name: 'd', delay: SECOND, priority: 9 });
      const [a, b] = (await w.claim('w', { units: 2 })).attempts;
      await w.act(b, 'expire');
      await w.act(a, 'retry');
      await w.advance(SECOND);
      expect(await w.claimed('w', { units: 9 })).toEqual(['d', 'a', 'b', 'c']);
    });

    it('gives what there is to whoever asks for more than can be counted', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c');
      expect(await w.claimed('w')).toEqual(['a']);
      expect(await w.claimed('w', { units: 2 ** 64 })).toEqual(['b', 'c']);
    });

    it('never hands out a unit that is pending, nor one that is finished, failed or delayed', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', { name: 'd', delay: SECOND });
      const { attempts } = await w.claim('w', { units: 3 });
      await w.act(attempts[1], 'finish');
      await w.act(attempts[2], 'fail');
      expect(await w.claimed('v', { units: 9 })).toEqual([]);
    });

    it('gives all from one spec', async () => {
      for (const spec of ['s', 't']) {
        await w.spec(spec);
        await w.add(spec, 'a', 'b');
      }
      const first = await w.claim('w', { units: 9 });
      const second = await w.claim('w', { units: 9 });
      for (const claim of [first, second]) {
        expect(claim.attempts.map(({ workSpec }) => workSpec)).toEqual([claim.workSpec, claim.workSpec]);
      }
      expect([first.workSpec, second.workSpec].sort()).toEqual(['s', 't']);
    });

    it('creates the record of the worker, active for exactly 15 minutes, even when there is no work', async () => {
      await w.claim('fresh');
      expect(await w.workers.find(w.namespace, 'fresh')).toMatchObject({
        active: true,
        lastUpdate: START,
        expiration: START + 15 * 60 * SECOND,
        parent: undefined,
      });
    });

    it('makes a namespace that is not there, unless it is to be one that is', async () => {
      const request = { worker: 'w', units: 1, lifetime: LEASE };
      // Twice, since a backend may remember what it did not find.
      for (let time = 0; time < 2; time++) {
        const claim = await w.attempts.claim('elsewhere', { ...request, onlyInExisting: true });
        expect(claim).toMatchObject({ attempts: [], noNamespace: true });
        expect(await w.namespaces.exists('elsewhere')).toBe(false);
      }
      const both = await Promise.all([
        w.attempts.claim('elsewhere', { ...request, onlyInExisting: true }),
        w.attempts.claim(w.namespace, { ...request, onlyInExisting: true }),
        w.attempts.claim('another', request),
      ]);
      expect(both.map(({ attempts }) => attempts)).toEqual([[], [], []]);
      expect([both[0].noNamespace, both[2].noNamespace]).toEqual([true, undefined]);
      expect(await w.namespaces.exists('elsewhere')).toBe(false);
      expect(await w.namespaces.exists('another')).toBe(true);
      await w.namespaces.ensure('elsewhere');
      const now = await w.attempts.claim('elsewhere', { ...request, onlyInExisting: true });
      expect([now.attempts, now.noNamespace]).toEqual([[], undefined]);
      expect(await w.workers.find('elsewhere', 'w')).toMatchObject({ active: true });
      await w.namespaces.destroy('elsewhere');
      const gone = await w.attempts.claim('elsewhere', { ...request, onlyInExisting: true });
      expect(gone.noNamespace).toBe(true);
      expect(await w.namespaces.exists('elsewhere')).toBe(false);
    });

    it('is remembered as the time that its worker was last given work', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      await w.claim('w', { workSpecs: ['none'] });
      expect((await w.workers.find(w.namespace, 'w'))!.lastClaim).toBeUndefined();
      await w.advance(SECOND);
      await w.take();
      await w.advance(SECOND);
      await w.claim();
      expect((await w.workers.find(w.namespace, 'w'))!.lastClaim).toBe(START + SECOND);
    });
  });

  describe('how many units a claim takes', () => {
    it('is as many as asked for, if there are so many', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', 'd', 'e');
      expect(await w.claimed('w', { units: 3 })).toEqual(['a', 'b', 'c']);
      expect(await w.claimed('w', { units: 3 })).toEqual(['d', 'e']);
    });

    it('is at most max_attempts_returned', async () => {
      await w.spec('s', { max_getwork: 2 });
      await w.add('s', 'a', 'b', 'c', 'd', 'e');
      expect(await w.claimed('w', { units: 4 })).toEqual(['a', 'b']);
      expect(await w.claimed('w', { units: 1 })).toEqual(['c']);
    });

    it('is at most what max_running leaves', async () => {
      await w.spec('s', { max_running: 3 });
      await w.add('s', 'a', 'b', 'c', 'd', 'e');
      expect(await w.claimed('w', { units: 2 })).toEqual(['a', 'b']);
      expect(await w.claimed('w', { units: 2 })).toEqual(['c']);
      expect(await w.claimed('w', { units: 2 })).toEqual([]);
      await w.advance(LEASE);
      expect(await w.claimed('w', { units: 9 })).toEqual(['a', 'b', 'c']);
    });

    it('never exceeds max_running, whatever was made beside it', async () => {
      await w.spec('s', { max_running: 2 });
      await w.add('s', 'a', 'b', 'c', 'd');
      for (const name of ['a', 'b', 'c']) await w.make('w', 's', name);
      expect(await w.claimed('w', { units: 9 })).toEqual([]);
      await w.units.clear(w.namespace, 's', { names: ['a', 'b'] }); // cleared attempts are not pending units
      expect(await w.claimed('w', { units: 9 })).toEqual(['a']);
    });

    it('is changed by the meta at once', async () => {
      await w.spec('s', { max_running: 1 });
      await w.add('s', 'a', 'b', 'c');
      await w.take();
      await w.specs.changeMeta(w.namespace, 's', { maxRunning: 0, maxAttemptsReturned: 1 });
      expect(await w.claimed('w', { units: 9 })).toEqual(['b']);
      await w.specs.changeMeta(w.namespace, 's', { maxAttemptsReturned: 0 });
      expect(await w.claimed('w', { units: 9 })).toEqual(['c']);
    });
  });

  describe('max_retries', () => {
    const tooMany = data({ traceback: 'too many retries' });

    it('fails a unit on the spot that has had so many attempts, by an attempt of the asking worker', async () => {
      await w.spec('s', { max_retries: 2 });
      await w.add('s', 'u');
      await w.act(await w.take('w1'), 'retry');
      await w.act(await w.take('w2'), 'expire');
      await w.advance(SECOND);
      expect(await w.claim('w3')).toMatchObject({ attempts: [] });
      expect(await w.history('s', 'u')).toEqual(['w1 retryable', 'w2 expired', 'w3 failed']);
      const unit = await w.unit('s', 'u');
      expect(unit).toMatchObject({ status: 'failed', activeAttempt: { worker: 'w3', start: w.now, end: w.now } });
      expect(Buffer.from(unit.data)).toEqual(tooMany);
      // It is nothing that the worker did.
      expect(await w.allOf('w3')).toEqual([]);
      expect(await w.activeOf('w3')).toEqual([]);
      expect(await w.claimed()).toEqual([]);
    });

    it('keeps the cause, whatever kind of value that is', async () => {
      await w.spec('s', { max_retries: 1 });
      await w.spec('after', { max_retries: 1 });
      const tracebacks: Encodable[] = ['line 1\nline 2', new ByteString('\u0000\u00ff'), ['deep', [{ x: 1.5 }]]];
      for (const traceback of tracebacks) {
        await w.add('s', 'u');
        await w.act(await w.take('w1'), 'retry', { content: { before: 'x', traceback, after: 1 } });
        expect(await w.claimed('w2')).toEqual([]);
        const expected = data({ traceback: 'too many retries', last: traceback });
        expect(Buffer.from((await w.unit('s', 'u')).data)).toEqual(Buffer.from(expected));
        // With a history, it is left out of the list of its worker as well.
        await w.act(await w.make('w3', 's', 'u'), 'fail', { content: { traceback: 'too many retries, I gave up' } });
        expect(await w.allOf('w2')).toEqual([]);
      }
      expect(await w.allOf('w3')).toEqual(['s/u', 's/u', 's/u']);
      await w.add('s', 'u');
      await w.act(await w.take('w1'), 'retry', { content: { traceback: null } });
      expect(await w.claimed('w2')).toEqual([]);
      expect(Buffer.from((await w.unit('s', 'u')).data)).toEqual(Buffer.from(tooMany));
    });

    it('counts attempts of every kind, the expired and the made ones too', async () => {
      await w.spec('s', { max_retries: 3 });
      await w.add('s', 'u');
      await w.take();
      await w.advance(LEASE);
      await w.act(await w.make('w', 's', 'u'), 'expire');
      await w.act(await w.take(), 'renew', { duration: 0 });
      expect(await w.claimed()).toEqual([]);
      expect(await w.status('s', 'u')).toBe('failed');
    });

    it('counts since the unit was last added, added again or cleared', async () => {
      await w.spec('s', { max_retries: 1 });
      await w.add('s', 'u');
      await w.act(await w.take(), 'expire');
      await w.add('s', 'u');
      await w.act(await w.take(), 'expire');
      await w.units.clear(w.namespace, 's', {});
      await w.act(await w.take(), 'expire');
      expect(await w.claimed()).toEqual([]);
      await w.units.clear(w.namespace, 's', {}); // clears the attempt that failed it, too
      expect(await w.claimed()).toEqual(['u']);
      expect(await w.units.numAttempts(w.namespace, 's', 'u')).toBe(5);
    });

    it('does not count the attempt that is running while the unit is added again', async () => {
      await w.spec('s', { max_retries: 1 });
      await w.add('s', 'u');
      const attempt = await w.take();
      await w.add('s', 'u');
      await w.act(attempt, 'retry');
      expect(await w.claimed()).toEqual(['u']);
    });

    it('is not reset by a change of meta, a retry or a lease that runs out', async () => {
      await w.spec('s', { max_retries: 1 });
      await w.add('s', 'u');
      await w.take();
      await w.units.change(w.namespace, 's', 'u', { priority: 3 });
      await w.advance(LEASE);
      expect(await w.claimed()).toEqual([]);
      expect(await w.status('s', 'u')).toBe('failed');
    });

    it('uses up the place of the unit in the batch', async () => {
      await w.spec('s', { max_retries: 1 });
      await w.add('s', 'a', 'b', 'c', 'd');
      for (const name of ['a', 'c']) await w.act(await w.make('w', 's', name), 'retry');
      expect(await w.claimed('w', { units: 3 })).toEqual(['b']); // a and c have failed
      expect(await w.counts('s')).toEqual({ failed: 2, pending: 1, available: 1 });
    });

    it('lets a claim choose again only when the whole batch is used up', async () => {
      await w.spec('high', { priority: 1, max_retries: 1 });
      await w.spec('low');
      await w.add('low', 'x');
      await w.add('high', 'a', 'b', 'c');
      for (const name of ['a', 'b', 'c']) await w.act(await w.make('w', 'high', name), 'retry');
      expect(await w.claim('w', { units: 2 })).toMatchObject({ workSpec: 'low', attempts: [{ workUnit: 'x' }] });
      expect(await w.counts('high')).toEqual({ failed: 3 });
    });

    it('counts the units that it fails against max_getwork, not against max_running', async () => {
      await w.spec('s', { max_retries: 1, max_running: 2, max_getwork: 1 });
      await w.add('s', 'a', 'b');
      await w.act(await w.make('w', 's', 'a'), 'retry');
      expect(await w.claimed('w', { units: 2 })).toEqual(['b']); // a was the first batch, b the second
      expect(await w.counts('s')).toEqual({ failed: 1, pending: 1 });
    });
  });
}
