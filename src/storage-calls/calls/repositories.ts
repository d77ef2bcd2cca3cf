import { AttemptRepository } from '../../attempts/attempt.repository.js';
import { DaemonRepository } from '../../daemons/daemon.repository.js';
import { Clock } from '../../domain/time.js';
import { HistoryRepository } from '../../live/history/history.repository.js';
import { OverviewRepository } from '../../live/overview/overview.repository.js';
import { LockRepository } from '../../locks/lock.repository.js';
import { MaintenanceRepository } from '../../maintenance/maintenance.repository.js';
import { NamespaceRepository } from '../../namespaces/namespace.repository.js';
import { ScheduleRepository } from '../../schedules/schedule.repository.js';
import { SessionRepository } from '../../sessions/session.repository.js';
import { WorkSpecRepository } from '../../work-specs/work-spec.repository.js';
import { WorkUnitRepository } from '../../work-units/work-unit.repository.js';
import { WorkerRepository } from '../../workers/worker.repository.js';
import type { CalledRepository } from './table.js';

/** The repositories whose methods another daemon may call, by the names that calls have for them. */
export const CALLED_REPOSITORIES = {
  namespaces: NamespaceRepository,
  specs: WorkSpecRepository,
  units: WorkUnitRepository,
  attempts: AttemptRepository,
  workers: WorkerRepository,
  locks: LockRepository,
  maintenance: MaintenanceRepository,
  schedules: ScheduleRepository,
  sessions: SessionRepository,
  daemons: DaemonRepository,
  history: HistoryRepository,
  overview: OverviewRepository,
  clock: Clock,
} as const satisfies Record<CalledRepository, abstract new () => object>;
