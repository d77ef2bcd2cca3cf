import type { ByteName } from '../../../domain/names.js';
import { placeAt } from './place.js';

/** Reads the text form of values in rows: `\x6162` for bytes, digits for numbers, t and f for booleans. */

export function bytesOf(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex');
}

export function byteNameOfRow(text: string): ByteName {
  return Buffer.from(text.slice(2), 'hex').latin1Slice();
}

const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const CLOSE = 0x29;

/** A list of whole numbers, none of them null; null: none at all. */
export function numbersOf(text: string | null): number[] {
  const numbers: number[] = [];
  if (text === null) return numbers;
  const end = text.length - 1;
  // Digit by digit: texts of their own, and reading numbers of any kind of them, take several times as long.
  for (let at = 1; at < end; at++) {
    const isNegative = text.charCodeAt(at) === MINUS;
    if (isNegative) at++;
    let number = 0;
    for (; at < end && text.charCodeAt(at) !== COMMA; at++) number = number * 10 + (text.charCodeAt(at) - ZERO);
    numbers.push(isNegative ? -number : number);
  }
  return numbers;
}

/** A list of places of rows, such as `{"(7,1)","(7,2)"}`, none of them null; null: none at all. */
export function placesOf(text: string | null): number[] {
  const places: number[] = [];
  if (text === null) return places;
  let page = 0;
  let number = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (isDigit(char)) {
      number = number * 10 + (char - ZERO);
      continue;
    }
    // The comma behind a page is the one that follows a digit.
    if (char === COMMA && isDigit(text.charCodeAt(at - 1))) page = number;
    else if (char === CLOSE) places.push(placeAt(page, number));
    number = 0;
  }
  return places;
}

function isDigit(char: number): boolean {
  return char >= ZERO && char <= NINE;
}

/** The same of whole numbers some of which are null. */
export function numbersOrNoneOf(text: string | null): (number | undefined)[] {
  return textsOf(text).map((number) => (number === null ? undefined : Number(number)));
}

/** A list of what needs no quotes, such as numbers, as text; null: none at all. */
export function textsOf(text: string | null): (string | null)[] {
  return text === null
    ? []
    : text
        .slice(1, -1)
        .split(',')
        .map((one) => (one === 'NULL' ? null : one));
}

/** Bytes one behind another as what they are made of, by how long each is: views that share their memory. */
export function partsOf(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  let end = 0;
  return lengths.map((length) => bytes.subarray(end, (end += length)));
}

/** The same of a binary string. */
export function namesOf(names: string, lengths: readonly number[]): ByteName[] {
  let end = 0;
  return lengths.map((length) => names.slice(end, (end += length)));
}

/** A list of bytes in hexadecimal, as `encode` writes them; null: none at all. */
export function byteNamesOf(text: string | null): (ByteName | undefined)[] {
  if (text === null) return [];
  return text
    .slice(1, -1)
    .split(',')
    .map((hex) => {
      if (hex === 'NULL') return undefined;
      return hex === '""' ? '' : Buffer.from(hex, 'hex').latin1Slice();
    });
}

export function textOfRow(text: string): string {
  return Buffer.from(text.slice(2), 'hex').utf8Slice();
}

/** Unicode text as a parameter of type bytea: the database's own text type can't hold U+0000. */
export function textParameter(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}
