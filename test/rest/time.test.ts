import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAST_TIME, ZERO_TIME } from '../../src/domain/time.js';
import { formatTime, microsOfNanos, parseTime } from '../../src/rest/time.js';
import { START } from './app.js';

describe('times', () => {
  it('are written in UTC with microseconds, and read back exactly', () => {
    expect(formatTime(START)).toBe('2026-01-02T03:04:05.678901Z');
    expect(formatTime(ZERO_TIME)).toBe('0001-01-01T00:00:00Z');
    fc.assert(
      fc.property(fc.integer({ min: -9_000_000_000_000_000, max: 9_000_000_000_000_000 }), (moment) => {
        expect(parseTime(formatTime(moment))).toBe(moment);
      }),
    );
    for (const moment of [ZERO_TIME, LAST_TIME, 0, -1, 1]) expect(parseTime(formatTime(moment))).toBe(moment);
  });

  it.each([
    ['2026-01-02T03:04:05.678901Z', START],
    ['2026-01-02T03:04:05.678901999Z', START],
    ['2026-01-02t04:34:05.678901+01:30', START],
    ['2026-01-01T22:04:05.678901-05:00', START],
    ['2026-01-02T03:04:05Z', START - 678_901],
    ['2026-01-02T03:04:05.6Z', START - 78_901],
    ['0001-01-01T00:00:00Z', ZERO_TIME],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1) * 1000],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29) * 1000],
    ['9999-12-31T23:59:59.999999999Z', LAST_TIME],
    ['9999-12-31T23:59:59.999999Z', LAST_TIME],
    ['9999-12-31T22:59:59.999999999-01:00', LAST_TIME],
  ])('reads %s', (text, moment) => {
    expect(parseTime(text)).toBe(moment);
  });

  it.each([
    '',
    'now',
    '2026-01-02',
    '2026-01-02T03:04:05',
    '2026-13-02T03:04:05Z',
    '2025-02-29T03:04:05Z',
    '2026-01-02T24:00:00Z',
    '2026-01-02T03:60:00Z',
    '2026-01-02T03:04:05.Z',
    '2026-01-02T03:04:05.1234567890Z',
    '0001-01-01T00:00:00+00:01',
    '2026-01-02T03:04:05+24:00',
    '9999-12-31T23:59:60Z',
    '9999-12-31T23:00:00-01:00',
  ])('refuses %j', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it('never move into the next second, however far they are', () => {
    expect(formatTime(LAST_TIME)).toBe('9999-12-31T23:59:59.999999Z');
    const seconds = fc.integer({ min: ZERO_TIME / 1e6, max: Math.floor(LAST_TIME / 1e6) });
    fc.assert(
      fc.property(seconds, fc.nat(999_999_999), (second, nanos) => {
        const text = `${new Date(second * 1000).toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`;
        const written = formatTime(parseTime(text)!);
        expect(written.slice(0, 19)).toBe(text.slice(0, 19));
        expect(formatTime(parseTime(written)!)).toBe(written);
      }),
    );
  });

  it('never make a span of nanoseconds vanish', () => {
    expect([1, 999, 1000, 1001, 0, -1].map(microsOfNanos)).toEqual([1, 1, 1, 2, 0, -1]);
  });
});
