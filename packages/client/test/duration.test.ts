import { expect, it } from 'vitest';
import { milliseconds } from 'coordinate-client';

it.each([
  [250, 250],
  ['250ms', 250],
  ['1.5s', 1500],
  ['15m', 900_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['1w', 604_800_000],
  ['-5s', -5000],
  ['0s', 0],
])('%s is %d milliseconds', (text, expected) => {
  expect(milliseconds(text)).toBe(expected);
});

it.each(['', '15', 'm', '15 m', '15min', '1h 30m', NaN, Infinity])('%s is no duration', (text) => {
  expect(() => milliseconds(text)).toThrow(RangeError);
});
