import type { Awaitable } from '../domain/awaitable.js';
import type { LockHolder, LockPath } from '../domain/lock.js';
import type { Micros } from '../domain/time.js';

/**
 * Hierarchical locks of a namespace: a path can be locked when neither it, a prefix of it nor anything below it is
 * locked, by whomever. A lock past its timeout is free.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class LockRepository {
  /** Locks all paths or none. @returns undefined when it did, else a path that is not lockable */
  abstract lock(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
  ): Awaitable<LockPath | undefined>;

  /** Locks those that can be. @returns for each path whether it was locked */
  abstract lockSome(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
  ): Awaitable<boolean[]>;

  /** Extends locks that the locker holds, all or none. @returns the first path it does not hold, and who does */
  abstract renew(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
  ): Awaitable<LockHolder | undefined>;

  /** Who holds each path itself. */
  abstract read(namespace: string, paths: readonly LockPath[]): Awaitable<(string | undefined)[]>;

  /** Releases locks that the locker holds, all or none. @returns as renew */
  abstract unlock(namespace: string, locker: string, paths: readonly LockPath[]): Awaitable<LockHolder | undefined>;

  /** Drops all locks at or below a path, whoever holds them. */
  abstract drop(namespace: string, prefix: LockPath): Awaitable<void>;
}
