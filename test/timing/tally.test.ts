import { describe, expect, it } from 'vitest';
import { OPERATION_BOUNDS, Tally } from '../../src/timing/tally.js';

describe('a tally of durations', () => {
  it('counts each in the first bucket whose bound it does not exceed', () => {
    const tally = new Tally([0.001, 0.1, 1]);
    for (const seconds of [0, 0.001, 0.0011, 0.1, 0.5, 1, 1.5, 1000]) tally.add(seconds);
    expect(tally.counts).toEqual([2, 2, 2, 2]);
    expect(tally.count).toBe(8);
    expect(tally.sum).toBeCloseTo(1003.1021, 9);
  });

  it('counts one for several', () => {
    const tally = new Tally([0.001, 0.1]);
    tally.add(0.05, 8);
    tally.add(3, 0);
    expect([tally.counts, tally.sum]).toEqual([[0, 8, 0], 0.4]);
  });

  it('is empty at first', () => {
    const tally = new Tally(OPERATION_BOUNDS);
    expect([tally.count, tally.sum]).toEqual([0, 0]);
    expect(tally.counts).toHaveLength(OPERATION_BOUNDS.length + 1);
  });
});
