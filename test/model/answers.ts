import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { CoordinateError, InvalidValueError } from '../../src/domain/errors.js';
import { Refused } from './reference/world.js';

/** What the reference answers, a refusal too. */
export function answerOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    if (error instanceof Refused) return `refused: ${error.message}`;
    throw error;
  }
}

/** What a backend answers, a refusal as the reference has it. */
export async function answered(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CoordinateError) return `refused: ${error.code}`;
    if (error instanceof InvalidValueError) return `refused: invalid ${error.field}`;
    throw error;
  }
}

/** @param what - of which answer it is */
export function compare(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, what).toStrictEqual(expected);
}
