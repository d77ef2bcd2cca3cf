import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../../src/domain/scheduler/draw.js';
import { draw } from '../../../src/domain/scheduler/draw.js';
import { Scheduler } from '../../../src/domain/scheduler/scheduler.js';

const candidate = (weight: number, pending = 0, priority = 0): Candidate => ({ priority, weight, pending });

/** How often each index comes out when the random numbers cover [0, 1) evenly. */
function shares(candidates: readonly Candidate[], steps: number): number[] {
  const counts = candidates.map(() => 0);
  for (let step = 0; step < steps; step++) counts[draw(candidates, () => (step + 0.5) / steps)]++;
  return counts;
}

/** `weight × (P + 1) − W × pending`, with the scores not above zero as zero. */
function scores(candidates: readonly Candidate[]): number[] {
  const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
  const pending = sum(candidates.map((c) => c.pending));
  const weight = sum(candidates.map((c) => c.weight));
  return candidates.map((c) => Math.max(0, c.weight * (pending + 1) - weight * c.pending));
}

describe('the draw', () => {
  it('chooses nothing from nothing', () => {
    expect(draw([], () => 0)).toBe(-1);
  });

  it('chooses the only candidate whatever the number drawn', () => {
    for (const random of [0, 0.5, 1 - Number.EPSILON]) expect(draw([candidate(3, 99)], () => random)).toBe(0);
  });

  it('looks only at the highest priority, negative ones included', () => {
    expect(shares([candidate(100, 0, -2), candidate(1, 500, -1), candidate(100, 0, -2)], 50)).toEqual([0, 50, 0]);
  });

  it('counts neither the pending nor the weight of a lower priority', () => {
    const top = [candidate(1, 3), candidate(3, 5)];
    const among = [candidate(1000, 1000, -1), ...top, candidate(7, 1, -9)];
    expect(shares(among, 6000).slice(1, 3)).toEqual(shares(top, 6000));
  });

  it('is in proportion to the weights while nothing is pending', () => {
    expect(shares([candidate(1), candidate(2), candidate(5)], 8000)).toEqual([1000, 2000, 5000]);
  });

  it('leaves out a candidate whose score is zero or below', () => {
    // Scores: 1 × 4 − 2 × 2 = 0, and 1 × 4 − 2 × 1 = 2.
    expect(shares([candidate(1, 2), candidate(1, 1)], 100)).toEqual([0, 100]);
    expect(shares([candidate(1, 1), candidate(1, 2)], 100)).toEqual([100, 0]);
  });

  it('draws in proportion to the score, for any candidates', () => {
    const any = fc.record({ priority: fc.constant(0), weight: fc.integer({ min: 1, max: 60 }), pending: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 6 }), (candidates) => {
        const steps = 4000;
        const expected = scores(candidates);
        const total = expected.reduce((a, b) => a + b, 0);
        expect(total).toBeGreaterThan(0);
        shares(candidates, steps).forEach((count, index) => {
          // An interval covers its share of an even grid but for the point at either end.
          expect(Math.abs(count - (steps * expected[index]) / total)).toBeLessThanOrEqual(1);
          if (expected[index] === 0) expect(count).toBe(0);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('always chooses one, the largest number below one included', () => {
    const any = fc.record({
      priority: fc.integer({ min: -3, max: 3 }),
      weight: fc.integer({ min: 1, max: 1e9 }),
      pending: fc.nat(1e6),
    });
    fc.assert(
      fc.property(
        fc.array(any, { minLength: 1, maxLength: 12 }),
        fc.oneof(fc.constant(1 - 2 ** -53), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        (candidates, random) => {
          const chosen = candidates[draw(candidates, () => random)];
          expect(chosen?.priority).toBe(Math.max(...candidates.map(({ priority }) => priority)));
        },
      ),
    );
  });

  it('brings pending work to the ratio of the weights', () => {
    const specs = [candidate(1), candidate(2), candidate(5)];
    const random = mulberry32(7);
    for (let claims = 0; claims < 800; claims++) specs[draw(specs, random)].pending++;
    expect(specs.map(({ pending }) => pending / 100)).toEqual([
      expect.closeTo(1, 1),
      expect.closeTo(2, 1),
      expect.closeTo(5, 1),
    ]);
  });

  it('brings it back there after one spec has finished all its work', () => {
    const specs = [candidate(1, 100), candidate(2, 200), candidate(5, 0)];
    const random = mulberry32(8);
    for (let claims = 0; claims < 500; claims++) specs[draw(specs, random)].pending++;
    expect(specs[2].pending).toBeGreaterThan(490);
    expect(specs[0].pending).toBeLessThan(105);
  });
});

describe('the scheduler', () => {
  it('draws by the randomness that it was given', () => {
    const numbers = [0.1, 0.9];
    const scheduler = new Scheduler(() => numbers.shift()!);
    const candidates = [candidate(1), candidate(1)];
    expect([scheduler.choose(candidates), scheduler.choose(candidates)]).toEqual([0, 1]);
  });
});

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
