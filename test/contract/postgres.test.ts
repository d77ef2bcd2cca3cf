import { expect, it } from 'vitest';
import { describeContract } from './contract.js';
import { postgresHarness } from './postgres-harness.js';

const harness = postgresHarness('18');
describeContract(harness);

it('the PostgreSQL backend lacks one thing', () => {
  expect(Object.keys(harness.lacks)).toEqual(['moments']);
});
