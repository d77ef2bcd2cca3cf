import { SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { World } from '../world.js';

const WEIGHTS = [
  ['a', 1],
  ['b', 2],
  ['c', 5],
] as const;

/** Which specs a claim draws from, and how it draws. */
export function describeChoosingSpecs(w: World): void {
  describe('the specs considered for a claim', () => {
    /** One spec with a unit for each name. */
    async function specs(fields: Record<string, Record<string, string | number | boolean>>): Promise<void> {
      for (const [name, meta] of Object.entries(fields)) {
        await w.spec(name, meta);
        await w.add(name, 'u');
      }
    }
    /** Every spec that claims one after another give work of. */
    async function all(request: Parameters<typeof w.claim>[1] = {}): Promise<string[]> {
      const names: string[] = [];
      for (;;) {
        const { workSpec } = await w.claim('w', request);
        if (workSpec === undefined) return names.sort();
        names.push(workSpec);
      }
    }

    it('are all where the lists of names and runtimes are absent or empty', async () => {
      await specs({ a: {}, b: { runtime: 'go' } });
      expect(await all({ workSpecs: [], runtimes: [] })).toEqual(['a', 'b']);
    });

    it('are limited to the names asked for, unknown ones ignored', async () => {
      await specs({ a: {}, b: {}, c: {} });
      expect(await all({ workSpecs: ['b', 'none', 'c', 'b'] })).toEqual(['b', 'c']);
      expect(await all({ workSpecs: ['none'] })).toEqual([]);
      expect(await all()).toEqual(['a']);
    });

    it('are limited to the runtimes asked for, which match exactly, "" only ""', async () => {
      await specs({ none: {}, go: { runtime: 'go' }, go2: { runtime: 'go2' }, upper: { runtime: 'Go' } });
      expect(await all({ runtimes: ['go', 'rust'] })).toEqual(['go']);
      expect(await all({ runtimes: [''] })).toEqual(['none']);
      expect(await all({ runtimes: ['python_2'] })).toEqual([]);
      expect(await all({ runtimes: ['Go', 'go2'] })).toEqual(['go2', 'upper']);
    });

    it('are not those that are paused', async () => {
      await specs({ paused: { disabled: true }, open: {} });
      expect(await all()).toEqual(['open']);
      await w.specs.changeMeta(w.namespace, 'paused', { paused: false });
      expect(await all()).toEqual(['paused']);
    });

    it('are not those of a weight of zero or less', async () => {
      await specs({ zero: {}, below: {}, one: { weight: 1 } });
      await w.specs.changeMeta(w.namespace, 'zero', { weight: 0 });
      await w.specs.changeMeta(w.namespace, 'below', { weight: -5 });
      expect(await all()).toEqual(['one']);
    });

    it('are not those that have max_running units pending', async () => {
      await w.spec('s', { max_running: 2 });
      await w.add('s', 'a', 'b', 'c');
      await w.take();
      const second = await w.take();
      expect(await w.claimed()).toEqual([]);
      await w.act(second, 'finish');
      expect(await w.claimed()).toEqual(['c']);
    });

    it('are not those without an available unit', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', delay: SECOND });
      expect(await all()).toEqual([]);
    });

    it('are not those that need more memory than available_gb, where that is above zero', async () => {
      await specs({ a: { min_gb: 2 }, b: { min_gb: 2.5 }, c: {} });
      expect(await all({ availableGb: 2 })).toEqual(['a', 'c']);
      expect(await all({ availableGb: 0 })).toEqual(['b']);
      await specs({ d: { min_gb: 1000 } });
      expect(await all({ availableGb: -1 })).toEqual(['d']);
    });

    it('are those of the highest priority only', async () => {
      await specs({ low: { priority: -1, weight: 1000 }, middle: {}, high: { priority: 5, weight: 1 } });
      const order: (string | undefined)[] = [];
      for (let claims = 0; claims < 3; claims++) order.push((await w.claim()).workSpec);
      expect(order).toEqual(['high', 'middle', 'low']);
    });

    it('do not depend on `then` or then_preempts', async () => {
      await w.spec('first', { then: 'second', then_preempts: true });
      await w.spec('second');
      await w.add('first', 'a', 'b');
      await w.add('second', 'c', 'd');
      expect(new Set(await w.drawnAt(0.1, 0.9))).toEqual(new Set(['first', 'second']));
    });

    it('fall back to a lower priority when the highest has no work for this worker', async () => {
      await specs({ high: { priority: 5, min_gb: 9 }, low: {} });
      expect(await all({ availableGb: 1 })).toEqual(['low']);
    });
  });

  describe('the draw among specs', () => {
    it('is at random, by the randomness of the scheduler', async () => {
      for (const spec of ['s', 't']) {
        await w.spec(spec);
        await w.add(spec, 'u');
      }
      const drawn = await w.drawnAt(0.1, 0.4, 0.6, 0.9);
      expect(drawn[0]).toBe(drawn[1]);
      expect(drawn[2]).toBe(drawn[3]);
      expect([drawn[0], drawn[2]].sort()).toEqual(['s', 't']);
    });

    it('draws the same by the same number, in whatever order the specs are named', async () => {
      for (const spec of ['t', 's']) {
        await w.spec(spec);
        await w.add(spec, 'u');
      }
      w.setRandom(() => 0.1);
      const drawn = new Set<string | undefined>();
      for (const workSpecs of [['s', 't'], ['t', 's'], undefined]) {
        const { workSpec, attempts } = await w.claim('w', { workSpecs });
        await w.act(attempts[0], 'expire');
        drawn.add(workSpec);
      }
      expect(drawn.size).toBe(1);
    });

    it('is in proportion to the weights while nothing is pending', async () => {
      for (const [spec, weight] of WEIGHTS) {
        await w.spec(spec, { weight });
        await w.add(spec, 'u');
      }
      const counts: Record<string, number> = { a: 0, b: 0, c: 0 };
      for (let step = 0; step < 80; step++) {
        w.setRandom(() => (step + 0.5) / 80);
        const { workSpec, attempts } = await w.claim();
        counts[workSpec!]++;
        await w.act(attempts[0], 'expire');
      }
      expect(counts).toEqual({ a: 10, b: 20, c: 50 });
    });

    it('brings pending work to the ratio of the weights', async () => {
      for (const [spec, weight] of WEIGHTS) {
        await w.spec(spec, { weight });
        const names = Array.from({ length: 200 }, (_, index) => `u${index}`);
        await w.add(spec, ...names);
      }
      let state = 1;
      w.setRandom(() => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647);
      for (let claims = 0; claims < 240; claims++) await w.take(`w${claims % 7}`);
      const pending = async (spec: string): Promise<number> => (await w.counts(spec)).pending ?? 0;
      expect(Math.abs((await pending('a')) - 30)).toBeLessThanOrEqual(3);
      expect(Math.abs((await pending('b')) - 60)).toBeLessThanOrEqual(3);
      expect(Math.abs((await pending('c')) - 150)).toBeLessThanOrEqual(4);
    });

    it('leaves out a spec that has more than its share pending', async () => {
      for (const spec of ['s', 't']) {
        await w.spec(spec);
        await w.add(spec, 'a', 'b', 'c');
      }
      await w.make('w', 's', 'a');
      await w.make('w', 's', 'b'); // scores: 20 × 3 − 40 × 2 < 0 and 20 × 3
      for (const point of [0, 0.5, 0.999]) {
        w.setRandom(() => point);
        const claim = await w.claim();
        expect(claim.workSpec).toBe('t');
        await w.act(claim.attempts[0], 'expire');
      }
    });

    it('counts only the pending units of the specs that it is among', async () => {
      for (const [spec, fields] of [
        ['s', {}],
        ['t', {}],
        ['busy', { runtime: 'other' }],
      ] as const) {
        await w.spec(spec, fields);
        await w.add(spec, ...Array.from({ length: 20 }, (_, index) => `u${index}`));
      }
      await w.claim('w', { units: 15, workSpecs: ['busy'] });
      await w.claim('w', { units: 1, workSpecs: ['s'] });
      // Among s and t: 20 × 2 − 40 × 1 = 0 and 20 × 2. With busy's 15 it would be above zero for s.
      for (const point of [0, 0.999]) {
        w.setRandom(() => point);
        const claim = await w.claim('w', { runtimes: [''] });
        expect(claim.workSpec).toBe('t');
        await w.act(claim.attempts[0], 'expire');
      }
    });
  });
}
