import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import type { LockHolder, LockPath } from '../domain/lock.js';
import type { Micros } from '../domain/time.js';
import { SECOND } from '../domain/time.js';
import { checkByteName } from '../domain/names.js';
import { LockRepository } from './lock.repository.js';

const DEFAULT_TIMEOUT = 60 * SECOND;
const LONGEST_TIMEOUT = 1_000_000 * SECOND;

/** Hierarchical locks. A timeout that is absent, zero or less is 60 seconds, one over 1,000,000 seconds is that. */
@Injectable()
export class LocksService {
  constructor(private readonly locks: LockRepository) {}

  lock(
    namespace: string,
    locker: string,
    timeout: Micros | undefined,
    paths: readonly LockPath[],
  ): Awaitable<LockPath | undefined> {
    checkByteName('locker_id', locker);
    return this.locks.lock(namespace, locker, clamp(timeout), paths);
  }

  lockSome(
    namespace: string,
    locker: string,
    timeout: Micros | undefined,
    paths: readonly LockPath[],
  ): Awaitable<boolean[]> {
    checkByteName('locker_id', locker);
    return this.locks.lockSome(namespace, locker, clamp(timeout), paths);
  }

  renew(
    namespace: string,
    locker: string,
    timeout: Micros | undefined,
    paths: readonly LockPath[],
  ): Awaitable<LockHolder | undefined> {
    return this.locks.renew(namespace, locker, clamp(timeout), paths);
  }

  read(namespace: string, paths: readonly LockPath[]): Awaitable<(string | undefined)[]> {
    return this.locks.read(namespace, paths);
  }

  unlock(namespace: string, locker: string, paths: readonly LockPath[]): Awaitable<LockHolder | undefined> {
    return this.locks.unlock(namespace, locker, paths);
  }

  drop(namespace: string, prefix: LockPath): Awaitable<void> {
    return this.locks.drop(namespace, prefix);
  }
}

function clamp(timeout: Micros | undefined): Micros {
  return timeout !== undefined && timeout > 0 ? Math.min(Math.ceil(timeout), LONGEST_TIMEOUT) : DEFAULT_TIMEOUT;
}
