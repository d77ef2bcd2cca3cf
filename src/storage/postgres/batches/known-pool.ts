import type { ClaimRequest } from '../../../domain/attempt.js';
import type { CandidateGroup } from '../../../domain/scheduler/draw-groups.js';
import { type DrawGroup, DrawPool, type Pooled } from '../../../domain/scheduler/draw-pool.js';
import { isHandedOut, mayRunMore } from '../../../domain/scheduler/eligibility.js';
import type { Scheduler } from '../../../domain/scheduler/scheduler.js';
import type { Micros } from '../../../domain/time.js';
import type { SpecHead } from '../units/spec-head.js';
import type { Place } from './spec-state.js';
import { SpecState } from './spec-state.js';

/** A spec of a namespace of very many. */
export class PooledSpec extends SpecState implements Pooled<PooledSpec> {
  group: DrawGroup<PooledSpec> | undefined;

  constructor(
    head: SpecHead,
    available: number,
    pending: number,
    first: Place | undefined,
    /** When the first lease or delay of it runs out. */
    readonly dueAt: Micros,
    delayed: number,
    fullAt: Micros,
  ) {
    super(head, available, pending, first, delayed, fullAt);
  }

  get runtime(): string {
    return this.head.meta.runtime;
  }

  get minMemoryGb(): number {
    return this.head.meta.minMemoryGb;
  }
}

/** The specs of a namespace of very many that may have something to give. */
export class KnownPool {
  private readonly pool = new DrawPool<PooledSpec>();
  /** Those that are looked at for each claim: continuous specs without units, which may be about to make one, and those with limits. */
  private readonly waiting = new Set<PooledSpec>();

  put(spec: PooledSpec): void {
    const { meta } = spec.head;
    if (!isHandedOut(meta) || !mayRunMore(meta, spec)) return;
    if (spec.hasLimits && (spec.available > 0 || meta.continuous)) this.waiting.add(spec);
    else if (spec.available > 0) this.pool.put(spec);
    else if (meta.continuous) this.waiting.add(spec);
  }

  remove(spec: PooledSpec): void {
    this.waiting.delete(spec);
    this.pool.remove(spec);
  }

  /** Draws one for a claim that names none. */
  choose(request: ClaimRequest, now: Micros, scheduler: Scheduler): PooledSpec | undefined {
    const found: { group: CandidateGroup; specs: readonly PooledSpec[] }[] = [];
    let highest = -Infinity;
    for (const spec of this.waiting) {
      if (!spec.canGive(request, now)) continue;
      const { priority, weight, pending } = spec;
      found.push({ group: { priority, weight, pending, count: 1 }, specs: [spec] });
      highest = Math.max(highest, priority);
    }
    for (const group of this.pool.suitable(request, highest)) found.push({ group, specs: group.specs });
    found.sort((a, b) => a.specs[0].id - b.specs[0].id);
    const drawn = scheduler.chooseOfGroups(found.map(({ group }) => group));
    return drawn && found[drawn.group].specs[drawn.member];
  }
}
