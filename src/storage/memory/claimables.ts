import type { Micros } from '../../domain/time.js';
import { Claimable, type ClaimableHome, type ClaimableWatch, type ClaimSource } from './claimable.js';
import { ClaimPool } from './claim-pool.js';

/** Those of a namespace, in the order in which they were made. */
export class Claimables<
  Spec extends ClaimSource & { readonly claimable: Claimable<Spec> },
> implements ClaimableHome<Spec> {
  /** Undefined where one has gone. */
  all: (Claimable<Spec> | undefined)[] = [];
  /** The same gathered, where they are many. */
  pool: ClaimPool<Spec> | undefined;
  watch: ClaimableWatch<Spec> | undefined;
  private gone = 0;
  private made = 0;
  private lookedAt: Micros = -Infinity;

  /** @param many - from how many on they are gathered */
  constructor(private readonly many: number) {}

  add(spec: Spec): Claimable<Spec> {
    const claimable = new Claimable(spec, this.made++, this.all.length, this);
    this.all.push(claimable);
    if (this.pool) this.pool.add(claimable);
    else if (this.all.length - this.gone >= this.many) this.gather();
    // One that is continuous has work as soon as it is there.
    this.watch?.changed(claimable);
    return claimable;
  }

  private gather(): void {
    this.pool = new ClaimPool();
    for (const claimable of this.all) if (claimable) this.pool.add(claimable);
  }

  remove(claimable: Claimable<Spec>): void {
    this.pool?.remove(claimable);
    this.all[claimable.place] = undefined;
    if (++this.gone * 2 <= this.all.length) return;
    const left = this.all.filter((claimable) => claimable !== undefined);
    for (let at = 0; at < left.length; at++) left[at].place = at;
    this.all = left;
    this.gone = 0;
    if (left.length * 2 < this.many) this.scatter();
  }

  private scatter(): void {
    if (!this.pool) return;
    for (const claimable of this.all) if (claimable) this.pool.remove(claimable);
    this.pool = undefined;
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
