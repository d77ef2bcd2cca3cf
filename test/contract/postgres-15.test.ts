import { programsOf } from '../support/postgres-server.js';
import { describeContractIf } from './contract.js';
import { postgresHarness } from './postgres-harness.js';
import { FULL_SIZE } from '../support/full-size.js';

// The oldest version that is supported: the programs of this machine, where it has them, else npm's.
describeContractIf(FULL_SIZE, postgresHarness(programsOf('system') === undefined ? '15' : 'system'));
