import { leastIndex } from '../../structures/least-index.js';
import type { ClaimRequest } from '../attempt.js';
import type { Candidate } from './draw.js';
import type { CandidateGroup } from './draw-groups.js';
import { canRun, type Needs } from './eligibility.js';

/** A work spec that is drawn together with those that are alike. */
export interface Pooled<Spec> extends Candidate, Needs {
  /** Its own among all of the pool. */
  readonly id: number;
  /** Those that it is drawn with; undefined while it is not to be drawn. The pool's. */
  group: DrawGroup<Spec> | undefined;
}

/** Specs of one priority, weight and number of pending units, that ask the same of who runs them. */
export class DrawGroup<Spec> implements CandidateGroup {
  /** In the order of their ids, so that it depends on chance alone which of them is drawn. */
  readonly specs: Spec[] = [];

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
export class DrawPool<Spec extends Pooled<Spec>> {
  private readonly groups = new Map<number, Map<string, DrawGroup<Spec>>>();
  /** The priorities of the groups, the highest first. */
  private readonly priorities: number[] = [];

  /** Lets a spec be drawn that is not among them, by what it is now. */
  put(spec: Spec): void {
    const group = this.groupOf(spec);
    spec.group = group;
    group.specs.splice(placeOf(spec.id, group.specs), 0, spec);
  }

  /** Lets a spec be drawn no more, whatever has become of it since. */
  remove(spec: Spec): void {
    const { group } = spec;
    if (!group) return;
    spec.group = undefined;
    group.specs.splice(placeOf(spec.id, group.specs), 1);
    if (group.specs.length > 0) return;
    const same = this.groups.get(group.priority)!;
    same.delete(group.key);
    if (same.size > 0) return;
    this.groups.delete(group.priority);
    this.priorities.splice(this.placeOfPriority(group.priority), 1);
  }

  /** The groups of the highest priority that has some which who claims can run, none below `least`. */
  suitable(request: ClaimRequest, least = -Infinity): DrawGroup<Spec>[] {
    for (const priority of this.priorities) {
      if (priority < least) break;
      const found: DrawGroup<Spec>[] = [];
      for (const group of this.groups.get(priority)!.values()) if (canRun(group.specs[0], request)) found.push(group);
      if (found.length > 0) return found.sort((a, b) => a.specs[0].id - b.specs[0].id);
    }
    return [];
  }

  private groupOf({ priority, weight, pending, minMemoryGb, runtime }: Spec): DrawGroup<Spec> {
    let same = this.groups.get(priority);
    if (!same) {
      this.groups.set(priority, (same = new Map<string, DrawGroup<Spec>>()));
      this.priorities.splice(this.placeOfPriority(priority), 0, priority);
    }
    const key = `${weight} ${pending} ${minMemoryGb} ${runtime}`;
    let group = same.get(key);
    if (!group) same.set(key, (group = new DrawGroup<Spec>(key, priority, weight, pending)));
    return group;
  }

  /** Where a priority is among the others, or would be. */
  private placeOfPriority(priority: number): number {
    const { priorities } = this;
    return leastIndex(priorities.length, (index) => priorities[index] <= priority);
  }
}

/** Where a spec is among others in the order of their ids, or would be. */
function placeOf(id: number, specs: readonly { readonly id: number }[]): number {
  // Most often they are put in order.
  if (specs.length === 0 || specs[specs.length - 1].id < id) return specs.length;
  return leastIndex(specs.length, (index) => specs[index].id >= id);
}
