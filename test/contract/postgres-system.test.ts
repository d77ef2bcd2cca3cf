import { describe } from 'vitest';
import { programsOf } from '../support/postgres-server.js';
import { describeContract } from './contract.js';
import { postgresHarness } from './postgres-harness.js';

/** The programs of this machine, where it has them: most often an older version than npm's, with patches of its own. */
describe.skipIf(programsOf('system') === undefined)('PostgreSQL of this machine', () => {
  describeContract(postgresHarness('system'));
});
