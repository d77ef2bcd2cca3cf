import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../src/domain/time.js';
import type { SpecCondition } from '../../../src/domain/work-unit.js';
import { noCounts } from '../../../src/domain/work-unit.js';
import { ShownSpecs } from '../../../src/observability/metrics/shown-specs.js';
import { WorkStatistics } from '../../../src/observability/metrics/work-statistics.js';

function condition(workSpec: string, available: number, oldestAvailable?: number): SpecCondition {
  return { namespace: 'n', workSpec, counts: { ...noCounts(), available }, oldestAvailable, limitedUntil: undefined };
}

describe('the specs that have series of their own', () => {
  it('are all, as long as there are not more than may be', async () => {
    const specs = [condition('a', 1), condition('b', 2)];
    const shown = await new ShownSpecs(2).choose(specs, new WorkStatistics());
    expect(shown.map((spec) => spec.condition)).toEqual(specs);
  });

  it('are those used last, and the others are summed under a name that none can have', async () => {
    const work = new WorkStatistics();
    work.of('n', 'b').claimed(0, 100 * MINUTE);
    work.of('n', 'd').ended('finished', 0, 50 * MINUTE);
    work.of('n', 'a').claimed(0, 20 * MINUTE);
    work.of('n', 'c').claimed(0, 10 * MINUTE);
    work.of('n', 'c').ended('failed', 0, 10 * MINUTE);
    const specs = ['a', 'b', 'c', 'd', 'e'].map((name, i) => condition(name, i, i === 4 ? 7 : undefined));
    const shown = await new ShownSpecs(2).choose(specs, work);
    expect(shown.map((spec) => spec.condition)).toEqual([
      specs[1],
      specs[3],
      {
        namespace: '',
        workSpec: '',
        counts: { ...noCounts(), available: 6 },
        oldestAvailable: 7,
        limitedUntil: undefined,
      },
    ]);
    const { done } = shown[2];
    expect(done).toMatchObject({
      claims: 2,
      lastClaim: 20 * MINUTE,
      waited: { sum: 1800 },
      ends: { failed: { sum: 600 } },
    });
    expect(done!.ends.finished).toBeUndefined();
  });

  it('stay the same while all are in use', async () => {
    const work = new WorkStatistics();
    const specs = Array.from({ length: 20 }, (_, i) => condition(`s${i}`, 0));
    for (const { workSpec } of specs) work.of('n', workSpec).claimed(0, 100 * MINUTE);
    const choice = new ShownSpecs(5);
    const names = async (from = specs): Promise<string[]> =>
      (await choice.choose(from, work)).map((spec) => spec.condition.workSpec).sort();
    const before = await names();
    for (const { workSpec } of specs.slice().reverse()) work.of('n', workSpec).claimed(0, 101 * MINUTE);
    expect(await names(specs.slice().reverse())).toEqual(before);
    work.of('n', 's19').claimed(0, 200 * MINUTE);
    expect(await names()).toContain('s19');
  });

  it('are chosen in slices, and those that went away forgotten so, where there are very many', async () => {
    const work = new WorkStatistics();
    const specs = Array.from({ length: 100_000 }, (_, i) => condition(`s${i}`, 1));
    for (const { workSpec } of specs) work.of('n', workSpec);
    const turnsOf = async (begun: Promise<unknown>): Promise<number> => {
      let isDone = false;
      void begun.then(() => (isDone = true));
      let turns = 0;
      for (; !isDone; turns++) await nextTurn();
      return turns;
    };
    expect(await turnsOf(new ShownSpecs(5).choose(specs, work))).toBeGreaterThan(5);
    expect(await turnsOf(work.forgetAllBut(specs.slice(0, 10), Infinity))).toBeGreaterThan(2);
    expect([work.find('n', 's9'), work.find('n', 's10')]).toEqual([expect.anything(), undefined]);
  });
});
