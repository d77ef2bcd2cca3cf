import type { Awaitable } from '../../domain/awaitable.js';
import type { Micros } from '../../domain/time.js';
import type { LockHolder, LockPath } from '../../domain/lock.js';
import { LockRepository } from '../../locks/lock.repository.js';
import { behind, whenOpen } from './gate.js';
import type { LockTree } from './lock-tree.js';
import type { MemoryStore } from './memory-store.js';
import { fewAtOnce } from './pace.js';
import { bytesOfLocks } from './sizes.js';
import { noteHeap } from './structures/off-heap.js';

export class MemoryLockRepository extends LockRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  override lock(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
  ): Awaitable<LockPath | undefined> {
    this.admit(paths);
    return this.at(namespace, paths, (locks, now) => locking(locks, locker, now + timeout, paths, now));
  }

  override lockSome(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
  ): Awaitable<boolean[]> {
    this.admit(paths);
    return this.at(namespace, paths, function* (locks, now) {
      const locked: boolean[] = [];
      for (const path of paths) {
        const isFree = yield* locks.lookingWhetherFree(path, now);
        if (isFree) locks.take(path, locker, now + timeout);
        locked.push(isFree);
        yield 1;
      }
      return locked;
    });
  }

  override renew(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
  ): Awaitable<LockHolder | undefined> {
    return this.at(namespace, paths, function* (locks, now) {
      const other = yield* heldByAnother(locks, locker, paths, now);
      if (other) return other;
      for (const path of paths) {
        locks.take(path, locker, now + timeout);
        yield 1;
      }
      return undefined;
    });
  }

  override read(namespace: string, paths: readonly LockPath[]): Awaitable<(string | undefined)[]> {
    if (!this.store.find(namespace)?.knownLocks) return paths.map(() => undefined);
    return this.at(namespace, paths, function* (locks, now) {
      const holders: (string | undefined)[] = [];
      for (const path of paths) {
        holders.push(locks.holder(path, now));
        yield 1;
      }
      return holders;
    });
  }

  override unlock(namespace: string, locker: string, paths: readonly LockPath[]): Awaitable<LockHolder | undefined> {
    return this.at(namespace, paths, function* (locks, now) {
      const other = yield* heldByAnother(locks, locker, paths, now);
      if (other) return other;
      for (const path of paths) {
        locks.release(path);
        yield 1;
      }
      return undefined;
    });
  }

  override drop(namespace: string, prefix: LockPath): Awaitable<void> {
    const state = this.store.find(namespace);
    if (!state?.knownLocks) return undefined;
    if (state.lockGate.isClosed) return whenOpen([state.lockGate], () => this.drop(namespace, prefix));
    state.locks.drop(prefix);
  }

  /** @throws MemoryFullError */
  private admit(paths: readonly LockPath[]): void {
    const bytes = bytesOfLocks(paths);
    this.store.memory.admit(bytes);
    noteHeap(bytes);
  }

  /** Does something to the locks of a namespace at one moment; where it is about very many, in slices nobody sees half of. */
  private at<T>(
    namespace: string,
    paths: readonly LockPath[],
    steps: (locks: LockTree, now: Micros) => Generator<number, T>,
  ): Awaitable<T> {
    const now = this.store.now();
    const { locks, lockGate } = this.store.ensure(namespace);
    if (lockGate.isClosed) return whenOpen([lockGate], () => this.at(namespace, paths, steps));
    return fewAtOnce(steps(locks, now), this.store.pace, (rest) => behind([lockGate], rest));
  }
}

/** Locks all paths or none. @returns one that is not lockable */
function* locking(
  locks: LockTree,
  locker: string,
  until: Micros,
  paths: readonly LockPath[],
  now: Micros,
): Generator<number, LockPath | undefined> {
  for (let at = 0; at < paths.length; at++) {
    // Taking each at once makes paths of one call that overlap refuse each other.
    if (!(yield* locks.lookingWhetherFree(paths[at], now))) {
      for (let taken = 0; taken < at; taken++) {
        locks.release(paths[taken]);
        yield 1;
      }
      return paths[at];
    }
    locks.take(paths[at], locker, until);
    yield 1;
  }
  return undefined;
}

/** The first path that the locker does not hold. */
function* heldByAnother(
  locks: LockTree,
  locker: string,
  paths: readonly LockPath[],
  now: Micros,
): Generator<number, LockHolder | undefined> {
  for (const path of paths) {
    const holder = locks.holder(path, now);
    if (holder !== locker) return { path, holder };
    yield 1;
  }
  return undefined;
}
