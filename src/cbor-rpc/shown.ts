/** Most characters of what a client sent that a message to it repeats. */
const SHOWN_LENGTH = 200;

/** A text that a client sent, as far as messages show it. */
export function shown(text: string): string {
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH - 1)}…`;
}
