import { SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { World } from '../world.js';
import { LEASE } from '../world.js';

/** Queries of units by the beginning or a part of their names, and by who holds them; workers by their last claims. */
export function describeUnitSearch(w: World): void {
  describe('units by a part of their names', () => {
    it('are found by how they begin', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'a/1', 'a/2', 'a/\xff', 'a0', 'b', '\xff', '\xff\xff');
      expect(await w.names('s', { prefix: 'a/' })).toEqual(['a/1', 'a/2', 'a/\xff']);
      expect(await w.names('s', { prefix: 'a/', previous: 'a/1' })).toEqual(['a/2', 'a/\xff']);
      expect(await w.names('s', { prefix: 'a/', previous: 'A', limit: 2 })).toEqual(['a/1', 'a/2']);
      expect(await w.names('s', { prefix: 'a/', previous: 'b' })).toEqual([]);
      expect(await w.names('s', { prefix: '\xff' })).toEqual(['\xff', '\xff\xff']);
      expect(await w.names('s', { prefix: 'a', statuses: ['available'], limit: 2 })).toEqual(['a', 'a/1']);
      expect(await w.names('s', { prefix: 'a', names: ['b', 'a0'] })).toEqual(['a0']);
      expect(await w.units.delete(w.namespace, 's', { prefix: 'a/' })).toBe(3);
      expect(await w.names('s')).toEqual(['a', 'a0', 'b', '\xff', '\xff\xff']);
    });

    it('are found by what is in them, with how far was looked', async () => {
      await w.spec('s');
      await w.add('s', 'xa', 'b', 'axx', '\0%_a', 'c');
      const search = (query = {}) => w.units.search(w.namespace, 's', { contains: 'a', ...query });
      expect(await search()).toEqual({ names: ['\0%_a', 'axx', 'xa'], looked: 5, lookedTo: undefined });
      expect(await search({ contains: '%_' })).toMatchObject({ names: ['\0%_a'] });
      expect(await search({ limit: 2 })).toEqual({ names: ['\0%_a', 'axx'], looked: 2, lookedTo: 'axx' });
      expect(await search({ previous: 'axx' })).toMatchObject({ names: ['xa'], looked: 3 });
      expect(await search({ prefix: 'x' })).toMatchObject({ names: ['xa'] });
      expect(await search({ statuses: ['finished'] })).toMatchObject({ names: [] });
      expect(await w.units.prioritize(w.namespace, 's', { contains: 'x' }, { to: 5 })).toBe(2);
      expect((await w.unit('s', 'axx')).priority).toBe(5);
      expect(await w.units.delete(w.namespace, 's', { contains: 'a', limit: 2 })).toBe(2);
      expect(await w.names('s')).toEqual(['b', 'c', 'xa']);
    });
  });

  describe('units by their worker', () => {
    it('are those that it holds', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', 'd', 'e');
      for (const unit of ['d', 'a', 'b', 'c']) await w.make('w', 's', unit);
      await w.make('v', 's', 'b');
      await w.report('s', 'c', 'finished');
      expect(await w.names('s', { worker: 'w' })).toEqual(['a', 'd']);
      expect(await w.names('s', { worker: 'w', previous: 'a' })).toEqual(['d']);
      expect(await w.names('s', { worker: 'w', names: ['b', 'd'] })).toEqual(['d']);
      expect(await w.names('s', { worker: 'v' })).toEqual(['b']);
      expect(await w.names('s', { worker: 'nobody' })).toEqual([]);
      await w.advance(LEASE);
      expect(await w.names('s', { worker: 'w' })).toEqual([]);
    });
  });

  describe('workers by their last claims', () => {
    it('come in that order, those first that were never given anything', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', 'd');
      for (const worker of ['never', 'z', 'y', 'x']) await w.workers.ensure(w.namespace, worker);
      const units = { z: 2, x: 1, y: 1 };
      const claimed: Record<string, number> = {};
      for (const worker of ['z', 'x', 'y'] as const) {
        claimed[worker] = w.now;
        await w.claim(worker, { units: units[worker] });
        await w.advance(SECOND);
      }
      await w.report('s', 'c', 'finished');
      const list = async (query = {}) => await w.workers.list(w.namespace, { byClaim: true, held: true, ...query });
      const all = await list();
      expect(all.map(({ name, units: held, lastClaim }) => [name, held, lastClaim])).toEqual([
        ['never', 0, undefined],
        ['z', 2, claimed.z],
        ['x', 0, claimed.x],
        ['y', 1, claimed.y],
      ]);
      const names = async (query = {}) => (await list(query)).map(({ name }) => name);
      expect(await names({ limit: 2 })).toEqual(['never', 'z']);
      expect(await names({ limit: 2, after: all[1] })).toEqual(['x', 'y']);
      expect(await names({ after: all[0] })).toEqual(['z', 'x', 'y']);
      await w.workers.deactivate(w.namespace, 'z');
      expect(await names({ active: true })).toEqual(['never', 'x', 'y']);
      const byName = await w.workers.list(w.namespace, { held: true });
      expect(byName.map(({ name, units: held }) => `${name} ${held}`)).toEqual(['never 0', 'x 0', 'y 1', 'z 2']);
    });
  });
}
