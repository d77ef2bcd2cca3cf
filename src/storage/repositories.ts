import type { AttemptRepository } from '../attempts/attempt.repository.js';
import type { DaemonRepository } from '../daemons/daemon.repository.js';
import type { Awaitable } from '../domain/awaitable.js';
import type { Clock } from '../domain/time.js';
import type { WorkObservers } from '../domain/work-observer.js';
import type { HistoryRepository } from '../live/history/history.repository.js';
import type { OverviewRepository } from '../live/overview/overview.repository.js';
import type { WorkFeed } from '../domain/work-feed.js';
import type { LockRepository } from '../locks/lock.repository.js';
import type { MaintenanceRepository } from '../maintenance/maintenance.repository.js';
import type { NamespaceRepository } from '../namespaces/namespace.repository.js';
import type { SessionRepository } from '../sessions/session.repository.js';
import type { ScheduleRepository } from '../schedules/schedule.repository.js';
import type { SnapshotRepository } from '../snapshots/snapshot.repository.js';
import type { WorkSpecRepository } from '../work-specs/work-spec.repository.js';
import type { WorkUnitRepository } from '../work-units/work-unit.repository.js';
import type { WorkerRepository } from '../workers/worker.repository.js';
import type { StorageHealth } from './storage-health.js';

/** All that a storage backend implements, for one daemon: the repositories, what happens, its clock, and whether it can serve. */
export interface Repositories {
  readonly namespaces: NamespaceRepository;
  readonly specs: WorkSpecRepository;
  readonly units: WorkUnitRepository;
  readonly attempts: AttemptRepository;
  readonly workers: WorkerRepository;
  readonly locks: LockRepository;
  readonly maintenance: MaintenanceRepository;
  readonly schedules: ScheduleRepository;
  readonly snapshots: SnapshotRepository;
  readonly history: HistoryRepository;
  readonly overview: OverviewRepository;
  readonly sessions: SessionRepository;
  readonly daemons: DaemonRepository;
  /** Says when to look for work; a PollingFeed where the backend can't tell. */
  readonly feed: WorkFeed;
  readonly clock: Clock;
  readonly health: StorageHealth;
}

/** Repositories that are opened for a daemon. */
export type OpenedRepositories = Repositories & {
  /** The daemon ends, and asks nothing more. */
  close?(): Awaitable<void>;
};

/** What a backend from elsewhere is opened with. */
export interface OpenOptions {
  /** What -backend says behind the name and a colon; '' where it says nothing. */
  readonly rest: string;
  /** Are to be told what happens to work. */
  readonly observers: WorkObservers;
}

/** Opens a backend. What it throws keeps the daemon from starting. */
export type OpenRepositories = (options: OpenOptions) => Awaitable<OpenedRepositories>;
