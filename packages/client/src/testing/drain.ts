import { setTimeout as sleep } from 'node:timers/promises';
import type { Duration } from '../duration.js';
import { milliseconds } from '../duration.js';
import type { Worker } from '../worker/worker.js';

export interface DrainOptions {
  /** How long it may take; a minute where it is absent. */
  readonly timeout?: Duration;
}

/** How often it is looked whether anything is left. */
const LOOK_MS = 10;

/**
 * Has a worker work until nothing is left that can be done now, what comes of it included, and stops it. What is delayed stays.
 * @throws Error when the time is over, and says what is left
 */
export async function drain(worker: Worker, { timeout = '1m' }: DrainOptions = {}): Promise<void> {
  const ends = performance.now() + milliseconds(timeout);
  const running = worker.run();
  // What keeps it from running is thrown at the end.
  let isOver = false;
  running.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  try {
    while (!isOver) {
      const { specs } = worker;
      const left = (await worker.coordinate.summary()).filter(
        ({ spec, status }) => (status === 'available' || status === 'pending') && (specs?.includes(spec) ?? true),
      );
      if (left.length === 0) break;
      if (performance.now() > ends) {
        const shown = left.map(({ spec, status, count }) => `${count} ${status} of ${spec}`).join(', ');
        throw new Error(`the worker did not get done in time; there are left: ${shown}`);
      }
      await sleep(LOOK_MS);
    }
  } finally {
    await worker.stop();
  }
}
