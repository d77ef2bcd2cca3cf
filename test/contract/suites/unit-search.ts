import type { WorkUnitQuery } from 'coordinate-daemon/backend';
import { MINUTE, MOST_LOOKS, noCounts, NoSuchWorkSpecError, parseCauseId, SECOND } from 'coordinate-daemon/backend';
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

  describe('counts of what a query selects', () => {
    it('say by status how many a listing would have, whatever it is narrowed by', async () => {
      await w.spec('s');
      const later = { name: 'b/later', notBefore: w.now + MINUTE };
      await w.add('s', 'a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'b/done', '\xff/1', later);
      for (const unit of ['a/1', 'a/2', 'b/1']) await w.make('w', 's', unit);
      await w.make('v', 's', 'b/done');
      await w.report('s', 'a/1', 'failed', { content: { traceback: 'no 1' } });
      await w.report('s', 'b/done', 'finished');
      const [{ id }] = await w.units.failures(w.namespace, 's', 10);
      const failure = parseCauseId(id);
      const count = async (query: WorkUnitQuery) => await w.units.count(w.namespace, 's', query);
      const queries: WorkUnitQuery[] = [
        {},
        { statuses: [] },
        { statuses: ['available', 'failed'] },
        { prefix: 'a/' },
        { prefix: 'b/', statuses: ['available', 'delayed'] },
        { prefix: 'b/', previous: 'b/1' },
        { prefix: '\xff' },
        { contains: '1' },
        { contains: '/', statuses: ['pending'], previous: 'a/2' },
        { contains: 'nothing' },
        { names: ['b/later', 'a/2', 'none', 'a/2'] },
        { names: ['b/later', 'a/2'], statuses: ['delayed'] },
        { worker: 'w' },
        { worker: 'w', prefix: 'b/' },
        { worker: 'w', statuses: ['finished'] },
        { worker: 'nobody' },
        { failure },
        { failure, contains: '2' },
        { failure, worker: 'w' },
        { failure, statuses: ['available'] },
      ];
      const check = async (): Promise<void> => {
        for (const query of queries) {
          const expected = noCounts();
          for (const { status } of await w.units.list(w.namespace, 's', query)) expected[status]++;
          const { counts, lookedTo } = await count({ ...query, limit: 1 });
          expect({ query, counts, lookedTo }).toEqual({ query, counts: expected, lookedTo: undefined });
        }
      };
      await check();
      expect(await count({ contains: '1' })).toEqual({
        counts: { ...noCounts(), available: 1, pending: 1, failed: 1 },
        looked: 8,
      });
      await w.advance(LEASE);
      await check();
      expect((await count({ prefix: 'b/' })).counts).toEqual({ ...noCounts(), available: 3, finished: 1 });
      await expect((async () => w.units.count(w.namespace, 'none', { prefix: 'a' }))()).rejects.toThrow(
        NoSuchWorkSpecError,
      );
    });

    it('go on behind the unit that they have come to', async () => {
      await w.spec('s');
      const names = Array.from({ length: MOST_LOOKS + 2 }, (_, i) => `u${String(i).padStart(6, '0')}`);
      await w.add('s', ...names);
      const first = await w.units.count(w.namespace, 's', { contains: '9' });
      expect(first).toMatchObject({ looked: MOST_LOOKS, lookedTo: names[MOST_LOOKS - 1] });
      const rest = await w.units.count(w.namespace, 's', { contains: '0', previous: first.lookedTo });
      expect(rest).toEqual({ counts: { ...noCounts(), available: 2 }, looked: 2 });
      const nines = names.slice(0, MOST_LOOKS).filter((name) => name.includes('9'));
      expect(first.counts.available).toBe(nines.length);
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
