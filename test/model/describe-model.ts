import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { BackendHarness, OpenBackend } from '../contract/harness.js';
import { Driver, START } from './driver.js';
import type { Operation, Step } from './operations.js';
import { histories } from './operations.js';

/** How much of it to try. `seed` repeats a run: fast-check prints that of one that fails, with the way to its shortest form. */
export interface Effort {
  runs: number;
  /** Steps of a history at most. */
  length: number;
  seed?: number;
}

/** A spec that comes after another one, by whose names they would come the other way round, and what a claim draws of the two. */
const NOT_BY_NAME: Step[] = (
  [
    { do: 'set spec', spec: 't', fields: {} },
    { do: 'add', spec: 't', units: [{ name: 'a', data: {}, priority: 0 }] },
    { do: 'set spec', spec: 's', fields: {} },
    { do: 'add', spec: 's', units: [{ name: 'b', data: {}, priority: 0 }] },
    { do: 'claim', random: 0, ask: { worker: 'w0', units: 1, lifetime: 1_000_000 } },
  ] as Operation[]
).map((operation) => ({ move: { by: 1_000_000 }, namespace: '', operation }));

/** Several slots come due at once, of which one is too old by a part of a second. */
const TOO_OLD: Step[] = (
  [
    [
      0,
      {
        do: 'set spec',
        spec: 's',
        fields: { flow: { schedule: { cron: '*/5 * * * * *', timezone: 'UTC', catch_up: 70, catch_up_all: true } } },
      },
    ],
    [100_000_000, { do: 'start due' }],
  ] as [number, Operation][]
).map(([by, operation]) => ({ move: { by }, namespace: '', operation }));

const EXAMPLES: [Step[]][] = [[NOT_BY_NAME], [TOO_OLD]];

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

    const property = (lookEvery: number): fc.IAsyncProperty<[Step[]]> =>
      fc.asyncProperty(histories(START, length), async (steps) => {
        const driver = new Driver(backend);
        await driver.begin();
        for (const [index, step] of steps.entries()) {
          await driver.step(step);
          if ((index + 1) % lookEvery === 0 || index + 1 === steps.length) await driver.look();
        }
      });

    it('seen in full after every operation', async () => {
      await fc.assert(property(1), { numRuns: runs + EXAMPLES.length, seed, endOnFailure: false, examples: EXAMPLES });
    });

    // A look settles what has run out of time; without one, operations meet what has not been settled.
    it('seen in full now and then', async () => {
      await fc.assert(property(9), { numRuns: runs + EXAMPLES.length, seed, endOnFailure: false, examples: EXAMPLES });
    });
  });
}
