import type { Warning } from '../../domain/warning.js';
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
export const WARNINGS_HEADER = 'coordinate-warnings';
/** Beyond so many characters the last ones are left out: clients limit the heads that they read. */
const MOST_CHARS = 4096;

/** Warnings as a header: the JSON of the list, in ASCII. */
export function warningsHeader(list: readonly Warning[]): string {
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
