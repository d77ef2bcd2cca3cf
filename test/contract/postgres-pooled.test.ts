import { describe } from 'vitest';
import { describeContract } from './contract.js';
import { postgresHarness } from './postgres-harness.js';
import { FULL_SIZE } from '../support/full-size.js';

// As behind a pooler in transaction mode: no prepared statements, nothing set for a session.
describe.runIf(FULL_SIZE)('in full size', () => {
  describeContract(postgresHarness('18', 'pgbouncer=true'));
});
