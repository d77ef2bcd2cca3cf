import { describe } from 'vitest';
import { FULL_SIZE } from '../support/full-size.js';
import { describeContract } from './contract.js';
import { postgresHarness } from './postgres-harness.js';

// As in namespaces of very many specs, of which claims read only what has changed: here in those of one.
describe.runIf(FULL_SIZE)('in full size', () => {
  describeContract(postgresHarness('18', '', { manySpecs: 0 }));
});
