import type { Random } from '../../domain/scheduler/draw.js';
import { Scheduler } from '../../domain/scheduler/scheduler.js';
import type { LocalClock } from '../../domain/time.js';
import type { ProcessMemory } from '../process-memory.js';
import type { Repositories } from '../repositories.js';
import { AlwaysReady } from '../storage-health.js';
import type { WorkObservers } from '../../domain/work-observer.js';
import { MemoryAttemptRepository } from './memory-attempt.repository.js';
import { MemoryDaemonRepository } from './memory-daemon.repository.js';
import { MemoryHistoryRepository } from './memory-history.repository.js';
import { MemoryLockRepository } from './memory-lock.repository.js';
import { MemoryMaintenanceRepository } from './memory-maintenance.repository.js';
import { MemoryNamespaceRepository } from './memory-namespace.repository.js';
import { MemoryOverviewRepository } from './memory-overview.repository.js';
import { MemorySessionRepository } from './memory-session.repository.js';
import { MemoryScheduleRepository } from './memory-schedule.repository.js';
import { MemorySnapshotRepository } from './memory-snapshot.repository.js';
import { MemoryStore } from './memory-store.js';
import { MemoryWorkFeed } from './memory-work-feed.js';
import { MemoryWorkSpecRepository } from './memory-work-spec.repository.js';
import { MemoryWorkUnitRepository } from './memory-work-unit.repository.js';
import { MemoryWorkerRepository } from './memory-worker.repository.js';
import type { Pace } from './pace.js';

/** What a storage in memory goes by, beside its clock. */
export interface MemoryOptions {
  /** Numbers from 0 up to 1, by which the scheduler draws work specs. */
  readonly random?: Random;
  /** Is told what happens to work. */
  readonly observers?: WorkObservers;
  /** What goes in slices, and in which. */
  readonly pace?: Pace;
  /** What bounds it. Nothing does unless it is said. */
  readonly memory?: ProcessMemory;
}

/** A storage in the memory of this process, for those who have no daemon around it: tests, and backends that begin with it. */
export function memoryRepositories(clock: LocalClock, options: MemoryOptions = {}): Repositories {
  const { random = Math.random, observers, pace, memory } = options;
  return repositoriesOver(new MemoryStore(clock, observers, pace, memory, undefined, random), clock, random);
}

/** Those of one of several that share a store. */
export function repositoriesOver(store: MemoryStore, clock: LocalClock, random: Random): Repositories {
  return {
    namespaces: new MemoryNamespaceRepository(store),
    specs: new MemoryWorkSpecRepository(store),
    units: new MemoryWorkUnitRepository(store),
    attempts: new MemoryAttemptRepository(store, new Scheduler(random)),
    workers: new MemoryWorkerRepository(store),
    locks: new MemoryLockRepository(store),
    maintenance: new MemoryMaintenanceRepository(store),
    schedules: new MemoryScheduleRepository(store),
    snapshots: new MemorySnapshotRepository(store),
    history: new MemoryHistoryRepository(store),
    overview: new MemoryOverviewRepository(store),
    sessions: new MemorySessionRepository(store),
    daemons: new MemoryDaemonRepository(store),
    feed: new MemoryWorkFeed(store),
    clock,
    health: new AlwaysReady(),
  };
}
