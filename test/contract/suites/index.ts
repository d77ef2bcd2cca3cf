import type { World } from '../world.js';
import { describeAddingUnits } from './adding-units.js';
import { describeAfter } from './after.js';
import { describeBoundedClaims } from './bounded-claims.js';
import { describeByteNames } from './byte-names.js';
import { describeCancelling } from './cancelling.js';
import { describeChaining } from './chaining.js';
import { describeChoosingSpecs } from './choosing-specs.js';
import { describeClaiming } from './claiming.js';
import { describeClearing } from './clearing.js';
import { describeClock } from './clock.js';
import { describeConcurrency } from './concurrency.js';
import { describeConfinedRequests } from './confined-requests.js';
import { describeContinuous } from './continuous.js';
import { describeDaemons } from './daemons.js';
import { describeDeleting } from './deleting.js';
import { describeEditing } from './editing.js';
import { describeFailures } from './failures.js';
import { describeHealth } from './health.js';
import { describeHistory } from './history.js';
import { describeLateAttempts } from './late-attempts.js';
import { describeLocks } from './locks.js';
import { describeMakingAttempts } from './making-attempts.js';
import { describeNamespaces } from './namespaces.js';
import { describeOverview } from './overview.js';
import { describeRateLimits } from './rate-limits.js';
import { describeReports } from './reports.js';
import { describeRetention } from './retention.js';
import { describeSessions } from './sessions.js';
import { describeRetrying } from './retrying.js';
import { describeSchedules } from './schedules.js';
import { describeSnapshots } from './snapshots.js';
import { describeSummaries } from './summaries.js';
import { describeTransitions } from './transitions.js';
import { describeUnitQueries } from './unit-queries.js';
import { describeUnitStatus } from './unit-status.js';
import { describeWaiting } from './waiting.js';
import { describeWatching } from './watching.js';
import { describeWorkSpecMeta } from './work-spec-meta.js';
import { describeWorkSpecs } from './work-specs.js';
import { describeWorkerAttempts } from './worker-attempts.js';
import { describeUnitSearch } from './unit-search.js';
import { describeWorkers } from './workers.js';

/** Every part of the contract, in the order in which they are best read. */
export const SUITES: readonly ((world: World) => void)[] = [
  describeNamespaces,
  describeWorkSpecs,
  describeWorkSpecMeta,
  describeAddingUnits,
  describeUnitStatus,
  describeUnitQueries,
  describeUnitSearch,
  describeFailures,
  describeBoundedClaims,
  describeByteNames,
  describeClearing,
  describeDeleting,
  describeMakingAttempts,
  describeTransitions,
  describeLateAttempts,
  describeCancelling,
  describeEditing,
  describeRetrying,
  describeClaiming,
  describeChoosingSpecs,
  describeContinuous,
  describeSchedules,
  describeRateLimits,
  describeAfter,
  describeChaining,
  describeReports,
  describeConfinedRequests,
  describeWorkers,
  describeWorkerAttempts,
  describeSummaries,
  describeWatching,
  describeHistory,
  describeOverview,
  describeWaiting,
  describeRetention,
  describeDaemons,
  describeLocks,
  describeClock,
  describeHealth,
  describeSessions,
  describeSnapshots,
  describeConcurrency,
];
