import type { Micros } from '../../../domain/time.js';
import type { WorkObserver } from '../../../domain/work-observer.js';
import type { AttemptEnd } from '../units/attempt-image.js';

/** Who is told of the work of a spec by its id; undefined: its name is not known any more. */
export type ObserverOf = (workSpecId: number) => WorkObserver | undefined;

/** What happened in a transaction: told when it has been committed, forgotten when it was not. */
export class WorkEvents {
  private readonly told: ((observer: WorkObserver) => void)[] = [];
  private readonly specs: number[] = [];

  constructor(private readonly observerOf: ObserverOf) {}

  /** Units were added, or added again. */
  added(workSpecId: number, units: number, now: Micros): void {
    this.add(workSpecId, (observer) => observer.added(units, now));
  }

  claimed(workSpecId: number, since: Micros, now: Micros): void {
    this.add(workSpecId, (observer) => observer.claimed(since, now));
  }

  ended(workSpecId: number, ends: readonly AttemptEnd[]): void {
    if (ends.length === 0) return;
    this.add(workSpecId, (observer) => {
      for (const { outcome, start, end, worker } of ends) observer.ended(outcome, start, end, worker);
    });
  }

  private add(workSpecId: number, tell: (observer: WorkObserver) => void): void {
    this.specs.push(workSpecId);
    this.told.push(tell);
  }

  tell(): void {
    this.told.forEach((tell, i) => {
      const observer = this.observerOf(this.specs[i]);
      if (observer) tell(observer);
    });
    this.told.length = 0;
    this.specs.length = 0;
  }
}
