import type { ByteName } from '../../../domain/names.js';

/** Reads the text form of values in rows: `\x6162` for bytes, digits for numbers, t and f for booleans. */

export function bytesOf(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex');
}

export function byteNameOfRow(text: string): ByteName {
  return Buffer.from(text.slice(2), 'hex').latin1Slice();
}

export function textOfRow(text: string): string {
  return Buffer.from(text.slice(2), 'hex').utf8Slice();
}

/** Unicode text as a parameter of type bytea: the database's own text type can't hold U+0000. */
export function textParameter(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}
