import { expect, it } from 'vitest';
import { describeContract } from './contract.js';
import { memoryHarness } from './memory-harness.js';

describeContract(memoryHarness);

it('the memory backend lacks nothing that it could have', () => {
  expect(Object.keys(memoryHarness.lacks)).toEqual(['outages']);
});
