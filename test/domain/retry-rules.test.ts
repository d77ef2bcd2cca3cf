import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Encodable } from '../../src/cbor/index.js';
import { encode, Float } from '../../src/cbor/index.js';
import { parseRetry } from '../../src/domain/flow/retry.js';
import { decodeValue } from '../../src/cbor/index.js';
import { lapseAnew, lapseOf, pauseAfter, pauseOfLapse, saysFinal } from '../../src/domain/retry-rules.js';
import { SECOND } from '../../src/domain/time.js';

const policyOf = (retry: Encodable) => parseRetry(decodeValue(encode(retry)), 'retry');
const number = (value: number): Encodable => (Number.isInteger(value) ? value : new Float(value));

const settings = fc.record({
  attempts: fc.integer({ min: 1, max: 50 }),
  backoff: fc.constantFrom('fixed', 'linear', 'exponential'),
  delay: fc.double({ min: 0, max: 1e6, noNaN: true }).map(number),
  factor: fc.double({ min: 1, max: 100, noNaN: true }).map(number),
  max_delay: fc.double({ min: 0, max: 1e7, noNaN: true }).map(number),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }).map(number),
  expired: fc.constant(true),
});
const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

describe('the pauses of what is retried', () => {
  it('are whole, never below 0, never above the longest but by chance, and never shrink without it', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 1000 }), chance, (fields, failures, drawn) => {
        const policy = policyOf(fields);
        const pause = pauseAfter({ policy, random: () => drawn }, failures);
        expect(Number.isSafeInteger(pause)).toBe(true);
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(policy.maxDelay * (1 + policy.jitter) + 1);
        const calm = { policy: { ...policy, jitter: 0 }, random: () => drawn };
        expect(pauseAfter(calm, failures + 1)).toBeGreaterThanOrEqual(pauseAfter(calm, failures));
        expect(Math.abs(pause - pauseAfter(calm, failures))).toBeLessThanOrEqual(policy.maxDelay * policy.jitter + 1);
      }),
      { numRuns: 200 },
    );
  });

  it('of a lease that runs out are there as long as tries are left, and again once failures no longer count', () => {
    fc.assert(
      fc.property(settings, fc.nat(60), chance, (fields, failures, drawn) => {
        const retrying = { policy: policyOf(fields), random: () => drawn };
        const lapse = lapseOf({ failures }, retrying)!;
        expect(pauseOfLapse(lapse) === undefined).toBe(failures + 1 >= retrying.policy.attempts);
        expect(pauseOfLapse(lapseAnew(lapse)!) === undefined).toBe(retrying.policy.attempts === 1);
      }),
      { numRuns: 200 },
    );
  });

  it('are the same for a number and for the policy that has nothing but it', () => {
    expect(policyOf(3)).toEqual(policyOf({ attempts: 3 }));
    expect(pauseAfter({ policy: policyOf({ delay: 2, backoff: 'linear' }), random: () => 0 }, 3)).toBe(6 * SECOND);
  });

  it('are none of what data call final', () => {
    for (const [final, says] of [
      [true, true],
      [1, true],
      ['1', true],
      [false, false],
      [null, false],
      ['x'.repeat(1000), false],
    ] as const) {
      expect(saysFinal(encode({ traceback: 'x', final }))).toBe(says);
    }
    expect(saysFinal(undefined)).toBe(false);
  });
});
