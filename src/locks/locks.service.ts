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
  constructor(
    /** For what needs no rule besides the storage's own. */
    readonly stored: LockRepository,
  ) {}

  lock(
    namespace: string,
    locker: string,
    timeout: Micros | undefined,
    paths: readonly LockPath[],
  ): Awaitable<LockPath | undefined> {
    checkByteName('locker_id', locker);
    return this.stored.lock(namespace, locker, clamp(timeout), paths);
  }

  lockSome(
    namespace: string,
    locker: string,
    timeout: Micros | undefined,
    paths: readonly LockPath[],
  ): Awaitable<boolean[]> {
    checkByteName('locker_id', locker);
    return this.stored.lockSome(namespace, locker, clamp(timeout), paths);
  }

  renew(
    namespace: string,
    locker: string,
    timeout: Micros | undefined,
    paths: readonly LockPath[],
  ): Awaitable<LockHolder | undefined> {
    return this.stored.renew(namespace, locker, clamp(timeout), paths);
  }
}

function clamp(timeout: Micros | undefined): Micros {
  return timeout !== undefined && timeout > 0 ? Math.min(Math.ceil(timeout), LONGEST_TIMEOUT) : DEFAULT_TIMEOUT;
}
