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
  it('are all, as long as there are not more than may be', () => {
    const specs = [condition('a', 1), condition('b', 2)];
    expect(new ShownSpecs(2).choose(specs, new WorkStatistics()).map((spec) => spec.condition)).toEqual(specs);
  });

  it('are those used last, and the others are summed under a name that none can have', () => {
    const work = new WorkStatistics();
    work.of('n', 'b').claimed(0, 100 * MINUTE);
    work.of('n', 'd').ended('finished', 0, 50 * MINUTE);
    work.of('n', 'a').claimed(0, 20 * MINUTE);
    work.of('n', 'c').claimed(0, 10 * MINUTE);
    work.of('n', 'c').ended('failed', 0, 10 * MINUTE);
    const specs = ['a', 'b', 'c', 'd', 'e'].map((name, i) => condition(name, i, i === 4 ? 7 : undefined));
    const shown = new ShownSpecs(2).choose(specs, work);
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

  it('stay the same while all are in use', () => {
    const work = new WorkStatistics();
    const specs = Array.from({ length: 20 }, (_, i) => condition(`s${i}`, 0));
    for (const { workSpec } of specs) work.of('n', workSpec).claimed(0, 100 * MINUTE);
    const choice = new ShownSpecs(5);
    const names = (): string[] =>
      choice
        .choose(specs, work)
        .map((spec) => spec.condition.workSpec)
        .sort();
    const before = names();
    for (const { workSpec } of specs.slice().reverse()) work.of('n', workSpec).claimed(0, 101 * MINUTE);
    expect(
      choice
        .choose(specs.slice().reverse(), work)
        .map((spec) => spec.condition.workSpec)
        .sort(),
    ).toEqual(before);
    work.of('n', 's19').claimed(0, 200 * MINUTE);
    expect(names()).toContain('s19');
  });
});
