import { describe, expect, it } from 'vitest';
import { hasPassed, LAST_TIME, laterBy, SystemClock, ZERO_TIME } from '../../src/domain/time.js';
import { ownUnits } from '../../src/domain/claim-rules.js';
import { notBeforeOf } from '../../src/domain/work-unit.js';

describe('a moment', () => {
  it('has passed when now has reached it', () => {
    expect([hasPassed(10, 9), hasPassed(10, 10), hasPassed(10, 11)]).toEqual([false, true, true]);
    expect(hasPassed(ZERO_TIME, 0)).toBe(true);
  });

  it('counts from the Unix epoch in microseconds', () => {
    expect(ZERO_TIME).toBe(Date.parse('0001-01-01T00:00:00Z') * 1000);
    const year10000 = Date.UTC(10000, 0, 1) * 1000;
    expect(LAST_TIME).toBeLessThan(year10000);
    expect(LAST_TIME + 32).toBe(year10000);
    const before = Date.now() * 1000;
    const now = new SystemClock().now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now() * 1000);
  });

  it('later by a span stays within the times that can be written', () => {
    expect(laterBy(5, 10)).toBe(15);
    expect(laterBy(-20, 10)).toBe(-10);
    expect(laterBy(Infinity, 10)).toBe(LAST_TIME);
    expect(laterBy(-1e300, 10)).toBe(ZERO_TIME);
  });
});

describe('the time a unit may start', () => {
  it('is at once unless something is said', () => {
    expect(notBeforeOf({}, 100)).toBe(ZERO_TIME);
  });
  it('is the moment given, or the delay after now, which wins', () => {
    expect(notBeforeOf({ notBefore: 7 }, 100)).toBe(7);
    expect(notBeforeOf({ delay: 50 }, 100)).toBe(150);
    expect(notBeforeOf({ delay: 0, notBefore: 7 }, 100)).toBe(100);
  });
});

describe('the names that a unit may have which a continuous spec makes', () => {
  it('are the Unix time with milliseconds, and those that follow', () => {
    const units = ownUnits(1_700_000_000_999_001);
    expect([units.next().value.name, units.next().value.name]).toEqual(['1700000000.999', '1700000001.000']);
    expect(ownUnits(1_700_000_000_007_999).next().value.name).toBe('1700000000.007');
  });
});
