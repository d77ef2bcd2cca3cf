import type { ClaimRequest } from '../../../domain/attempt.js';
import type { CandidateGroup } from '../../../domain/scheduler/draw-groups.js';
import { isHandedOut, mayRunMore } from '../../../domain/scheduler/eligibility.js';
import type { Scheduler } from '../../../domain/scheduler/scheduler.js';
import type { Micros } from '../../../domain/time.js';
import type { SpecHead } from '../units/spec-head.js';
import type { Place } from './spec-state.js';
import { SpecState } from './spec-state.js';

/** A spec of a namespace of very many. */
export class PooledSpec extends SpecState {
  /** Those that it is drawn with; none while it has nothing to give. */
  group: Group | undefined;

  constructor(
    head: SpecHead,
    available: number,
    pending: number,
    first: Place | undefined,
    /** When the first lease or delay of it runs out. */
    readonly dueAt: Micros,
  ) {
    super(head, available, pending, first);
  }
}

/** Specs of one priority, weight and number of pending units, that ask the same of who runs them. */
class Group implements CandidateGroup {
  /** In the order of their ids, so that it depends on chance alone which of them is drawn. */
  readonly specs: PooledSpec[] = [];

  constructor(
    readonly key: string,
    readonly priority: number,
    readonly weight: number,
    readonly pending: number,
  ) {}

  get count(): number {
    return this.specs.length;
  }
}

/** The specs of a namespace that have something to give, gathered so that a draw does not look at each of them. */
export class DrawPool {
  private readonly groups = new Map<number, Map<string, Group>>();
  /** The priorities of the groups, the highest first. */
  private readonly priorities: number[] = [];
  /** Continuous specs without units, which may be about to make one. */
  private readonly waiting = new Set<PooledSpec>();

  put(spec: PooledSpec): void {
    const { meta } = spec.head;
    if (!isHandedOut(meta) || !mayRunMore(meta, spec)) return;
    if (spec.available <= 0) {
      if (meta.continuous) this.waiting.add(spec);
      return;
    }
    const group = this.groupOf(spec);
    spec.group = group;
    group.specs.splice(placeOf(spec.id, group.specs), 0, spec);
  }

  remove(spec: PooledSpec): void {
    this.waiting.delete(spec);
    const { group } = spec;
    if (!group) return;
    spec.group = undefined;
    group.specs.splice(placeOf(spec.id, group.specs), 1);
    if (group.specs.length > 0) return;
    const same = this.groups.get(group.priority)!;
    same.delete(group.key);
    if (same.size > 0) return;
    this.groups.delete(group.priority);
    this.priorities.splice(this.placeOf(group.priority), 1);
  }

  /** Draws one for a claim that names none. */
  choose(request: ClaimRequest, now: Micros, scheduler: Scheduler): PooledSpec | undefined {
    const alone = [...this.waiting].filter((spec) => spec.canGive(request, now));
    const found: { group: CandidateGroup; specs: readonly PooledSpec[] }[] = alone.map((spec) => ({
      group: { priority: spec.priority, weight: spec.weight, pending: spec.pending, count: 1 },
      specs: [spec],
    }));
    for (const priority of this.priorities) {
      if (found.some(({ group }) => group.priority > priority)) break;
      for (const group of this.groups.get(priority)!.values())
        if (group.specs[0].suits(request)) found.push({ group, specs: group.specs });
    }
    found.sort((a, b) => a.specs[0].id - b.specs[0].id);
    const drawn = scheduler.chooseOfGroups(found.map(({ group }) => group));
    return drawn && found[drawn.group].specs[drawn.member];
  }

  private groupOf({ head: { meta }, weight, pending, priority }: PooledSpec): Group {
    let same = this.groups.get(priority);
    if (!same) {
      this.groups.set(priority, (same = new Map<string, Group>()));
      this.priorities.splice(this.placeOf(priority), 0, priority);
    }
    const key = `${weight} ${pending} ${meta.minMemoryGb} ${meta.runtime}`;
    let group = same.get(key);
    if (!group) same.set(key, (group = new Group(key, priority, weight, pending)));
    return group;
  }

  /** Where a priority is among the others, or would be. */
  private placeOf(priority: number): number {
    let low = 0;
    for (let high = this.priorities.length; low < high;) {
      const middle = (low + high) >> 1;
      if (this.priorities[middle] > priority) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Where a spec is among others in the order of their ids, or would be. */
function placeOf(id: number, specs: readonly PooledSpec[]): number {
  let low = 0;
  for (let high = specs.length; low < high;) {
    const middle = (low + high) >> 1;
    if (specs[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
