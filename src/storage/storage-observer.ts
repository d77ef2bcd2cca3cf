import type { WorkObserver, WorkObservers } from '../domain/work-observer.js';

/**
 * Looks on while a storage backend works; that may be to keep metrics, which the backends know nothing of. The class is
 * its own injection token. With several daemons on one storage each tells of what it did itself.
 */
export abstract class StorageObserver implements WorkObservers {
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
