import { programsOf } from '../support/postgres-server.js';
import { describeContract } from './contract.js';
import { postgresHarness } from './postgres-harness.js';

// The oldest version that is supported: the programs of this machine, where it has them, else npm's.
describeContract(postgresHarness(programsOf('system') === undefined ? '15' : 'system'));
