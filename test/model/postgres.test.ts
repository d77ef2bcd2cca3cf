import { postgresHarness } from '../contract/postgres-harness.js';
import { describeBeside } from './describe-beside.js';
import { describeLockModel } from './describe-locks.js';
import { describeModel } from './describe-model.js';
import { describeWaiting } from './describe-waiting.js';
import { LaterWaitingDriver } from './waiting-later.js';
import { sized } from '../support/full-size.js';

// As for memory; fewer, for each look asks the database some hundred questions.
const { MODEL_RUNS, MODEL_SEED } = process.env;
const runs = MODEL_RUNS ? Number(MODEL_RUNS) : sized(4, 1);
const seed = MODEL_SEED ? Number(MODEL_SEED) : undefined;
const harness = postgresHarness('18');

describeModel(harness, { runs, length: 50, seed });
describeLockModel(harness, { runs, length: 40, seed });
// They wait by turns at the daemon that does everything else, and at another one.
describeWaiting(
  harness,
  { runs: MODEL_RUNS ? runs : sized(12, 2), length: 60, seed },
  (backend, run) => new LaterWaitingDriver(backend, run % 2 === 1),
);
describeBeside(harness, { clients: 16, operations: sized(60, 25), seed: seed ?? 1 });

// As in namespaces of very many specs, of which claims read only what has changed.
const changes = postgresHarness('18', '', { manySpecs: 0 });

describeModel(changes, { runs: MODEL_RUNS ? runs : sized(4, 1), length: 50, seed });
describeBeside(changes, { clients: 16, operations: sized(60, 20), seed: seed ?? 1 });
