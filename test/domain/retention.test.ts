import { expect, it } from 'vitest';
import { isExceeded } from '../../src/domain/retention.js';

it('a limit is exceeded by what is too old or one too many, and not without one', () => {
  expect([9, 10, 11].map((now) => isExceeded({ age: 10 }, 0, now, 1))).toEqual([false, true, true]);
  expect([2, 3].map((kept) => isExceeded({ count: 2 }, 0, 0, kept))).toEqual([false, true]);
  expect(isExceeded({}, 0, 1e18, 1e9)).toBe(false);
});
