import { FULL_SIZE } from '../support/full-size.js';
import { describeContractIf } from './contract.js';
import { httpHarness } from './http-harness.js';

// That daemons in front of another work at all is shown in each `npm test`, by test/daemon/backend-http.test.ts.
describeContractIf(FULL_SIZE, httpHarness);
