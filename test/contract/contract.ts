import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import type { BackendHarness, OpenBackend } from './harness.js';
import { SUITES } from './suites/index.js';
import { World } from './world.js';

/** For a backend that differs in details from one that passes it in each `npm test`: not even collected there. */
export function describeContractIf(isAskedFor: boolean, harness: BackendHarness): void {
  if (isAskedFor) describeContract(harness);
  else it.skip(`the contract of a storage backend: ${harness.name}`);
}

/**
 * What every storage backend must keep: the rules of the model, said against the repository classes. Call it from a test
 * file of the backend; the backend is opened once and emptied before each test.
 */
export function describeContract(harness: BackendHarness): void {
  describe(`the contract of a storage backend: ${harness.name}`, () => {
    const world = new World(harness);
    let backend: OpenBackend;
    beforeAll(async () => {
      backend = await harness.open();
    });
    beforeEach(() => world.begin(backend));
    afterAll(() => backend?.close());
    for (const suite of SUITES) suite(world);
  });
}
