import { memoryHarness } from '../contract/memory-harness.js';
import { describeModel } from './describe-model.js';

const { MODEL_RUNS, MODEL_SEED } = process.env;

describeModel(memoryHarness, {
  runs: MODEL_RUNS ? Number(MODEL_RUNS) : 250,
  length: 120,
  seed: MODEL_SEED ? Number(MODEL_SEED) : undefined,
});
