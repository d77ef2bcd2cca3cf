import { AttemptEntity } from './attempt.entity.js';
import { DaemonEntity } from './daemon.entity.js';
import { GarbageEntity } from './garbage.entity.js';
import { LockEntity } from './lock.entity.js';
import { NamespaceEntity } from './namespace.entity.js';
import { SessionEntity } from './session.entity.js';
import { WorkSpecCountEntity } from './work-spec-count.entity.js';
import { WorkSpecCauseEntity } from './work-spec-cause.entity.js';
import { WorkSpecChangeEntity } from './work-spec-change.entity.js';
import { WorkSpecHistoryEntity } from './work-spec-history.entity.js';
import { WorkSpecEntity } from './work-spec.entity.js';
import { WorkUnitEntity } from './work-unit.entity.js';
import { WorkerDoneEntity } from './worker-done.entity.js';
import { WorkerEntity } from './worker.entity.js';

/** The tables as TypeORM compares them with the database. The hot paths go by SQL of their own. */
export const ENTITIES = [
  NamespaceEntity,
  WorkSpecEntity,
  WorkSpecCountEntity,
  WorkSpecCauseEntity,
  WorkSpecChangeEntity,
  WorkSpecHistoryEntity,
  WorkUnitEntity,
  AttemptEntity,
  WorkerEntity,
  WorkerDoneEntity,
  LockEntity,
  GarbageEntity,
  DaemonEntity,
  SessionEntity,
];
