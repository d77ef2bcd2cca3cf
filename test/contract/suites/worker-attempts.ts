import type { Attempt, AttemptRecord } from 'coordinate-daemon/backend';
import { SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { show } from '../data.js';
import type { World } from '../world.js';
import { LEASE } from '../world.js';
import { attemptsOf } from '../attempts.js';

export function describeWorkerAttempts(w: World): void {
  const child = async (name: string, parent = 'p'): Promise<void> =>
    await w.workers.change(w.namespace, name, { parent, update: { lifetime: 9 * LEASE } });

  describe("a worker's active attempts", () => {
    it('are its attempts still in status pending, those cleared or superseded at their unit included', async () => {
      await w.spec('s');
      await w.spec('t');
      await w.add('s', 'a', 'b', 'c', 'd');
      await w.add('t', 'e');
      for (const name of ['a', 'b', 'c', 'd']) await w.make('w', 's', name);
      await w.make('w', 't', 'e');
      await w.make('v', 's', 'b');
      await w.units.clear(w.namespace, 's', { names: ['a'] });
      await w.report('s', 'c', 'finished');
      expect(await w.activeOf('w')).toEqual(['s/a', 's/b', 's/d', 't/e']);
      expect(await w.allOf('w')).toEqual(['s/a', 's/b', 's/c', 's/d', 't/e']);
      expect(await w.activeOf('v')).toEqual(['s/b']);
    });

    it('are listed oldest first, over all specs, and so are all attempts', async () => {
      for (const spec of ['z', 'a', 'm']) {
        await w.spec(spec);
        await w.add(spec, '1', '2');
      }
      const order: [string, string][] = [
        ['z', '2'],
        ['a', '1'],
        ['m', '1'],
        ['z', '1'],
        ['a', '2'],
      ];
      for (const [spec, unit] of order) {
        await w.make('w', spec, unit);
        await w.advance(1);
      }
      const names = order.map(([spec, unit]) => `${spec}/${unit}`);
      expect(await w.activeOf('w')).toEqual(names);
      await w.report('m', '1', 'failed');
      await w.report('z', '2', 'finished');
      expect(await w.allOf('w')).toEqual(names);
      expect(await w.activeOf('w')).toEqual(['a/1', 'z/1', 'a/2']);
    });

    it.each(['active', 'all', 'of children'] as const)('can be read in windows: %s', async (which) => {
      await child('w');
      for (const spec of ['a', 'z']) {
        await w.spec(spec);
        await w.add(spec, '1', '2', '3', '4', '5', '6');
      }
      const units = ['1', '2', '3', '4', '5', '6'].flatMap((unit) => [`z/${unit}`, `a/${unit}`]);
      const numbers: number[] = [];
      for (const [index, unit] of units.entries()) {
        const [spec, name] = unit.split('/');
        numbers.push((await w.make('w', spec, name, index === 3 ? SECOND : LEASE)).number);
      }
      await w.report('z', '4', 'failed');
      await w.make('v', 'a', '5');
      await w.advance(2 * SECOND);
      const asked = which === 'of children' ? 'p' : 'w';
      const left = which === 'all' ? units : units.toSpliced(6, 1).toSpliced(3, 1);
      for (const most of [1, 3, 10, 100]) {
        const list = w.attempts.listOf(w.namespace, asked, which);
        const seen: string[] = [];
        for (;;) {
          const window = await list.next(most);
          expect(window.length).toBeLessThanOrEqual(most);
          seen.push(...window.map(({ workSpec, workUnit }) => `${workSpec}/${workUnit}`));
          if (window.length < most) break;
        }
        expect(seen).toEqual(left);
      }
      const [last] = await w.attempts.listOf(w.namespace, asked, which, numbers[10]).next(5);
      expect(last).toMatchObject({ worker: 'w', workSpec: 'a', workUnit: '6', number: numbers[11], status: 'pending' });
      expect(await w.attempts.listOf(w.namespace, 'nobody', which).next(5)).toEqual([]);
    });

    it('show what each attempt shows, but for its data', async () => {
      await w.spec('s');
      await w.add('s', { name: 'u', data: { x: 1 } });
      const attempt = await w.take();
      expect(await attemptsOf(w.attempts, 'active', w.namespace, 'w')).toEqual([withoutData(attempt)]);
      await w.act(attempt, 'finish', { content: { y: 2 } });
      const [ended] = await attemptsOf(w.attempts, 'all', w.namespace, 'w');
      expect(ended).toEqual(withoutData(await w.attempt(attempt)));
    });

    it('of a worker that is not there are none', async () => {
      expect([await w.activeOf('none'), await w.allOf('none')]).toEqual([[], []]);
      expect(await attemptsOf(w.attempts, 'of children', w.namespace, 'none')).toEqual([]);
    });
  });

  describe("a worker's child attempts", () => {
    it('are the pending ones of its direct children, oldest first', async () => {
      await child('c1');
      await child('c2');
      await child('grandchild', 'c1');
      await w.spec('s');
      await w.add('s', ...'abcdefg');
      const workers = ['c2', 'c1', 'grandchild', 'p', 'stranger', 'c2', 'c1'];
      for (const [index, worker] of workers.entries()) await w.make(worker, 's', 'abcdefg'[index]);
      await w.report('s', 'f', 'finished');
      await w.units.clear(w.namespace, 's', { names: ['g'] });
      const attempts = await attemptsOf(w.attempts, 'of children', w.namespace, 'p');
      expect(attempts.map(({ worker, workUnit }) => `${worker} ${workUnit}`)).toEqual(['c2 a', 'c1 b', 'c1 g']);
      expect(await attemptsOf(w.attempts, 'of children', w.namespace, 'c1')).toMatchObject([{ worker: 'grandchild' }]);
      await w.workers.change(w.namespace, 'c2', { parent: null });
      expect(await attemptsOf(w.attempts, 'of children', w.namespace, 'p')).toMatchObject([
        { workUnit: 'b' },
        { workUnit: 'g' },
      ]);
    });
  });

  describe('what the active children of a worker were last given', () => {
    const claimed = async (): Promise<Record<string, string[]>> => {
      const found = await w.workers.claimedByChildren(w.namespace, 'p');
      return Object.fromEntries(
        [...found].map(([name, units]) => [
          name,
          units.map(({ workSpec, workUnit, holder }) => `${workSpec}/${workUnit} ${holder?.worker ?? '-'}`),
        ]),
      );
    };

    it('are the units of the latest claim of each that it has not finished or failed since', async () => {
      await child('c1');
      await child('c2');
      await w.spec('s');
      await w.add('s', ...'abcdef');
      await w.claim('c1', { units: 2 });
      const { attempts } = await w.claim('c1', { units: 3 });
      expect(await claimed()).toEqual({ c1: ['s/c c1', 's/d c1', 's/e c1'], c2: [] });
      await w.act(attempts[0], 'finish');
      await w.report('s', 'd', 'failed');
      expect(await claimed()).toEqual({ c1: ['s/e c1'], c2: [] });
      await w.take('c2');
      expect(await claimed()).toEqual({ c1: ['s/e c1'], c2: ['s/f c2'] });
    });

    it('are nothing after a claim that gave nothing', async () => {
      await child('c');
      await w.spec('s');
      await w.add('s', 'u');
      await w.take('c');
      await w.claim('c');
      expect(await claimed()).toEqual({ c: [] });
    });

    it('include those that it lost, with their present holder', async () => {
      await child('c');
      await w.spec('s');
      await w.add('s', 'cleared', 'expired', 'taken', 'z');
      const { attempts } = await w.claim('c', { units: 4 });
      await w.units.clear(w.namespace, 's', { names: ['cleared'] });
      await w.act(attempts[1], 'expire');
      const taken = await w.make('thief', 's', 'taken', 5 * LEASE);
      expect(await claimed()).toEqual({ c: ['s/cleared -', 's/expired -', 's/taken thief', 's/z c'] });
      await w.advance(LEASE);
      expect(await claimed()).toEqual({ c: ['s/cleared -', 's/expired -', 's/taken thief', 's/z -'] });
      const units = (await w.workers.claimedByChildren(w.namespace, 'p')).get('c')!;
      expect(units[2].holder).toMatchObject({ number: taken.number, expiration: taken.expiration });
      await w.act(taken, 'finish');
      expect((await claimed()).c[2]).toBe('s/taken -');
    });

    it('do not include a unit that it finished or failed by another attempt', async () => {
      await child('c');
      await w.spec('s');
      await w.add('s', 'a', 'b');
      await w.claim('c', { units: 2 });
      await w.act(await w.make('thief', 's', 'a'), 'expire');
      await w.units.clear(w.namespace, 's', {});
      await w.report('s', 'a', 'finished', { worker: 'c' });
      expect(await claimed()).toEqual({ c: ['s/b -'] });
    });

    it('show the data of the attempt', async () => {
      await child('c');
      await w.spec('s');
      await w.add('s', { name: 'u', data: { x: 1 } });
      const attempt = await w.take('c');
      const shown = async (): Promise<unknown> =>
        show((await w.workers.claimedByChildren(w.namespace, 'p')).get('c')![0].data);
      expect(await shown()).toEqual({ x: 1 });
      await w.act(attempt, 'renew', { content: { y: 2 } });
      expect(await shown()).toEqual({ y: 2 });
    });

    it('leave out deleted units, deleted specs and children that are not active', async () => {
      await child('c1');
      await child('c2');
      await child('gone');
      await w.spec('s');
      await w.spec('t');
      await w.add('s', 'a', 'b', 'x');
      await w.add('t', 'y');
      await w.claim('c1', { units: 2, workSpecs: ['s'] });
      await w.claim('gone', { workSpecs: ['s'] });
      await w.claim('c2', { workSpecs: ['t'] });
      await w.workers.deactivate(w.namespace, 'gone');
      await w.units.delete(w.namespace, 's', { names: ['a'] });
      await w.add('s', 'a');
      expect(await claimed()).toEqual({ c1: ['s/b c1'], c2: ['t/y c2'] });
      await w.specs.delete(w.namespace, 't');
      await w.units.delete(w.namespace, 's', {});
      expect(await claimed()).toEqual({ c1: [], c2: [] });
      await w.workers.change(w.namespace, 'c1', { update: { lifetime: SECOND } });
      await w.advance(SECOND);
      expect(await claimed()).toEqual({ c2: [] });
      expect(await w.workers.claimedByChildren(w.namespace, 'none')).toEqual(new Map());
    });
  });
}

function withoutData(attempt: Attempt): AttemptRecord {
  const record: Partial<Attempt> = { ...attempt };
  delete record.data;
  return record as AttemptRecord;
}
