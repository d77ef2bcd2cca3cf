import { describe, expect, it } from 'vitest';
import { hasPassed, LAST_TIME, laterBy, SystemClock, ZERO_TIME } from '../../src/domain/time.js';
import { continuousName } from '../../src/domain/claim-rules.js';
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

describe('the name of a unit that a continuous spec makes', () => {
  it('is the Unix time with milliseconds', () => {
    expect(continuousName(1_700_000_000_123)).toBe('1700000000.123');
    expect(continuousName(1_700_000_000_007)).toBe('1700000000.007');
    expect(continuousName(1_700_000_001_000)).toBe('1700000001.000');
  });
});
