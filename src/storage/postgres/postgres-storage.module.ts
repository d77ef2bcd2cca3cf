import type { Abstract, DynamicModule, OnModuleDestroy } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { AttemptRepository } from '../../attempts/attempt.repository.js';
import { DaemonRepository } from '../../daemons/daemon.repository.js';
import { Scheduler } from '../../domain/scheduler/scheduler.js';
import { Clock } from '../../domain/time.js';
import { HistoryRepository } from '../../live/history/history.repository.js';
import { OverviewRepository } from '../../live/overview/overview.repository.js';
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
import { StorageHealth } from '../storage-health.js';
import { StorageObserver, watched } from '../storage-observer.js';
import { PostgresAttemptRepository } from './postgres-attempt.repository.js';
import { PostgresClock } from './postgres-clock.js';
import { PostgresDaemonRepository } from './postgres-daemon.repository.js';
import { PostgresDatabase } from './postgres-database.js';
import { PostgresHistoryRepository } from './postgres-history.repository.js';
import { PostgresLockRepository } from './postgres-lock.repository.js';
import { PostgresMaintenanceRepository } from './postgres-maintenance.repository.js';
import { PostgresNamespaceRepository } from './postgres-namespace.repository.js';
import { PostgresOverviewRepository } from './postgres-overview.repository.js';
import { PostgresSessionRepository } from './postgres-session.repository.js';
import { PostgresScheduleRepository } from './postgres-schedule.repository.js';
import { PostgresSnapshotRepository } from './postgres-snapshot.repository.js';
import type { PostgresStore } from './postgres-store.js';
import { readPostgresUrl } from './opening/postgres-url.js';
import { PostgresWorkFeed } from './postgres-work-feed.js';
import { PostgresWorkSpecRepository } from './postgres-work-spec.repository.js';
import { PostgresWorkUnitRepository } from './postgres-work-unit.repository.js';
import { PostgresWorkerRepository } from './postgres-worker.repository.js';

const TOKENS = [
  Clock,
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
  StorageHealth,
  WorkFeed,
];

const OBSERVER = { token: StorageObserver, optional: true };

/** Binds every repository to the PostgreSQL backend. */
@Module({
  providers: [
    { provide: StorageHealth, useExisting: PostgresDatabase },
    {
      provide: WorkFeed,
      inject: [PostgresDatabase],
      useFactory: ({ store }: PostgresDatabase) => new PostgresWorkFeed(store),
    },
    {
      provide: ScheduleRepository,
      inject: [PostgresDatabase],
      useFactory: ({ store }: PostgresDatabase) => new PostgresScheduleRepository(store),
    },
    over(Clock, PostgresClock),
    over(AttemptRepository, PostgresAttemptRepository),
    over(DaemonRepository, PostgresDaemonRepository),
    over(HistoryRepository, PostgresHistoryRepository),
    over(LockRepository, PostgresLockRepository),
    over(MaintenanceRepository, PostgresMaintenanceRepository),
    over(NamespaceRepository, PostgresNamespaceRepository),
    over(OverviewRepository, PostgresOverviewRepository),
    over(SessionRepository, PostgresSessionRepository),
    over(SnapshotRepository, PostgresSnapshotRepository),
    over(WorkSpecRepository, PostgresWorkSpecRepository),
    over(WorkUnitRepository, PostgresWorkUnitRepository),
    over(WorkerRepository, PostgresWorkerRepository),
  ],
  exports: TOKENS,
})
export class PostgresStorageModule implements OnModuleDestroy {
  constructor(private readonly database: PostgresDatabase) {}

  /** @throws ValueError when the URL is not understood, Error in one line when a file that it names can't be read */
  static forUrl(url: string): DynamicModule {
    const options = readPostgresUrl(url);
    return {
      module: PostgresStorageModule,
      providers: [
        {
          provide: PostgresDatabase,
          inject: [Scheduler, OBSERVER],
          useFactory: (scheduler: Scheduler, observer?: StorageObserver) =>
            new PostgresDatabase(options, scheduler, observer),
        },
      ],
    };
  }

  /** On a database whose URL is known once `module` is there, which exports the server that has it. */
  static forServer(module: DynamicModule, server: Abstract<{ readonly url: string }>): DynamicModule {
    return {
      module: PostgresStorageModule,
      imports: [module],
      providers: [
        {
          provide: PostgresDatabase,
          inject: [server, Scheduler, OBSERVER],
          useFactory: ({ url }: { readonly url: string }, scheduler: Scheduler, observer?: StorageObserver) =>
            new PostgresDatabase(readPostgresUrl(url), scheduler, observer),
        },
      ],
    };
  }

  async onModuleDestroy(): Promise<void> {
    await this.database.close();
  }
}

/** A provider of a class by its implementation over the store. */
function over<T extends object>(
  provide: abstract new () => T,
  Implementation: new (store: PostgresStore) => T,
): {
  provide: abstract new () => T;
  inject: [typeof PostgresDatabase, typeof OBSERVER];
  useFactory: (database: PostgresDatabase, observer?: StorageObserver) => T;
} {
  return {
    provide,
    inject: [PostgresDatabase, OBSERVER],
    useFactory: ({ store }, observer) => watched(provide, new Implementation(store), observer),
  };
}
