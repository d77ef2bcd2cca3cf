import type { Micros } from '../../domain/time.js';
import type { LockHolder, LockPath } from '../../domain/lock.js';
import { LockRepository } from '../../locks/lock.repository.js';
import type { MemoryStore } from './memory-store.js';

export class MemoryLockRepository extends LockRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  override lock(namespace: string, locker: string, timeout: Micros, paths: readonly LockPath[]): LockPath | undefined {
    return this.lockAll(namespace, locker, timeout, paths, this.store.now());
  }

  private lockAll(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
    now: Micros,
  ): LockPath | undefined {
    const { locks } = this.store.ensure(namespace);
    const taken: LockPath[] = [];
    for (const path of paths) {
      // Taking each at once makes paths of one call that overlap refuse each other.
      if (!locks.isFree(path, now)) {
        for (const other of taken) locks.release(other);
        return path;
      }
      locks.take(path, locker, now + timeout);
      taken.push(path);
    }
    return undefined;
  }

  override lockSome(namespace: string, locker: string, timeout: Micros, paths: readonly LockPath[]): boolean[] {
    const now = this.store.now();
    return paths.map((path) => this.lockAll(namespace, locker, timeout, [path], now) === undefined);
  }

  override renew(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
  ): LockHolder | undefined {
    const now = this.store.now();
    const { locks } = this.store.ensure(namespace);
    const other = this.heldByAnother(namespace, locker, paths, now);
    if (!other) for (const path of paths) locks.take(path, locker, now + timeout);
    return other;
  }

  override read(namespace: string, paths: readonly LockPath[]): (string | undefined)[] {
    const now = this.store.now();
    const locks = this.store.find(namespace)?.locks;
    return paths.map((path) => locks?.holder(path, now));
  }

  override unlock(namespace: string, locker: string, paths: readonly LockPath[]): LockHolder | undefined {
    const other = this.heldByAnother(namespace, locker, paths, this.store.now());
    if (!other) for (const path of paths) this.store.ensure(namespace).locks.release(path);
    return other;
  }

  override drop(namespace: string, prefix: LockPath): void {
    this.store.find(namespace)?.locks.drop(prefix);
  }

  /** The first path that the locker does not hold. */
  private heldByAnother(
    namespace: string,
    locker: string,
    paths: readonly LockPath[],
    now: Micros,
  ): LockHolder | undefined {
    const { locks } = this.store.ensure(namespace);
    for (const path of paths) {
      const holder = locks.holder(path, now);
      if (holder !== locker) return { path, holder };
    }
    return undefined;
  }
}
