import fc from 'fast-check';
import { describe, it } from 'vitest';
import { slicedMemoryHarness } from '../contract/memory-harness.js';
import { describeBeside } from './describe-beside.js';
import { describeModel } from './describe-model.js';
import { Interleaving } from './interleaving.js';
import { rounds } from './operations.js';
import { sized } from '../support/full-size.js';

// As memory.test.ts, but that every operation goes in slices. MODEL_SEED repeats a run that failed, MODEL_RUNS makes a longer one.
const { MODEL_RUNS, MODEL_SEED } = process.env;
const runs = MODEL_RUNS ? Number(MODEL_RUNS) : sized(40, 6);
const seed = MODEL_SEED ? Number(MODEL_SEED) : undefined;

describeModel(slicedMemoryHarness, { runs, length: 120, seed });
describeBeside(slicedMemoryHarness, { clients: 16, operations: sized(300, 100), seed: seed ?? 1 });

describe('operations that are under way at once, every step a slice', () => {
  it('answer, and leave what can be seen, as one after another would', async () => {
    const backend = await slicedMemoryHarness.open();
    const property = fc.asyncProperty(rounds(12, 4), async (history) => {
      const interleaving = new Interleaving(backend);
      await interleaving.begin();
      for (const round of history) await interleaving.round(round);
    });
    await fc.assert(property, { numRuns: runs, seed, endOnFailure: false });
  });
});
