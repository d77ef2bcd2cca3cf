import { describeContractIf } from './contract.js';
import { slicedMemoryHarness } from './memory-harness.js';
import { FULL_SIZE } from '../support/full-size.js';

// The histories of test/model go through the slices in each `npm test`.
describeContractIf(FULL_SIZE, slicedMemoryHarness);
