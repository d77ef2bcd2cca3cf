import { inspect } from 'node:util';
import type { RawCbor } from '../cbor/values.js';
import { isPlainObject } from '../cbor/objects.js';
import type { Data } from '../data/forms.js';

/** As much of a stack is kept, in bytes of UTF-8: a list of failures is to be readable. */
const MOST_BYTES = 16 * 1024;
/** So many errors are followed by what caused them. */
const MOST_CAUSES = 5;

/** What was thrown, with the stack and what caused it. */
export function tracebackOf(thrown: unknown): string {
  const parts: string[] = [];
  let at: unknown = thrown;
  for (let i = 0; i < MOST_CAUSES && at !== undefined; i++) {
    parts.push(textOf(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return shortened(parts.join('\nCaused by: ').toWellFormed());
}

/** The data that a failed unit is left with: what it had, and why it failed. */
export function failedData(data: unknown, thrown: unknown): Data {
  const traceback = tracebackOf(thrown);
  if (data instanceof Map) return new Map<unknown, unknown>([...data, ['traceback', traceback]]);
  if (typeof data === 'object' && data !== null && isPlainObject(data)) return { ...data, traceback };
  return { traceback };
}

/** What a handler returned, as data. @returns undefined where that says nothing */
export function returnedData(value: unknown): Data | RawCbor | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : undefined;
}

function textOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 3 });
  const said = `${thrown.name}: ${thrown.message}`;
  // A stack is made with the error, whose name or message may have been set since.
  return thrown.stack?.includes(thrown.message) ? thrown.stack : `${said}\n${thrown.stack ?? ''}`;
}

function shortened(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MOST_BYTES) return text;
  // Not in the middle of a character.
  let end = MOST_BYTES - 4;
  while ((bytes[end] & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}…`;
}
