import type { AttemptOutcome } from './attempt-outcome.js';
import type { ByteName } from './names.js';
import type { Micros } from './time.js';

/** Is told what happens to the work of one work spec, each event once and only when it is there for good. */
export interface WorkObserver {
  /** Units were added, or added again, by whoever it was: a client, another spec's output, the spec itself. */
  added(units: number, now: Micros): void;
  /** A claim gave out a unit that had been available since `since`. */
  claimed(since: Micros, now: Micros): void;
  /** An attempt of a worker that had begun at `start` came to its end. One that is brought home after that ends once more. */
  ended(outcome: AttemptOutcome, start: Micros, end: Micros, worker: ByteName): void;
}

/** Who looks on at work. */
export interface WorkObservers {
  /** Who is told of the work of a spec. The same name may come to mean another spec. */
  workOf(namespace: string, workSpec: string): WorkObserver;
}

const NOBODY: WorkObserver = { added: () => undefined, claimed: () => undefined, ended: () => undefined };

/** Nobody looks on. */
export const NO_OBSERVERS: WorkObservers = { workOf: () => NOBODY };
