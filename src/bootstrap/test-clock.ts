import { LAST_TIME, type SetClock, ZERO_TIME } from '../domain/time.js';
import type { WorkFeed } from '../domain/work-feed.js';

/** What the parent says: the moment that it is to be now, in microseconds since 1970; null only asks. The answer says what it is then. */
interface TestClockMessage {
  readonly testClock: number | null;
}

/**
 * Lets the program that started this process set its clock. Nobody else can: what is said comes over the channel that Node opens for a
 * child, never over a port.
 *
 * @param feed - hears of it, so that those who wait for work get what has become due
 * @throws Error where there is no such channel
 */
export function obeyTestClock(clock: SetClock, feed: WorkFeed): void {
  const { channel } = process;
  if (process.send === undefined || !channel) {
    throw new Error('-test-clock is for a daemon that a program has started as its child with a channel (stdio: ipc)');
  }
  process.on('message', (message: unknown) => {
    if (!isTestClockMessage(message)) return;
    const { testClock } = message;
    if (testClock !== null) clock.set(Math.min(Math.max(testClock, ZERO_TIME), LAST_TIME));
    feed.look();
    process.send!({ testClock: clock.now() });
  });
  // A parent that has gone is no reason to go on, nor to end.
  channel.unref();
}

function isTestClockMessage(message: unknown): message is TestClockMessage {
  if (typeof message !== 'object' || message === null || !('testClock' in message)) return false;
  const { testClock } = message;
  return testClock === null || (typeof testClock === 'number' && Number.isSafeInteger(testClock));
}
