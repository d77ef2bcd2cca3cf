import { describeContract } from './contract.js';
import { postgresHarness } from './postgres-harness.js';

// As behind a pooler in transaction mode: no prepared statements, nothing set for a session.
describeContract(postgresHarness('18', 'pgbouncer=true'));
