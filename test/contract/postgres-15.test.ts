import { describeContract } from './contract.js';
import { postgresHarness } from './postgres-harness.js';

describeContract(postgresHarness('15'));
