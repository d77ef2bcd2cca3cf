import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackendHarness, OpenBackend } from '../contract/harness.js';
import type { Effort } from './describe-model.js';
import { waitingHistories } from './operations.js';
import { WaitingDriver } from './waiting-driver.js';

/** Makes what has workers wait at a backend; `run` is the number of the history. */
export type MakeDriver = (backend: OpenBackend, run: number) => WaitingDriver;

/**
 * Workers that wait among any operations, as time passes: whatever makes work claimable wakes one who can take it, and each is given what
 * the reference model gives.
 */
export function describeWaiting(
  harness: BackendHarness,
  { runs, length, seed }: Effort,
  make: MakeDriver = (backend) => new WaitingDriver(backend),
): void {
  describe(`workers that wait in any history, by the reference model: ${harness.name}`, () => {
    let backend: OpenBackend;
    beforeAll(async () => {
      backend = await harness.open();
    });
    afterAll(() => backend?.close());

    it('are given work as soon as there is some', async () => {
      let woken = 0;
      let run = 0;
      const property = fc.asyncProperty(waitingHistories(length), async (steps) => {
        const driver = make(backend, run++);
        await driver.begin();
        try {
          for (const step of steps) await driver.stepOrWait(step);
          await driver.look();
        } finally {
          await driver.end();
        }
        woken += driver.woken;
      });
      await fc.assert(property, { numRuns: runs, seed, endOnFailure: false });
      // Else nothing of this would have been tried. In a few histories it may be so that hardly anybody is woken.
      if (runs >= 100) expect(woken).toBeGreaterThan(runs / 4);
    });
  });
}
