import { events, postgresEvents } from './events.js';
import { failures, postgresFailures } from './failures.js';
import { fairness } from './fairness.js';
import { flow, postgresFlow } from './flow.js';
import { front } from './front.js';
import { fill, grow, perUnit } from './memory-adding.js';
import { chain, data, maxRunning, specs } from './memory-features.js';
import { expiry, queries, storm } from './memory-latency.js';
import { cycle, echo, matrix, recycle } from './memory-throughput.js';
import { metrics } from './metrics.js';
import * as postgres from './postgres.js';
import { soak as postgresSoak } from './postgres-soak.js';
import { profile, profileCycle, profileRest } from './profile.js';
import { pythonWorkers } from './python-workers.js';
import { restCycle, restReconnect } from './rest.js';
import type { Scenario } from './scenario.js';
import { soak } from './soak.js';
import { waitingIdle, wakeUp } from './waiting.js';
import { workers } from './workers.js';

/** Everything there is to measure, in the order it is run. */
export const SCENARIOS: readonly Scenario[] = [
  echo,
  cycle,
  recycle,
  fill,
  grow,
  expiry,
  perUnit,
  queries,
  failures,
  storm,
  chain,
  specs,
  maxRunning,
  flow,
  data,
  matrix,
  fairness,
  restCycle,
  restReconnect,
  front,
  events,
  wakeUp,
  waitingIdle,
  postgres.cycle,
  postgres.recycle,
  postgres.fill,
  postgres.queries,
  postgresFailures,
  postgresFlow,
  postgres.twoDaemons,
  postgres.fairness,
  postgresEvents,
  metrics,
  soak,
  postgresSoak,
  pythonWorkers,
  workers,
  profile,
  profileCycle,
  profileRest,
];
