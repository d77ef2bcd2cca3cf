import { type DynamicModule, Module } from '@nestjs/common';
import { AttemptRepository } from '../../attempts/attempt.repository.js';
import { DaemonRepository } from '../../daemons/daemon.repository.js';
import { Scheduler } from '../../domain/scheduler/scheduler.js';
import { Clock, LocalClock } from '../../domain/time.js';
import { WorkFeed } from '../../domain/work-feed.js';
import { LockRepository } from '../../locks/lock.repository.js';
import { MaintenanceRepository } from '../../maintenance/maintenance.repository.js';
import { NamespaceRepository } from '../../namespaces/namespace.repository.js';
import { SessionRepository } from '../../sessions/session.repository.js';
import { ScheduleRepository } from '../../schedules/schedule.repository.js';
import { SnapshotRepository } from '../../snapshots/snapshot.repository.js';
import { WorkSpecRepository } from '../../work-specs/work-spec.repository.js';
import { WorkUnitRepository } from '../../work-units/work-unit.repository.js';
import { WorkerRepository } from '../../workers/worker.repository.js';
import { HistoryRepository } from '../../live/history/history.repository.js';
import { HistoryRoom } from '../../live/history/recorder/history-room.js';
import { OverviewRepository } from '../../live/overview/overview.repository.js';
import { ProcessMemory } from '../process-memory.js';
import { AlwaysReady, StorageHealth } from '../storage-health.js';
import { StorageObserver, watched } from '../storage-observer.js';
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

const OBSERVER = { token: StorageObserver, optional: true };

/** Binds every repository to the memory backend. */
@Module({
  providers: [
    { provide: Clock, useExisting: LocalClock },
    {
      provide: MemoryStore,
      inject: [LocalClock, OBSERVER, { token: ProcessMemory, optional: true }, { token: HistoryRoom, optional: true }],
      useFactory: (clock: LocalClock, observer?: StorageObserver, memory?: ProcessMemory, histories?: HistoryRoom) =>
        new MemoryStore(clock, observer, undefined, memory, histories),
    },
    {
      provide: AttemptRepository,
      inject: [MemoryStore, OBSERVER, Scheduler],
      useFactory: (store: MemoryStore, observer: StorageObserver | undefined, scheduler: Scheduler) =>
        watched(AttemptRepository, new MemoryAttemptRepository(store, scheduler), observer),
    },
    { provide: StorageHealth, useClass: AlwaysReady },
    over(DaemonRepository, MemoryDaemonRepository),
    over(HistoryRepository, MemoryHistoryRepository),
    { provide: WorkFeed, inject: [MemoryStore], useFactory: (store: MemoryStore) => new MemoryWorkFeed(store) },
    {
      provide: ScheduleRepository,
      inject: [MemoryStore],
      useFactory: (store: MemoryStore) => new MemoryScheduleRepository(store),
    },
    over(LockRepository, MemoryLockRepository),
    over(MaintenanceRepository, MemoryMaintenanceRepository),
    over(NamespaceRepository, MemoryNamespaceRepository),
    over(OverviewRepository, MemoryOverviewRepository),
    over(SessionRepository, MemorySessionRepository),
    over(SnapshotRepository, MemorySnapshotRepository),
    over(WorkSpecRepository, MemoryWorkSpecRepository),
    over(WorkUnitRepository, MemoryWorkUnitRepository),
    over(WorkerRepository, MemoryWorkerRepository),
  ],
  exports: [
    Clock,
    StorageHealth,
    WorkFeed,
    AttemptRepository,
    DaemonRepository,
    HistoryRepository,
    LockRepository,
    MaintenanceRepository,
    NamespaceRepository,
    OverviewRepository,
    SessionRepository,
    ScheduleRepository,
    SnapshotRepository,
    WorkSpecRepository,
    WorkUnitRepository,
    WorkerRepository,
  ],
})
export class MemoryStorageModule {
  static goingBy(clock: LocalClock): DynamicModule {
    return { module: MemoryStorageModule, providers: [{ provide: LocalClock, useValue: clock }] };
  }
}

/** A provider of a repository class by its implementation over the store. */
function over<T extends object>(
  provide: abstract new () => T,
  Implementation: new (store: MemoryStore) => T,
): {
  provide: abstract new () => T;
  inject: [typeof MemoryStore, typeof OBSERVER];
  useFactory: (store: MemoryStore, observer?: StorageObserver) => T;
} {
  return {
    provide,
    inject: [MemoryStore, OBSERVER],
    useFactory: (store, observer) => watched(provide, new Implementation(store), observer),
  };
}
