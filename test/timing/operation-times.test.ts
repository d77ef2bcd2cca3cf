import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { OperationTimes } from '../../src/timing/operation-times.js';

describe('the times of an operation', () => {
  let now = 0;
  let looks: MockInstance<() => number>;
  let times: OperationTimes;

  beforeEach(() => {
    now = 5000;
    looks = vi.spyOn(performance, 'now').mockImplementation(() => now);
    times = new OperationTimes();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Calls it so often, each call `takes` milliseconds, with a pause after it. */
  function call(often: number, takes: number, pause = 0): void {
    for (let left = often; left > 0; left--) {
      const begun = times.begin();
      now += takes;
      times.end(begun);
      now += pause;
    }
  }

  it('are known of each call of one that is not called often, however short', () => {
    call(100, 0.01, 1);
    expect(looks).toHaveBeenCalledTimes(200);
    call(1, 250);
    expect(times.seconds.count).toBe(101);
    expect(times.seconds.sum).toBeCloseTo(0.251, 9);
  });

  it('are known of each call that takes long', () => {
    for (let milliseconds = 1; milliseconds <= 20; milliseconds++) call(1, milliseconds);
    expect(times.seconds.count).toBe(20);
    expect(times.seconds.sum).toBeCloseTo(0.21, 9);
  });

  it('are looked at one in eight times when it is busy, and count all calls', () => {
    call(2, 0.01);
    looks.mockClear();
    call(80, 0.01);
    expect(looks).toHaveBeenCalledTimes(20);
    expect(times.seconds.count).toBe(82);
    expect(times.seconds.sum).toBeCloseTo(82 * 0.00001, 9);
  });

  it('let a long one that was looked at stand for those before it, and each is looked at until it is busy again', () => {
    call(2 + 7, 0.01);
    call(1, 3000);
    expect(times.seconds.counts.at(-3)).toBe(8);
    expect(times.seconds.sum).toBeCloseTo(24.00002, 9);
    call(1, 2000);
    expect(times.seconds.sum).toBeCloseTo(26.00002, 9);
  });

  it('are counted as soon as they are over, and once', () => {
    call(2 + 3, 0.01);
    expect(times.seconds.count).toBe(5);
    expect(times.seconds.count).toBe(5);
    call(4 + 1, 0.01);
    expect(times.seconds.count).toBe(10);
  });

  it('are known of each that answers later', () => {
    call(2, 0.01);
    for (let left = 20; left > 0; left--) {
      const since = times.goesOn(times.begin());
      now += 0.02;
      times.endLater(since);
    }
    expect(times.seconds.count).toBe(22);
    expect(times.seconds.sum).toBeCloseTo(20 * 0.00002 + 2 * 0.00001, 9);
  });

  it('add up to the number of calls that are over, whenever they are read', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('atOnce' as const), takes: fc.constantFrom(0, 0.005, 0.2, 30) }),
      fc.record({ kind: fc.constant('begin' as const), takes: fc.constant(0) }),
      fc.record({ kind: fc.constant('endLater' as const), takes: fc.constantFrom(0.01, 5) }),
      fc.record({ kind: fc.constant('read' as const), takes: fc.constantFrom(0, 1) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        times = new OperationTimes();
        const open: number[] = [];
        let over = 0;
        let counts = times.seconds.counts.slice();
        for (const { kind, takes } of steps) {
          now += takes;
          if (kind === 'begin') open.push(times.goesOn(times.begin()));
          if (kind === 'atOnce') call(1, takes);
          if (kind === 'atOnce') over++;
          const since = kind === 'endLater' ? open.shift() : undefined;
          if (since !== undefined) times.endLater(since);
          if (since !== undefined) over++;
          if (kind !== 'read') continue;
          const { seconds } = times;
          expect(seconds.count).toBe(over);
          expect(seconds.counts.every((count, bucket) => count >= counts[bucket])).toBe(true);
          counts = seconds.counts.slice();
        }
        expect(times.seconds.count).toBe(over);
      }),
    );
  });
});
