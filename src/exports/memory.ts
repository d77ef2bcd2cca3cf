/** `coordinate-daemon/memory`: the memory backend, for tests and for backends that begin with it. */
export { type MemoryOptions, memoryRepositories } from '../storage/memory/memory-repositories.js';
