import type { Encodable } from 'coordinate-daemon/backend';
import { SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it, vi } from 'vitest';
import { restored } from '../restoring.js';
import type { World } from '../world.js';

const FLOW = (...after: string[]): Record<string, Encodable> => ({ flow: { after } });

export function describeAfter(w: World): void {
  const waitingFor = async (name: string) =>
    (await w.repositories.overview.read(w.namespace)).specs.find(({ workSpec }) => workSpec === name)!.waitingFor;
  const claimsB = () => w.claimed('w', { workSpecs: ['b'] });

  describe('a spec that comes after another', () => {
    it('is not handed out while that has an available unit, a pending or a delayed one', async () => {
      await w.spec('a', { disabled: true });
      await w.spec('b', FLOW('a'));
      await w.add('b', 'x', 'y');
      await w.add('a', 'first');
      expect(await w.claimed()).toEqual([]);
      expect(await waitingFor('b')).toEqual(['a']);
      await w.specs.changeMeta(w.namespace, 'a', { paused: false });
      const attempt = await w.take('v');
      expect(attempt.workSpec).toBe('a');
      expect(await w.claimed()).toEqual([]);
      await w.act(attempt, 'retry', { delay: 5 * SECOND });
      expect(await w.claimed()).toEqual([]);
      await w.advance(5 * SECOND);
      const again = await w.take('v', { workSpecs: ['a'] });
      expect(await claimsB()).toEqual([]);
      await w.act(again, 'finish');
      expect(await waitingFor('b')).toEqual([]);
      expect(await w.claimed('w', { units: 9 })).toEqual(['x', 'y']);
    });

    it('is handed out when the last one of that has failed', async () => {
      await w.spec('a');
      await w.spec('b', FLOW('a'));
      await w.add('a', 'first');
      await w.add('b', 'x');
      await w.act(await w.take('v'), 'fail');
      expect(await w.claimed()).toEqual(['x']);
    });

    it.each([undefined, ['b']])(
      'is handed out at the moment at which the last lease of that fails its unit (of %j)',
      async (workSpecs) => {
        await w.spec('b', FLOW('z'));
        await w.spec('z', { flow: { retry: { attempts: 1, expired: true } } });
        await w.add('b', 'x');
        await w.add('z', '1', '2');
        await w.take('v', { workSpecs: ['z'], lifetime: SECOND });
        await w.advance(SECOND);
        expect(await w.claimed('v', { lifetime: SECOND })).toEqual(['2']);
        await w.advance(SECOND);
        // Who names a spec does not wait while what has run out of another one takes effect in slices.
        await vi.waitFor(async () => expect(await w.claimed('w', { workSpecs })).toEqual(['x']));
      },
    );

    it.each([undefined, ['a', 'b']])(
      'is handed out by the claim that finds all units of that tried too often (of %j)',
      async (workSpecs) => {
        await w.spec('a', { max_retries: 1 });
        await w.spec('b', FLOW('a'));
        await w.add('a', '1', '2', '3', '4', '5');
        await w.add('b', 'x');
        expect(await w.claimed('v', { units: 5, lifetime: SECOND })).toHaveLength(5);
        await w.advance(2 * SECOND);
        expect(await w.claimed('w', { units: 5, workSpecs })).toEqual(['x']);
      },
    );

    it.each([
      ['units of it are deleted', () => w.units.delete(w.namespace, 'a', { names: ['first'] })],
      ['all of them are', () => w.units.delete(w.namespace, 'a', {})],
      ['it is deleted', () => w.specs.delete(w.namespace, 'a')],
      ['it waits for that no more', () => w.spec('b')],
    ])('is handed out when %s', async (_, change) => {
      await w.spec('a', { disabled: true });
      await w.spec('b', FLOW('a'));
      await w.add('a', 'first');
      await w.add('b', 'x');
      expect(await w.claimed()).toEqual([]);
      await change();
      expect(await w.claimed()).toEqual(['x']);
      expect(await waitingFor('b')).toEqual([]);
    });

    it('waits again when something is added there, cleared, retried or made anew', async () => {
      await w.spec('a');
      await w.spec('b', FLOW('a'));
      await w.add('b', '1', '2', '3', '4', '5');
      await w.add('a', 'first');
      const end = async () => w.act(await w.take('v', { workSpecs: ['a'] }), 'finish');
      await end();
      expect(await claimsB()).toEqual(['1']);
      await w.add('a', 'first');
      expect(await claimsB()).toEqual([]);
      await end();
      expect(await claimsB()).toEqual(['2']);
      await w.units.clear(w.namespace, 'a', {});
      expect(await claimsB()).toEqual([]);
      await end();
      expect(await claimsB()).toEqual(['3']);
      const made = await w.make('v', 'a', 'first');
      expect(await claimsB()).toEqual([]);
      await w.act(made, 'finish');
      await w.specs.delete(w.namespace, 'a');
      expect(await claimsB()).toEqual(['4']);
      await w.spec('a');
      await w.add('a', 'other');
      expect(await claimsB()).toEqual([]);
    });

    it('waits for each of several, and for none that is not there', async () => {
      await w.spec('b', FLOW('a', 'c', 'nowhere'));
      await w.spec('a');
      await w.spec('c');
      await w.add('a', 'first');
      await w.add('c', 'second');
      await w.add('b', 'x');
      expect(await waitingFor('b')).toEqual(['a', 'c']);
      await w.act(await w.take('v', { workSpecs: ['a'] }), 'finish');
      expect(await waitingFor('b')).toEqual(['c']);
      expect(await claimsB()).toEqual([]);
      await w.act(await w.take('v', { workSpecs: ['c'] }), 'finish');
      expect(await claimsB()).toEqual(['x']);
    });

    it('does not wait for one of another namespace', async () => {
      await w.spec('a', {}, 'other');
      await w.units.add('other', 'a', [{ name: 'first', data: Uint8Array.of(0xa0), priority: 0 }]);
      await w.spec('b', FLOW('a'));
      await w.add('b', 'x');
      expect(await w.claimed()).toEqual(['x']);
    });

    it('waits for what the end of one chains into another that it waits for as well', async () => {
      await w.spec('a', { then: 'c' });
      await w.spec('c');
      await w.spec('b', FLOW('a', 'c'));
      await w.add('a', 'first');
      await w.add('b', 'x');
      await w.act(await w.take('v', { workSpecs: ['a'] }), 'finish', { content: { output: { next: {} } } });
      expect(await claimsB()).toEqual([]);
      await w.act(await w.take('v', { workSpecs: ['c'] }), 'finish');
      expect(await claimsB()).toEqual(['x']);
    });

    it('makes no unit of its own meanwhile, where it is continuous', async () => {
      await w.spec('a', { disabled: true });
      await w.spec('b', { continuous: true, ...FLOW('a') });
      await w.add('a', 'first');
      expect(await w.claimed()).toEqual([]);
      expect(await w.names('b')).toEqual([]);
      await w.units.delete(w.namespace, 'a', {});
      expect(await w.claimed()).toEqual(['1700000000.123']);
    });

    it('can have an attempt made at a unit all the same', async () => {
      await w.spec('a');
      await w.spec('b', FLOW('a'));
      await w.add('a', 'first');
      await w.add('b', 'x');
      expect(await w.make('w', 'b', 'x')).toMatchObject({ status: 'pending' });
    });

    it('leaves work to others meanwhile, of a lower priority too', async () => {
      await w.spec('a', { disabled: true });
      await w.spec('b', { priority: 9, ...FLOW('a') });
      await w.spec('c');
      for (const name of ['a', 'b', 'c']) await w.add(name, `of ${name}`);
      expect(await w.claimed()).toEqual(['of c']);
    });

    w.itWith('snapshots', 'waits for it after both have been restored, in whatever order', async () => {
      await w.spec('a');
      await w.spec('b', FLOW('a', 'c'));
      await w.spec('c');
      for (const name of ['a', 'b', 'c']) await w.add(name, `of ${name}`);
      await restored(w);
      for (const name of ['a', 'c']) {
        expect(await claimsB()).toEqual([]);
        await w.act(await w.take('v', { workSpecs: [name] }), 'finish');
      }
      expect(await claimsB()).toEqual(['of b']);
    });

    it('is held to its rate limit besides', async () => {
      await w.spec('a');
      await w.spec('b', { flow: { after: ['a'], rate_limit: { units: 1, per: 60 } } });
      await w.add('a', 'first');
      await w.add('b', 'x', 'y');
      const attempt = await w.take('v', { workSpecs: ['a'] });
      await w.advance(120 * SECOND);
      expect(await claimsB()).toEqual([]);
      await w.act(attempt, 'finish');
      expect(await claimsB()).toEqual(['x']);
      expect(await claimsB()).toEqual([]);
    });
  });

  describe('specs that would wait for each other', () => {
    const refusal = (circle: string) =>
      expect.objectContaining({
        message: expect.stringContaining(circle) as string,
      }) as Error;

    it('are refused when the circle is closed, and stay as they were', async () => {
      await expect(w.spec('a', FLOW('a'))).rejects.toThrow(refusal('"a" → "a"'));
      await w.spec('a', FLOW('b'));
      await w.spec('b', FLOW('c'));
      await expect(w.spec('c', FLOW('a'))).rejects.toThrow(refusal('"c" → "a" → "b" → "c"'));
      expect(await w.specs.find(w.namespace, 'c')).toBeUndefined();
      await w.spec('c');
      await expect(w.spec('c', FLOW('x', 'a'))).rejects.toThrow(refusal('"c" → "a" → "b" → "c"'));
      expect((await w.specs.meta(w.namespace, 'c', false)).flow).toBeUndefined();
      await w.specs.delete(w.namespace, 'b');
      await w.spec('c', FLOW('a'));
    });

    it('leave no namespace that was not there when they are refused', async () => {
      await expect(w.spec('a', FLOW('a'), 'new')).rejects.toThrow(refusal('"a" → "a"'));
      expect(await w.namespaces.exists('new')).toBe(false);
      expect(await w.namespaces.list()).toEqual([]);
    });

    it('are so too when both are set at once', async () => {
      for (let round = 0; round < 3; round++) {
        await w.spec('a');
        await w.spec('b');
        const set = await Promise.allSettled([w.spec('a', FLOW('b')), w.spec('b', FLOW('a'))]);
        expect(set.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      }
    });
  });
}
