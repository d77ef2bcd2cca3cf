import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attemptToken, parseAttemptToken } from '../../src/domain/attempt-token.js';
import { ZERO_TIME } from '../../src/domain/time.js';

describe('the token of an attempt', () => {
  const moment = fc.integer({ min: ZERO_TIME / 10, max: Number.MAX_SAFE_INTEGER });
  const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

  it('reads back as the start and number it was made of', () => {
    fc.assert(
      fc.property(moment, number, (start, count) => {
        expect(parseAttemptToken(attemptToken({ start, number: count }))).toEqual({ start, number: count });
      }),
    );
  });

  it('is made of characters that are safe in a URL', () => {
    fc.assert(
      fc.property(moment, number, (start, count) => {
        expect(attemptToken({ start, number: count })).toMatch(/^[A-Za-z0-9._:-]+$/);
      }),
    );
  });

  it('keeps attempts that began at the same moment apart', () => {
    const start = 1_700_000_000_000_000;
    expect(attemptToken({ start, number: 1 })).not.toBe(attemptToken({ start, number: 2 }));
  });

  const bad = [
    '',
    '.',
    'abc',
    '1.',
    '.1',
    '01.1',
    '1.01',
    'A.1',
    '1.1.1',
    ' 1.1',
    '1.1\n',
    '1.-1',
    'zzzzzzzzzzzzz.1',
    '-.1',
  ];
  it.each(bad)('that is none was never there: %j', (token) => {
    expect(() => parseAttemptToken(token)).toThrow(expect.objectContaining({ code: 'ErrGone' }));
  });
});
