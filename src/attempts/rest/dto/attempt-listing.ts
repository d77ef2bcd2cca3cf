import type { AttemptRecord } from '../../../domain/attempt.js';
import type { JsonAnswer } from '../../../rest/http/answers.js';
import type { NumberedWindow } from '../../../rest/http/window.js';
import { nextNumbered } from '../../../rest/http/window.js';
import { listInWindows, windowsOf } from '../../../rest/http/windows.js';
import { ATTEMPT_SHORT, viewAttempt } from './attempt.dto.js';

/** What an attempt takes in memory until it has been read, in bytes, about. */
const ATTEMPT_BYTES = 300;

/**
 * The part of a list of attempts that a request wants, made while it is read.
 * @param attempts - oldest first @param url - of the list
 */
export function listAttempts(
  namespace: string,
  attempts: readonly AttemptRecord[],
  url: string,
  { after, limit }: NumberedWindow,
): Promise<JsonAnswer> {
  return listInWindows<AttemptRecord>({
    key: 'attempts',
    limit,
    heldBytes: attempts.length * ATTEMPT_BYTES,
    window: windowsOf(attempts, firstAfter(attempts, after)),
    json: (attempt) => ATTEMPT_SHORT.json(viewAttempt(namespace, attempt)),
    nextUrl: ({ number }) => nextNumbered(url, number, limit),
  });
}

/** Where those begin whose number is greater. */
function firstAfter(attempts: readonly AttemptRecord[], number: number): number {
  let [low, high] = [0, attempts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (attempts[middle].number > number) high = middle;
    else low = middle + 1;
  }
  return low;
}
