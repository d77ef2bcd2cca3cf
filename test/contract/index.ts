/** `coordinate-daemon/contract`: the tests that every storage backend passes, to be run by vitest. docs/backends.md says how. */
export { describeContract } from './contract.js';
export type { BackendHarness, Capability, Lacks, OpenBackend, Repositories } from './harness.js';
export { RecordingObserver } from './recording-observer.js';
