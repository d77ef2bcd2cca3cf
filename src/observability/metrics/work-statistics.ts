import type { Micros } from '../../domain/time.js';
import { SECOND } from '../../domain/time.js';
import type { SpecCondition } from '../../domain/work-unit.js';
import type { AttemptOutcome, WorkObserver } from '../../storage/storage-observer.js';
import { ATTEMPT_OUTCOMES } from '../../storage/storage-observer.js';
import { Tally } from './tally.js';

/** Upper bounds, in seconds, that waits and attempts are counted by: work takes from milliseconds to days. */
export const WORK_BOUNDS: readonly number[] = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];

/** What this daemon has done with all work, of specs that went away too. */
export type WorkTotals = Record<'claimed' | AttemptOutcome, number>;

/** What this daemon has done with the work of one spec, in plain numbers that are read at each scrape. */
export class SpecStatistics implements WorkObserver {
  /** Units that claims gave out. */
  claims = 0;
  /** When the last one was, by the storage's clock; 0: not yet. */
  lastClaim: Micros = 0;
  /** How long they had been available; undefined until there was one. */
  waited: Tally | undefined;
  /** How long attempts took, by the index of their outcome; undefined until there was one. */
  private readonly ends: (Tally | undefined)[] = [];
  readonly since = performance.now();

  constructor(private readonly totals: WorkTotals) {}

  claimed(since: Micros, now: Micros): void {
    this.claims++;
    this.totals.claimed++;
    this.lastClaim = now;
    (this.waited ??= new Tally(WORK_BOUNDS)).add(secondsOf(now - since));
  }

  ended(outcome: AttemptOutcome, start: Micros, end: Micros): void {
    const index = ATTEMPT_OUTCOMES.indexOf(outcome);
    this.totals[outcome]++;
    (this.ends[index] ??= new Tally(WORK_BOUNDS)).add(secondsOf(end - start));
  }

  /** How long attempts of an outcome took, where there were any. */
  endsOf(outcome: AttemptOutcome): Tally | undefined {
    return this.ends[ATTEMPT_OUTCOMES.indexOf(outcome)];
  }
}

/** The clock of a storage may be put back; a wait is never less than nothing. */
function secondsOf(span: Micros): number {
  return span > 0 ? span / SECOND : 0;
}

/** The statistics of all specs that this daemon has worked on. */
export class WorkStatistics {
  private readonly namespaces = new Map<string, Map<string, SpecStatistics>>();
  readonly totals: WorkTotals = { claimed: 0, finished: 0, failed: 0, retried: 0, expired: 0, released: 0 };

  of(namespace: string, workSpec: string): SpecStatistics {
    let specs = this.namespaces.get(namespace);
    if (!specs) this.namespaces.set(namespace, (specs = new Map<string, SpecStatistics>()));
    let statistics = specs.get(workSpec);
    if (!statistics) specs.set(workSpec, (statistics = new SpecStatistics(this.totals)));
    return statistics;
  }

  find(namespace: string, workSpec: string): SpecStatistics | undefined {
    return this.namespaces.get(namespace)?.get(workSpec);
  }

  /**
   * Forgets the specs that are not among those that a storage had.
   * @param moment - of performance.now() at which it was asked: what came later stays
   */
  forgetAllBut(present: readonly SpecCondition[], moment: number): void {
    const names = new Map<string, Set<string>>();
    for (const { namespace, workSpec } of present) {
      const specs = names.get(namespace);
      if (specs) specs.add(workSpec);
      else names.set(namespace, new Set([workSpec]));
    }
    for (const [namespace, specs] of this.namespaces) {
      for (const [workSpec, { since }] of specs) {
        if (since < moment && !names.get(namespace)?.has(workSpec)) specs.delete(workSpec);
      }
      if (specs.size === 0) this.namespaces.delete(namespace);
    }
  }
}
