import type { AttemptOutcome } from '../domain/attempt-outcome.js';
import type { Micros } from '../domain/time.js';

/** Is told what happens to the work of one work spec, each event once and only when it is there for good. */
export interface WorkObserver {
  /** A claim gave out a unit that had been available since `since`. */
  claimed(since: Micros, now: Micros): void;
  /** An attempt that had begun at `start` came to its end. One that is brought home after that ends once more. */
  ended(outcome: AttemptOutcome, start: Micros, end: Micros): void;
}

/**
 * Looks on while a storage backend works; that may be to keep metrics, which the backends know nothing of. The class is
 * its own injection token. With several daemons on one storage each tells of what it did itself.
 */
export abstract class StorageObserver {
  /** Who is told of the work of a spec. The same name may come to mean another spec. */
  abstract workOf(namespace: string, workSpec: string): WorkObserver;

  /** @returns a repository that does the same, or the repository itself; `name` is that of its abstract class */
  abstract watch<T extends object>(name: string, repository: T): T;
}

/** The repository of a class, with an observer looking on where there is one. */
export function watched<T extends object>(
  { name }: abstract new () => T,
  repository: T,
  observer: StorageObserver | undefined,
): T {
  return observer ? observer.watch(name, repository) : repository;
}

/** Who looks on at work. */
export type WorkObservers = Pick<StorageObserver, 'workOf'>;

const NOBODY: WorkObserver = { claimed: () => undefined, ended: () => undefined };

/** Nobody looks on. */
export const NO_OBSERVERS: WorkObservers = { workOf: () => NOBODY };
