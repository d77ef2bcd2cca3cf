import { FULL_SIZE } from '../support/full-size.js';
import { describeContractIf } from './contract.js';
import { postgresHarness } from './postgres-harness.js';

// As in namespaces of very many specs, of which claims read only what has changed: here in those of one.
describeContractIf(FULL_SIZE, postgresHarness('18', '', { manySpecs: 0 }));
