import { nearMiss } from '../../domain/near-miss.js';
import type { Warning } from '../../domain/warning.js';
import { NoContent } from '../http/answers.js';
import type { AboutKey } from './body.js';
import { always, listJson, Representation, sometimes } from './representation.js';

const WARNING = new Representation<Warning>(
  'Warning',
  {
    key: always({ type: 'string', example: 'max_runing' }, 'The key or field that it is about.', ({ key }) =>
      JSON.stringify(key),
    ),
    reason: always(
      { type: 'string', example: 'is no control value and is kept for the workers only, did you mean max_running?' },
      'What about it is probably not as it was meant.',
      ({ reason }) => JSON.stringify(reason),
    ),
  },
  { description: 'Something that was taken, but probably not as it was meant.' },
);

/** The member `warnings` of an answer, which is there when there are some. */
export function warnings<T>(of: (value: T) => readonly Warning[] | undefined) {
  return sometimes<T>(
    { type: 'array', items: WARNING.ref },
    'What was taken, but probably not as it was meant; absent when there is nothing of that kind.',
    (value) => {
      const list = of(value);
      return list === undefined || list.length === 0 ? undefined : listJson(list, WARNING.json);
    },
  );
}

/** Where the warnings of an answer without a body are. */
const WARNINGS_HEADER = 'coordinate-warnings';
/** Longer keys are no mistyped ones, and are not to be repeated. */
const MOST_KEY_CHARS = 64;

/**
 * Warns of all keys that mean nothing, for an object that nothing else has a use for.
 *
 * @param what - the object, in a sentence
 * @param known - keys that may be meant @param ignored - keys of its representation, which are sent back as they came
 */
export function ofUnknownKeys(what: string, known: readonly string[], ignored: readonly string[] = []): AboutKey {
  return (key) => {
    if (key.length > MOST_KEY_CHARS || ignored.includes(key)) return undefined;
    const meant = nearMiss(key, known);
    return `is no field of ${what} and is ignored${meant === undefined ? '' : `, did you mean ${meant}?`}`;
  };
}

/** Warns of keys that are nearly a known one; other keys may be somebody else's. @param ignored - as above */
export function ofNearMisses(known: readonly string[], ignored: readonly string[] = []): AboutKey {
  return (key) => {
    if (key.length > MOST_KEY_CHARS || ignored.includes(key)) return undefined;
    const meant = nearMiss(key, known);
    return meant && `is ignored, did you mean ${meant}?`;
  };
}

/** The answer without a body of what was done with warnings, or without any. */
export function noContent(list: readonly Warning[]): NoContent | undefined {
  return list.length === 0 ? undefined : new NoContent({ [WARNINGS_HEADER]: warningsHeader(list) });
}

/** For the description of such an answer. */
export const WARNINGS_IN_HEADER = {
  [WARNINGS_HEADER]:
    'What was taken, but probably not as it was meant, as the JSON of a list; absent when there is nothing.',
};

/** Beyond so many characters the last ones are left out: clients limit the heads that they read. */
const MOST_CHARS = 4096;

/** Warnings as a header: the JSON of the list, in ASCII. */
function warningsHeader(list: readonly Warning[]): string {
  let shown = list;
  let text = asciiJson(shown);
  while (text.length > MOST_CHARS) {
    shown = shown.slice(0, -1);
    text = asciiJson(shown);
  }
  return text;
}

function asciiJson(list: readonly Warning[]): string {
  return listJson(list, WARNING.json).replace(/[^\x20-\x7e]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
