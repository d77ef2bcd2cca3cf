import type { AttemptRef } from './attempt.js';
import { GoneError } from './errors.js';

type Told = Pick<AttemptRef, 'start' | 'number'>;

const RADIX = 36;
/** Up to here numbers are spelled by whole arithmetic: V8 spells any in another radix as if it were a fraction, in floating point. */
const LARGEST_SMALL = 0x7fffffff;
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

/** The start that was last spelled, and the one last read: attempts that were started together have it in common. */
let spelled = { start: 0, text: '0' };
let read = { start: 0, text: '0' };

/** The opaque last part of an attempt's address: start and number, safe in URLs, stable over restarts. */
export function attemptToken({ start, number }: Told): string {
  if (start !== spelled.start) spelled = { start, text: start.toString(RADIX) };
  return `${spelled.text}.${spell(number)}`;
}

function spell(number: number): string {
  if (number > LARGEST_SMALL) return number.toString(RADIX);
  let left = number | 0;
  let text = DIGITS[left % RADIX];
  while ((left = (left / RADIX) | 0) > 0) text = DIGITS[left % RADIX] + text;
  return text;
}

// Of leading zeros and other spellings of the same numbers there are none: to spell them again, and compare, takes longer.
const START = /^(?:0|-?[1-9a-z][0-9a-z]{0,12})$/;
const NUMBER = /^(?:0|[1-9a-z][0-9a-z]{0,10})$/;

/** @throws GoneError when it is no token at all: nothing was ever there */
export function parseAttemptToken(token: string): Told {
  const dot = token.indexOf('.');
  const start = startOf(token.slice(0, dot));
  const rest = token.slice(dot + 1);
  const number = NUMBER.test(rest) ? parseInt(rest, RADIX) : NaN;
  if (dot === -1 || !Number.isSafeInteger(start) || !Number.isSafeInteger(number)) throw new GoneError();
  return { start, number };
}

function startOf(text: string): number {
  if (text === read.text) return read.start;
  if (!START.test(text)) return NaN;
  const start = parseInt(text, RADIX);
  // A text of its own, lest a whole body be kept for a part of it.
  if (Number.isSafeInteger(start)) read = { start, text: start.toString(RADIX) };
  return start;
}
