/** A part of a text this short may keep it: a name takes about as much itself. */
const SMALL = 1024;

/**
 * A text that was cut out of another, as one of its own. V8 keeps the whole of what a text was cut out of as long as the
 * part, so that a name that stays would keep a body of megabytes.
 * @param whole - length of what it was cut out of
 */
export function ownText(text: string, whole: number): string {
  return whole <= SMALL ? text : Buffer.from(text, 'utf16le').toString('utf16le');
}
