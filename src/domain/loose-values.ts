import { ByteString, Float } from '../cbor/index.js';

// What values of a dictionary stand for that may have been written by any client.

/** The string that a text, or a byte string that is UTF-8, stands for. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof ByteString ? value.toText() : undefined;
}

const NUMERIC = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A finite number, or the string that spells one. */
export function numberOf(value: unknown): number | undefined {
  let number: number | undefined;
  if (typeof value === 'number') number = value;
  else if (typeof value === 'bigint') number = Number(value);
  else if (value instanceof Float) number = value.value;
  else {
    const text = textOf(value);
    if (text !== undefined && NUMERIC.test(text)) number = Number(text);
  }
  return Number.isFinite(number) ? number : undefined;
}

/** Whether it is true, or a number that is not 0; undefined: it is neither a boolean nor a number. */
export function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const number = numberOf(value);
  return number === undefined ? undefined : number !== 0;
}
