import { describeContractIf } from './contract.js';
import { postgresHarness } from './postgres-harness.js';
import { FULL_SIZE } from '../support/full-size.js';

// As behind a pooler in transaction mode: no prepared statements, nothing set for a session.
describeContractIf(FULL_SIZE, postgresHarness('18', 'pgbouncer=true'));
