import { expect, it } from 'vitest';
import { describeContract } from './contract.js';
import { memoryHarness } from './memory-harness.js';

describeContract(memoryHarness);

it('the memory backend is let off nothing', () => {
  expect([...memoryHarness.capabilities].sort()).toEqual(['locks', 'moments', 'retention', 'sharing', 'watching']);
});
