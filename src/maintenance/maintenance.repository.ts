import type { Awaitable } from '../domain/awaitable.js';
import type { RetentionPolicy, RetentionResult } from '../domain/retention.js';

/**
 * What keeps a storage small: retention of finished work and of workers that went away.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class MaintenanceRepository {
  /**
   * Removes what the policy no longer keeps, in all namespaces or one, of all specs or those named, a bounded amount per
   * round so that no other request waits long.
   */
  abstract retain(
    policy: RetentionPolicy,
    scope?: { namespace: string; workSpecs?: readonly string[] },
  ): Awaitable<RetentionResult>;
}
