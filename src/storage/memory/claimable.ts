import type { Candidate } from '../../domain/scheduler/draw.js';
import type { Needs } from '../../domain/scheduler/eligibility.js';
import type { Micros } from '../../domain/time.js';

/** What claims ask of a work spec. */
export interface ClaimSource extends Candidate {
  readonly needs: Needs;
  mayGiveWork(availableGb: number): boolean;
  isBusy(now: Micros): boolean;
  hasWork(now: Micros): boolean;
  validUntil(): Micros;
  changed(): void;
}

/**
 * A work spec as claims see it: what the draw looks at, in plain fields, which stay as they are until something about the
 * spec changes or runs out. So a claim goes through twenty thousand specs by looking at a number of each.
 */
export class Claimable<Spec extends ClaimSource> implements Candidate, Needs {
  priority = 0;
  weight = 0;
  pending = 0;
  runtime = '';
  minMemoryGb = 0;
  /** What a claim finds here; busy: the spec has to be waited for. */
  offer: 'nothing' | 'work' | 'busy' = 'nothing';
  /** Until when the fields hold. */
  validUntil: Micros = -Infinity;

  constructor(
    readonly spec: Spec,
    /** Its place among those of the namespace. */
    public place: number,
  ) {}

  /** Looks at the spec, which lets what has run out take effect. */
  refresh(now: Micros): void {
    const { spec } = this;
    this.offer = 'nothing';
    if (!spec.mayGiveWork(0)) {
      this.validUntil = Infinity;
      return;
    }
    this.priority = spec.priority;
    this.runtime = spec.needs.runtime;
    this.minMemoryGb = spec.needs.minMemoryGb;
    if (spec.isBusy(now)) {
      this.offer = 'busy';
      this.validUntil = -Infinity;
      return;
    }
    this.weight = spec.weight;
    this.pending = spec.pending;
    if (spec.hasWork(now)) this.offer = 'work';
    this.validUntil = spec.validUntil();
  }
}

/** Those of a namespace, in the order in which they were made. */
export class Claimables<Spec extends ClaimSource & { readonly claimable: Claimable<Spec> }> {
  /** Undefined where one has gone. */
  all: (Claimable<Spec> | undefined)[] = [];
  private gone = 0;
  private lookedAt: Micros = -Infinity;

  add(spec: Spec): Claimable<Spec> {
    const claimable = new Claimable(spec, this.all.length);
    this.all.push(claimable);
    return claimable;
  }

  remove({ place }: Claimable<Spec>): void {
    this.all[place] = undefined;
    if (++this.gone * 2 <= this.all.length) return;
    const left = this.all.filter((claimable) => claimable !== undefined);
    for (let at = 0; at < left.length; at++) left[at].place = at;
    this.all = left;
    this.gone = 0;
  }

  /** Those of some names, each once, in the order in which they are kept. */
  named(names: readonly string[], specs: ReadonlyMap<string, Spec>): Claimable<Spec>[] {
    const found = new Set<Claimable<Spec>>();
    for (const name of names) {
      const spec = specs.get(name);
      if (spec) found.add(spec.claimable);
    }
    return [...found].sort((a, b) => a.place - b.place);
  }

  /** To be told of the time of each claim: when the clock has been set back, what was to be until later may be so no more. */
  noteTime(now: Micros): void {
    if (now < this.lookedAt) for (const claimable of this.all) claimable?.spec.changed();
    this.lookedAt = now;
  }
}
