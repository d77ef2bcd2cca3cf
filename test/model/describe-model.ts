import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { BackendHarness, OpenBackend } from '../contract/harness.js';
import { Driver } from './driver.js';
import { histories } from './operations.js';

/** How much of it to try. `seed` repeats a run: fast-check prints that of one that fails, with the way to its shortest form. */
export interface Effort {
  runs: number;
  /** Steps of a history at most. */
  length: number;
  seed?: number;
}

/**
 * Any history of operations must leave a backend as it leaves the reference model: same answers, and nothing that can be
 * asked afterwards is answered differently.
 */
export function describeModel(harness: BackendHarness, { runs, length, seed }: Effort): void {
  describe(`any history, by the reference model: ${harness.name}`, () => {
    let backend: OpenBackend;
    beforeAll(async () => {
      backend = await harness.open();
    });
    afterAll(() => backend?.close());

    const property = (lookEvery: number): fc.IAsyncProperty<unknown> =>
      fc.asyncProperty(histories(length), async (steps) => {
        const driver = new Driver(backend);
        await driver.begin();
        for (const [index, step] of steps.entries()) {
          await driver.step(step);
          if ((index + 1) % lookEvery === 0 || index + 1 === steps.length) await driver.look();
        }
      });

    it('seen in full after every operation', async () => {
      await fc.assert(property(1), { numRuns: runs, seed, endOnFailure: false });
    });

    // A look settles what has run out of time; without one, operations meet what has not been settled.
    it('seen in full now and then', async () => {
      await fc.assert(property(9), { numRuns: runs, seed, endOnFailure: false });
    });
  });
}
