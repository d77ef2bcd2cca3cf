import type { Awaitable } from '../domain/awaitable.js';
import type { ByteName } from '../domain/names.js';
import type { ClaimedUnit, Worker, WorkerChange, WorkerQuery, WorkerStats, WorkerSummary } from '../domain/worker.js';

/**
 * Records of workers. A record comes into being active, updated now and expiring 15 minutes later, without a parent; one
 * that is only named as a parent comes into being inactive.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class WorkerRepository {
  abstract find(namespace: string, name: ByteName): Awaitable<Worker | undefined>;

  /** The record, made if need be. Creates the namespace. */
  abstract ensure(namespace: string, name: ByteName): Awaitable<Worker>;

  /**
   * Changes a record, made if need be. Creates the namespace.
   * @throws InvalidValueError (field `parent`) when the parent is the worker itself or one of its descendants
   */
  abstract change(namespace: string, name: ByteName, change: WorkerChange): Awaitable<void>;

  /** Deactivates; pending attempts are left to their leases. @returns false when there is no such worker */
  abstract deactivate(namespace: string, name: ByteName): Awaitable<boolean>;

  /** Sorted bytewise by name, or by last claim. The worker with the empty name is never shown. */
  abstract list(namespace: string, query: WorkerQuery): Awaitable<WorkerSummary[]>;

  /** Of the active workers that have sent a heartbeat or update. */
  abstract stats(namespace: string): Awaitable<WorkerStats>;

  /** What each active child of a worker was last given and has neither finished nor failed since. */
  abstract claimedByChildren(namespace: string, parent: ByteName): Awaitable<Map<ByteName, ClaimedUnit[]>>;
}
