import { describeContract } from './contract.js';
import { slicedMemoryHarness } from './memory-harness.js';

describeContract(slicedMemoryHarness);
