import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FULL,
  fillTime,
  fullAtPresent,
  nextToken,
  takeTokens,
  tokensAt,
  type TokenRate,
  withRate,
} from '../../../src/domain/flow/token-bucket.js';
import { DAY, SECOND } from '../../../src/domain/time.js';

const NOW = 1_767_323_045_678_901;

const RATE: TokenRate = { units: 100, per: 60 * SECOND, burst: 20 };
const rate = fc
  .record({
    units: fc.oneof(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 1, max: 9 }).map((tenths) => tenths / 10),
    ),
    per: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 30 * DAY })),
    burst: fc.integer({ min: 1, max: 1_000 }),
  })
  // As rates that may be set.
  .filter((one) => fillTime(one) <= 36_525 * DAY);
/** How long it takes until the next try, and how many it asks for. */
const tries = fc.array(
  fc.record({ later: fc.integer({ min: 0, max: 3 * DAY }), asked: fc.integer({ min: 1, max: 50 }) }),
);

describe('a token bucket', () => {
  it('gives a burst at once, then as much as falls into it', () => {
    expect(tokensAt(RATE, FULL, NOW)).toBe(20);
    const empty = takeTokens(RATE, FULL, 20, NOW);
    expect(tokensAt(RATE, empty, NOW)).toBe(0);
    expect(nextToken(RATE, empty, NOW)).toBe(NOW + 600_000);
    expect(tokensAt(RATE, empty, NOW + 599_999)).toBe(0);
    expect(tokensAt(RATE, empty, NOW + 600_000)).toBe(1);
    expect(tokensAt(RATE, empty, NOW + 60 * SECOND)).toBe(20);
    expect(fillTime(RATE)).toBe(12 * SECOND);
  });

  it('never gives more in any span than the burst and what falls into it meanwhile, and not much less', () => {
    fc.assert(
      fc.property(rate, tries, (of, all) => {
        let now = NOW;
        let fullAt = FULL;
        let given = 0;
        let takes = 0;
        for (const { later, asked } of all) {
          now += later;
          const units = Math.min(asked, tokensAt(of, fullAt, now));
          if (units === 0) continue;
          fullAt = takeTokens(of, fullAt, units, now);
          given += units;
          takes++;
          const fallen = (BigInt(now - NOW) * BigInt(Math.round(of.units * 10))) / BigInt(10 * of.per);
          expect(BigInt(given)).toBeLessThanOrEqual(BigInt(of.burst) + fallen);
        }
        // Each take may lose less than a microsecond of filling.
        expect(fullAt - now).toBeLessThanOrEqual(Math.ceil((given * of.per) / of.units) + takes + 1);
      }),
    );
  });

  it('has a token from the moment that it says on, and not before', () => {
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 0, max: DAY }), (of, units, later) => {
        const fullAt = takeTokens(of, FULL, Math.min(units, of.burst), NOW);
        const moment = nextToken(of, fullAt, NOW);
        expect(tokensAt(of, fullAt, moment)).toBeGreaterThanOrEqual(1);
        if (moment > NOW) expect(tokensAt(of, fullAt, moment - 1)).toBe(0);
        else expect(tokensAt(of, fullAt, NOW + later)).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('never has more when the clock is set back, and is full again after as long as an empty one', () => {
    fc.assert(
      fc.property(
        rate,
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 1, max: 400 * DAY }),
        (of, units, back) => {
          const fullAt = takeTokens(of, FULL, Math.min(units, of.burst), NOW);
          const then = NOW - back;
          expect(tokensAt(of, fullAt, then)).toBeLessThanOrEqual(tokensAt(of, fullAt, NOW));
          const corrected = fullAtPresent(of, fullAt, then);
          expect(corrected).toBeLessThanOrEqual(then + fillTime(of));
          expect(tokensAt(of, corrected, then)).toBe(tokensAt(of, fullAt, then));
          expect(tokensAt(of, corrected, then + fillTime(of))).toBe(of.burst);
          expect(nextToken(of, fullAt, then)).toBeLessThanOrEqual(then + fillTime(of));
        },
      ),
    );
  });

  it('keeps what is in it when its rate changes, as far as it holds that', () => {
    fc.assert(
      fc.property(
        rate,
        rate,
        fc.integer({ min: 0, max: 1_000 }),
        fc.integer({ min: 0, max: DAY }),
        (one, other, units, later) => {
          const now = NOW + later;
          const fullAt = units === 0 ? FULL : takeTokens(one, FULL, Math.min(units, one.burst), NOW);
          const before = tokensAt(one, fullAt, now);
          const after = tokensAt(other, withRate(one, other, fullAt, now), now);
          expect(after).toBeLessThanOrEqual(Math.min(before, other.burst));
          // A fraction of a token may become one less, by the microseconds that are rounded up.
          const perMicro = other.units / other.per;
          expect(after).toBeGreaterThanOrEqual(Math.min(before, other.burst) - Math.max(1, Math.ceil(perMicro)));
          expect(withRate(one, { ...one }, fullAt, now)).toBe(fullAt);
        },
      ),
    );
  });

  it('keeps what is in it to the microsecond where the same rate is only written otherwise', () => {
    const [one, other] = [
      { units: 1, per: 2 * SECOND, burst: 3 },
      { units: 0.5, per: SECOND, burst: 3 },
    ];
    for (const fullAt of [FULL, 4_999_999, 5 * SECOND, 7_000_001]) {
      expect(withRate(one, other, fullAt, 5 * SECOND)).toBe(fullAt);
    }
  });
});
