import { InitialSchema1790000000000 } from './1790000000000-initial-schema.js';
import { LastContinuous1790000000001 } from './1790000000001-last-continuous.js';
import { GarbageLookAt1790000000002 } from './1790000000002-garbage-look-at.js';
import { WorkSpecChanges1790000000003 } from './1790000000003-work-spec-changes.js';
import { WorkSpecHistory1790000000006 } from './1790000000006-work-spec-history.js';
import { Causes1790000000007 } from './1790000000007-causes.js';
import { Flow1790000000008 } from './1790000000008-flow.js';
import { FlowLimits1790000000009 } from './1790000000009-flow-limits.js';
import { Schedules1790000000010 } from './1790000000010-schedules.js';
import { Sessions1790000000012 } from './1790000000012-sessions.js';
import { WorkerDone1790000000013 } from './1790000000013-worker-done.js';
import { DaemonSigns1790000000014 } from './1790000000014-daemon-signs.js';
import { StatisticsAndPrefixes1790000000015 } from './1790000000015-statistics-and-prefixes.js';
import { PendingByMoment1790000000016 } from './1790000000016-pending-by-moment.js';

/** In their order. */
export const MIGRATIONS = [
  InitialSchema1790000000000,
  LastContinuous1790000000001,
  GarbageLookAt1790000000002,
  WorkSpecChanges1790000000003,
  WorkSpecHistory1790000000006,
  Causes1790000000007,
  Flow1790000000008,
  FlowLimits1790000000009,
  Schedules1790000000010,
  Sessions1790000000012,
  WorkerDone1790000000013,
  DaemonSigns1790000000014,
  StatisticsAndPrefixes1790000000015,
  PendingByMoment1790000000016,
];
