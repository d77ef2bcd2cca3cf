import type { AttemptList, AttemptRecord } from '../../../domain/attempt.js';
import type { JsonAnswer } from '../../../rest/http/answers.js';
import type { NumberedWindow } from '../../../rest/http/window.js';
import { nextNumbered } from '../../../rest/http/window.js';
import { listInWindows } from '../../../rest/http/windows.js';
import type { Home } from '../../../rest/links.js';
import { ATTEMPT_SHORT, viewAttempt } from './attempt.dto.js';

/** What an attempt takes in memory until it has been read, in bytes, about. */
const ATTEMPT_BYTES = 100;

/**
 * The part of a list of attempts that a request wants, made while it is read.
 * @param attempts - oldest first, from where the window begins @param url - of the list
 */
export function listAttempts(
  home: Home,
  attempts: AttemptList,
  url: string,
  { limit }: NumberedWindow,
): Promise<JsonAnswer> {
  return listInWindows<AttemptRecord>({
    key: 'attempts',
    limit,
    get heldBytes() {
      return attempts.held * ATTEMPT_BYTES;
    },
    window: oneMoreOf(attempts),
    json: (attempt) => ATTEMPT_SHORT.json(viewAttempt(home, attempt)),
    nextUrl: ({ number }) => nextNumbered(url, number, limit),
  });
}

/** Windows of a list, of each of which the last comes again: one more is asked for than is shown. */
function oneMoreOf(
  attempts: AttemptList,
): (after: AttemptRecord | undefined, most: number) => Promise<AttemptRecord[]> {
  let again: AttemptRecord | undefined;
  return async (_after, most) => {
    const first = again ? [again] : [];
    const items = [...first, ...(await attempts.next(most - first.length))];
    again = items.length === most ? items[most - 1] : undefined;
    return items;
  };
}
