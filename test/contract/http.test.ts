import { describeContract } from './contract.js';
import { httpHarness } from './http-harness.js';

describeContract(httpHarness);
