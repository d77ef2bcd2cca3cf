import type { AttemptOutcome } from '../../domain/attempt-outcome.js';
import { ATTEMPT_OUTCOMES } from '../../domain/attempt-outcome.js';
import { WORK_BOUNDS } from '../../domain/history.js';
import type { Micros } from '../../domain/time.js';
import { SECOND } from '../../domain/time.js';
import type { SpecCondition } from '../../domain/work-unit.js';
import type { WorkObserver } from '../../domain/work-observer.js';
import { Slices } from '../../timing/slices.js';
import { Tally } from '../../timing/tally.js';

/** What this daemon has done with all work, of specs that went away too. */
export type WorkTotals = Record<'claimed' | AttemptOutcome, number>;

/** What this daemon has done with the work of one spec, in plain numbers that are read at each scrape. */
export class SpecStatistics implements WorkObserver {
  /** Units that were added, or added again. */
  adds = 0;
  /** When a claim last gave out a unit, by the storage's clock; 0: not yet. */
  lastClaim: Micros = 0;
  /** When a claim last gave out a unit or an attempt ended, by the same clock; 0: not yet. */
  lastUse: Micros = 0;
  /** How long the units that claims gave out had been available; undefined until there was one. */
  waited: Tally | undefined;
  /** How long attempts took, by their outcome; undefined until there was one. */
  readonly ends: Record<AttemptOutcome, Tally | undefined> = {
    finished: undefined,
    failed: undefined,
    retried: undefined,
    expired: undefined,
    released: undefined,
  };
  readonly since = performance.now();

  added(units: number): void {
    this.adds += units;
  }

  claimed(since: Micros, now: Micros): void {
    this.lastClaim = now;
    this.lastUse = now;
    (this.waited ??= new Tally(WORK_BOUNDS)).add(secondsOf(now - since));
  }

  ended(outcome: AttemptOutcome, start: Micros, end: Micros): void {
    this.lastUse = end;
    (this.ends[outcome] ??= new Tally(WORK_BOUNDS)).add(secondsOf(end - start));
  }

  /** Units that claims gave out. */
  get claims(): number {
    return this.waited?.count ?? 0;
  }

  /** Adds what was done with another spec. */
  addAll({ adds, lastClaim, waited, ends }: SpecStatistics): void {
    this.adds += adds;
    this.lastClaim = Math.max(this.lastClaim, lastClaim);
    if (waited) (this.waited ??= new Tally(WORK_BOUNDS)).addAll(waited);
    for (const outcome of ATTEMPT_OUTCOMES) {
      const tally = ends[outcome];
      if (tally) (this.ends[outcome] ??= new Tally(WORK_BOUNDS)).addAll(tally);
    }
  }

  addTo(totals: WorkTotals): void {
    totals.claimed += this.claims;
    for (const outcome of ATTEMPT_OUTCOMES) totals[outcome] += this.ends[outcome]?.count ?? 0;
  }
}

/** The clock of a storage may be put back; a wait is never less than nothing. */
function secondsOf(span: Micros): number {
  return span > 0 ? span / SECOND : 0;
}

/** The statistics of all specs that this daemon has worked on. */
export class WorkStatistics {
  private readonly namespaces = new Map<string, Map<string, SpecStatistics>>();
  /** What was done with specs that went away. */
  private readonly gone: WorkTotals = { claimed: 0, finished: 0, failed: 0, retried: 0, expired: 0, released: 0 };

  totals(): WorkTotals {
    const totals = { ...this.gone };
    for (const specs of this.namespaces.values()) for (const statistics of specs.values()) statistics.addTo(totals);
    return totals;
  }

  of(namespace: string, workSpec: string): SpecStatistics {
    let specs = this.namespaces.get(namespace);
    if (!specs) this.namespaces.set(namespace, (specs = new Map<string, SpecStatistics>()));
    let statistics = specs.get(workSpec);
    if (!statistics) specs.set(workSpec, (statistics = new SpecStatistics()));
    return statistics;
  }

  find(namespace: string, workSpec: string): SpecStatistics | undefined {
    return this.namespaces.get(namespace)?.get(workSpec);
  }

  /**
   * Forgets the specs that are not among those that a storage had, in slices.
   * @param moment - of performance.now() at which it was asked: what came later stays
   */
  async forgetAllBut(present: readonly SpecCondition[], moment: number): Promise<void> {
    const slices = new Slices();
    const names = new Map<string, Set<string>>();
    for (const { namespace, workSpec } of present) {
      const specs = names.get(namespace);
      if (specs) specs.add(workSpec);
      else names.set(namespace, new Set([workSpec]));
      if (slices.isOver()) await slices.next();
    }
    for (const [namespace, specs] of this.namespaces) {
      for (const [workSpec, statistics] of specs) {
        if (statistics.since < moment && !names.get(namespace)?.has(workSpec)) {
          statistics.addTo(this.gone);
          specs.delete(workSpec);
        }
        if (slices.isOver()) await slices.next();
      }
      if (specs.size === 0) this.namespaces.delete(namespace);
    }
  }
}
