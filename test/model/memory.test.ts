import { memoryHarness } from '../contract/memory-harness.js';
import { describeBeside } from './describe-beside.js';
import { describeLockModel } from './describe-locks.js';
import { describeModel } from './describe-model.js';
import { describeWaiting } from './describe-waiting.js';
import { sized } from '../support/full-size.js';

// MODEL_SEED repeats a run that failed, MODEL_RUNS makes a longer one.
const { MODEL_RUNS, MODEL_SEED } = process.env;
const runs = MODEL_RUNS ? Number(MODEL_RUNS) : sized(150, 12);
const seed = MODEL_SEED ? Number(MODEL_SEED) : undefined;

describeModel(memoryHarness, { runs, length: 120, seed });
describeLockModel(memoryHarness, { runs, length: 40, seed });
describeWaiting(memoryHarness, { runs, length: 80, seed });
describeBeside(memoryHarness, { clients: 16, operations: sized(300, 100), seed: seed ?? 1 });
