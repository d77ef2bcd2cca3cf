import { expect, it, vi } from 'vitest';
import { standingOf, type WorkSpecOverview } from 'coordinate-client';
import { COUNTED } from '../../src/domain/history.js';
import { isFailing, NO_RECENT_WORK } from '../../src/domain/overview.js';
import type { WorkSpecMeta } from '../../src/domain/work-spec.js';
import { MOST_WAITING, ObserverQueue } from '../../src/plugins/observers/observer-queue.js';
import type { EventObserver, WorkEvent } from '../../src/plugins/observers/work-event.js';

const event = (name: string): WorkEvent => ({ namespace: 'n', type: 'drained', time: '', url: '', name });

/** A queue for what observes, and what is said of it. */
function queueFor(observe: (name: string, signal: AbortSignal) => unknown, longestMs?: number) {
  const said: string[] = [];
  const observer: EventObserver = {
    observe: (given, signal) => observe((given as { name: string }).name, signal) as Promise<void>,
  };
  return { said, queue: new ObserverQueue(observer, (problem) => said.push(problem), longestMs) };
}

it('an observer hears of one event at a time, and of the next when it has thrown', async () => {
  const heard: string[] = [];
  const { said, queue } = queueFor(async (name) => {
    heard.push(`${name} begins`);
    await Promise.resolve();
    heard.push(`${name} ends`);
    if (name === 'a') throw new TypeError('no hands');
  });
  for (const name of ['a', 'b']) queue.add(event(name));
  expect(heard).toEqual([]);
  await vi.waitFor(() => expect(heard).toEqual(['a begins', 'a ends', 'b begins', 'b ends']));
  expect(said).toEqual(['throws: no hands']);
});

it('one that hangs is told to end, and gets the next event after a while', async () => {
  const heard: string[] = [];
  const { said, queue } = queueFor((name, signal) => {
    heard.push(name);
    signal.addEventListener('abort', () => heard.push(`no more of ${name}`));
    return name === 'a' ? new Promise(() => undefined) : undefined;
  }, 20);
  for (const name of ['a', 'b']) queue.add(event(name));
  await vi.waitFor(() => expect(heard).toEqual(['a', 'no more of a', 'b']));
  expect(said).toEqual(['takes more than 0.02 s for one event: it gets the next one']);
});

it('of more than wait at most the oldest are dropped, and what waits at the end is told to nobody', async () => {
  const heard: string[] = [];
  let letOn = (): void => undefined;
  const { said, queue } = queueFor((name) => {
    heard.push(name);
    return name === '0' ? new Promise<void>((resolve) => (letOn = resolve)) : undefined;
  });
  queue.add(event('0'));
  await vi.waitFor(() => expect(heard).toEqual(['0']));
  for (let at = 1; at <= MOST_WAITING + 2; at++) queue.add(event(String(at)));
  letOn();
  await vi.waitFor(() => expect(heard).toHaveLength(1 + MOST_WAITING));
  expect(heard[1]).toBe('3');
  expect(said).toEqual([
    `is too slow: of more than ${MOST_WAITING} events the oldest are dropped`,
    'was too slow: 2 events were dropped',
  ]);
  queue.add(event('left'));
  queue.end();
  queue.add(event('late'));
  await Promise.resolve();
  expect(said.at(-1)).toBe('has not been told of 1 events: the daemon ends');
  expect(heard).not.toContain('left');
});

it('what one is at when the daemon ends is told to end, and what it throws then is not said', async () => {
  const heard: string[] = [];
  const { said, queue } = queueFor(async (_, signal) => {
    heard.push('begun');
    await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        heard.push('ended');
        reject(new Error('over'));
      });
    });
  });
  queue.add(event('a'));
  await vi.waitFor(() => expect(heard).toEqual(['begun']));
  queue.end();
  await vi.waitFor(() => expect(heard).toEqual(['begun', 'ended']));
  await Promise.resolve();
  expect(said).toEqual([]);
});

it('a work spec is failing where coordinate-client says so', () => {
  for (const [finished, failed, paused] of [
    [0, 0, false],
    [9, 1, false],
    [8, 1, false],
    [0, 1, false],
    [0, 1, true],
  ] as const) {
    const counts: Record<string, number> = { finished, failed };
    const recent = NO_RECENT_WORK.map((none, minutes) =>
      minutes === 1 ? COUNTED.map((each) => counts[each] ?? 0) : none,
    );
    const ours = isFailing({ recent, meta: { paused } as WorkSpecMeta });
    const rates = { last5Minutes: { finished, failed, claimed: 0 }, lastMinute: { claimed: 0 } };
    const units = { available: 0, pending: 0, delayed: 0, finished, failed };
    const overview = { rates, paused, counts: units, meta: { continuous: false }, waitingFor: [] };
    const { state } = standingOf(overview as unknown as WorkSpecOverview, new Date());
    expect(ours, JSON.stringify({ finished, failed, paused })).toBe(state === 'failing');
  }
});
