import { MINUTE } from '../../domain/time.js';
import type { SpecCondition } from '../../domain/work-unit.js';
import { noCounts, WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { SpecStatistics, type WorkStatistics } from './work-statistics.js';
import { nameKey } from '../../structures/name-key.js';
import { mapInSlices, Slices } from '../../timing/slices.js';
import { sortedInSlices } from '../../timing/sorted-in-slices.js';

/** A spec that has series of its own, or all others together: how it stands, and what this daemon has done with it. */
export interface ShownSpec {
  readonly condition: SpecCondition;
  readonly done: SpecStatistics | undefined;
}

/** Specs that were used within the same span keep their places, so that series do not come and go at each scrape. */
const SPAN = 10 * MINUTE;

/**
 * Chooses the specs that have series of their own, which are the expensive part of metrics: those used last. The others
 * are summed under the empty name, which no work spec can have, in the empty namespace.
 */
export class ShownSpecs {
  private shown = new Set<string>();

  constructor(private readonly most: number) {}

  /** @returns those, in slices; last, where there are more, all others together */
  async choose(specs: readonly SpecCondition[], work: WorkStatistics): Promise<ShownSpec[]> {
    const all = await mapInSlices(specs, (condition) => ({
      condition,
      done: work.find(condition.namespace, condition.workSpec),
    }));
    if (all.length <= this.most) return all;
    const ranked = await mapInSlices(all, (spec) => {
      const key = keyOf(spec);
      return { spec, key, span: spanOf(spec), rank: this.shown.has(key) ? 1 : 0 };
    });
    const sorted = await sortedInSlices(ranked, (a, b) => b.span - a.span || b.rank - a.rank, new Slices());
    const chosen = sorted.slice(0, this.most);
    this.shown = new Set(chosen.map(({ key }) => key));
    return [...chosen.map(({ spec }) => spec), await sumOf(sorted.slice(this.most).map(({ spec }) => spec))];
  }
}

function keyOf({ condition: { namespace, workSpec } }: ShownSpec): string {
  return nameKey(namespace, workSpec);
}

/** Specs with units come before those without, where neither has been used. */
function spanOf({ condition, done }: ShownSpec): number {
  if (done?.lastUse) return Math.floor(done.lastUse / SPAN);
  return condition.oldestAvailable === undefined ? -Infinity : 0;
}

async function sumOf(specs: readonly ShownSpec[]): Promise<ShownSpec> {
  const slices = new Slices();
  const counts = noCounts();
  const done = new SpecStatistics();
  let oldestAvailable: number | undefined;
  let limitedUntil: number | undefined;
  for (const { condition, done: each } of specs) {
    for (const status of WORK_UNIT_STATUSES) counts[status] += condition.counts[status];
    if (each) done.addAll(each);
    const { oldestAvailable: oldest, limitedUntil: until } = condition;
    if (oldest !== undefined) oldestAvailable = Math.max(oldest, oldestAvailable ?? 0);
    if (until !== undefined) limitedUntil = Math.max(until, limitedUntil ?? 0);
    if (slices.isOver()) await slices.next();
  }
  return { condition: { namespace: '', workSpec: '', counts, oldestAvailable, limitedUntil }, done };
}
