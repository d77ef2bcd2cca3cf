import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackendHarness, OpenBackend } from '../contract/harness.js';
import type { Effort } from './describe-model.js';
import { waitingHistories } from './operations.js';
import { WaitingDriver } from './waiting-driver.js';

/**
 * Workers that wait among any operations, as time passes: whatever makes work claimable wakes one who can take it, and each is given what
 * the reference model gives. Of a backend that answers at once: then it is known when all that an operation leads to has happened.
 */
export function describeWaiting(harness: BackendHarness, { runs, length, seed }: Effort): void {
  describe(`workers that wait in any history, by the reference model: ${harness.name}`, () => {
    let backend: OpenBackend;
    beforeAll(async () => {
      backend = await harness.open();
    });
    afterAll(() => backend?.close());

    it('are given work as soon as there is some', async () => {
      let woken = 0;
      const property = fc.asyncProperty(waitingHistories(length), async (steps) => {
        const driver = new WaitingDriver(backend);
        await driver.begin();
        try {
          for (const step of steps) await driver.stepOrWait(step);
          await driver.look();
        } finally {
          driver.end();
        }
        woken += driver.woken;
      });
      await fc.assert(property, { numRuns: runs, seed, endOnFailure: false });
      // Else nothing of this would have been tried. In a few histories it may be so that hardly anybody is woken.
      if (runs >= 100) expect(woken).toBeGreaterThan(runs / 4);
    });
  });
}
