import type { WorkUnitQuery, WorkUnitStatus } from 'coordinate-daemon/backend';
import { SECOND, WORK_UNIT_STATUSES } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { World } from '../world.js';
import { LEASE } from '../world.js';

export function describeUnitQueries(w: World): void {
  /** Thirty units, six in each status, the statuses mixed in the order of names. */
  async function fill(): Promise<Map<string, WorkUnitStatus>> {
    const units = new Map<string, WorkUnitStatus>();
    for (let i = 0; i < 30; i++) units.set(`u${String(i).padStart(2, '0')}`, WORK_UNIT_STATUSES[i % 5]);
    await w.spec('s');
    const names = [...units.keys()];
    await w.add('s', ...names.map((name) => (units.get(name) === 'delayed' ? { name, delay: 99 * LEASE } : name)));
    for (const [name, status] of units) {
      if (status === 'available' || status === 'delayed') continue;
      const attempt = await w.make('w', 's', name);
      if (status !== 'pending') await w.act(attempt, status === 'finished' ? 'finish' : 'fail');
    }
    return units;
  }

  /** What a query means, said the long way. */
  function selected(units: Map<string, WorkUnitStatus>, query: WorkUnitQuery): string[] {
    return [...units.keys()]
      .filter((name) => !query.names || query.names.includes(name))
      .filter((name) => !query.statuses || query.statuses.includes(units.get(name)!))
      .filter((name) => query.previous === undefined || name > query.previous)
      .sort()
      .slice(0, query.limit ?? units.size);
  }

  describe('measuring units', () => {
    it('tells the length of what each would show, in the order of their names', async () => {
      await w.spec('s');
      await w.add('s', { name: 'b', data: { x: 'y'.repeat(300) } }, 'a', 'c', 'd');
      const own = 'z'.repeat(200_000);
      await w.report('s', (await w.take()).workUnit, 'finished', { content: { own } });
      const expected = async (query: WorkUnitQuery) =>
        (await w.units.list(w.namespace, 's', query)).map(({ name, data }) => ({ name, bytes: data.length }));
      const queries: WorkUnitQuery[] = [
        {},
        { names: ['c', 'none', 'b', 'a'] },
        { previous: 'a', limit: 2 },
        { statuses: ['finished'] },
        { statuses: ['available'], limit: 1 },
      ];
      for (const query of queries) {
        const measured = await w.units.measure(w.namespace, 's', query);
        expect(measured).toEqual(await expected(query));
        expect(measured.length).toBeGreaterThan(0);
      }
      await expect(async () => w.units.measure(w.namespace, 'none', {})).rejects.toThrow();
    });
  });

  describe('queries of work units', () => {
    it('select by names, statuses, previous and limit, in any combination', async () => {
      const units = await fill();
      const queries: WorkUnitQuery[] = [];
      for (const names of [undefined, [], ['u07', 'u03', 'none', 'u03', 'u29', 'u12', 'u11']]) {
        for (const statuses of [
          undefined,
          [],
          ['failed'],
          ['available', 'pending'],
          [...WORK_UNIT_STATUSES],
        ] as const) {
          for (const previous of [undefined, '', 'u', 'u11', 'u1', 'u29', 'z']) {
            for (const limit of [undefined, 0, 1, 4, 1000]) {
              queries.push({ names, statuses: statuses && [...statuses], previous, limit });
            }
          }
        }
      }
      for (const query of queries) expect([query, await w.names('s', query)]).toEqual([query, selected(units, query)]);
    });

    it('select all without a restriction, sorted bytewise', async () => {
      const units = await fill();
      expect(await w.names('s')).toEqual([...units.keys()]);
    });

    it.each(WORK_UNIT_STATUSES)('select the units that are %s, as the counts say', async (status) => {
      const units = await fill();
      const names = selected(units, { statuses: [status] });
      expect(names).toHaveLength(6);
      expect(await w.names('s', { statuses: [status] })).toEqual(names);
      expect(await w.counts('s')).toMatchObject({ [status]: 6 });
    });

    it('take everything in windows that are continued by the last name seen', async () => {
      const units = await fill();
      for (const statuses of [undefined, ['failed', 'delayed'] as WorkUnitStatus[]]) {
        const seen: string[] = [];
        for (let previous: string | undefined; ; previous = seen[seen.length - 1]) {
          const window = await w.names('s', { statuses, previous, limit: 4 });
          if (window.length === 0) break;
          seen.push(...window);
        }
        expect(seen).toEqual(selected(units, { statuses }));
      }
    });

    it('continue after a name that is there no longer', async () => {
      await fill();
      await w.units.delete(w.namespace, 's', { names: ['u04', 'u05'] });
      expect(await w.names('s', { previous: 'u04', limit: 2 })).toEqual(['u06', 'u07']);
    });

    it('show whole units as well as names', async () => {
      const units = await fill();
      const query: WorkUnitQuery = { previous: 'u03', limit: 7 };
      const listed = await w.units.list(w.namespace, 's', query);
      expect(listed.map(({ name }) => name)).toEqual(selected(units, query));
      for (const unit of listed) expect(unit).toEqual(await w.unit('s', unit.name));
    });

    it('see the statuses as they are at the moment of asking', async () => {
      await w.spec('s');
      await w.add('s', 'a', { name: 'b', delay: SECOND });
      const attempt = await w.take();
      expect(await w.names('s', { statuses: ['available'] })).toEqual([]);
      await w.advance(SECOND);
      expect(await w.names('s', { statuses: ['available'] })).toEqual(['b']);
      await w.setClock(attempt.expiration);
      expect(await w.names('s', { statuses: ['available'] })).toEqual(['a', 'b']);
      expect(await w.names('s', { statuses: ['pending', 'delayed'] })).toEqual([]);
    });

    it('by names alone answer in the order asked, with nothing for one that is missing', async () => {
      await fill();
      const found = await w.units.getMany(w.namespace, 's', ['u02', 'none', 'u01', 'u02']);
      expect(found.map((unit) => unit?.name)).toEqual(['u02', undefined, 'u01', 'u02']);
      expect(found.map((unit) => unit?.status)).toEqual(['pending', undefined, 'delayed', 'pending']);
      expect(await w.units.getMany(w.namespace, 's', [])).toEqual([]);
    });
  });

  describe('priorities of many units', () => {
    const priorities = async (): Promise<Record<string, number>> =>
      Object.fromEntries((await w.units.list(w.namespace, 's', {})).map(({ name, priority }) => [name, priority]));

    it('are set on all that a query selects', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', { name: 'c', priority: 3 });
      expect(await w.units.prioritize(w.namespace, 's', { names: ['a', 'c', 'none'] }, { to: -1.5 })).toBe(2);
      expect(await priorities()).toEqual({ a: -1.5, b: 0, c: -1.5 });
      expect(await w.units.prioritize(w.namespace, 's', {}, { to: 7 })).toBe(3);
      expect(await priorities()).toEqual({ a: 7, b: 7, c: 7 });
    });

    it('are added to on all that a query selects', async () => {
      await w.spec('s');
      await w.add('s', { name: 'a', priority: 1 }, 'b', { name: 'c', priority: -0.5 });
      expect(await w.units.prioritize(w.namespace, 's', { previous: 'a' }, { by: 2.25 })).toBe(2);
      expect(await priorities()).toEqual({ a: 1, b: 2.25, c: 1.75 });
      expect(await w.units.prioritize(w.namespace, 's', { names: [] }, { by: 1 })).toBe(0);
      expect(await priorities()).toEqual({ a: 1, b: 2.25, c: 1.75 });
    });

    it('change units of any status, and the order of claims', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', { name: 'd', delay: SECOND });
      await w.make('w', 's', 'a');
      await w.units.prioritize(w.namespace, 's', { names: ['a', 'd'] }, { to: 9 });
      await w.units.prioritize(w.namespace, 's', { names: ['c'] }, { by: 5 });
      expect(await priorities()).toEqual({ a: 9, b: 0, c: 5, d: 9 });
      expect(await w.counts('s')).toEqual({ available: 2, pending: 1, delayed: 1 });
      await w.advance(LEASE);
      expect(await w.claimed('v', { units: 9 })).toEqual(['a', 'd', 'c', 'b']);
    });
  });
}
