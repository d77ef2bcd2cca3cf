import { isUtf8 } from 'node:buffer';
import type { ByteName } from '../domain/names.js';
import { bytesOfName, MAX_NAME_BYTES } from '../domain/names.js';
import { invalidValue } from './errors/rest-error.js';

/**
 * Names in paths. A name that is not empty, consists of `A-Z a-z 0-9 . _ : -`, does not begin with `-` and is neither `.`
 * nor `..` stands as it is; any other is `-` and the base64url form of its bytes without padding, so that the empty name
 * is `-`.
 */

/** Longest path part that a name can take. */
export const MAX_PATH_PART = 1 + Math.ceil((MAX_NAME_BYTES * 4) / 3);

/** What the path part of any name looks like; in a dialect that every generator knows, without a look ahead for the dots. */
export const PATH_PART_PATTERN =
  '^(-[A-Za-z0-9_-]*|[A-Za-z0-9_:][A-Za-z0-9._:-]*|[.][A-Za-z0-9_:-][A-Za-z0-9._:-]*|[.][.][A-Za-z0-9._:-]+)$';

const PLAIN = /^[A-Za-z0-9._:][A-Za-z0-9._:-]*$/;
const BASE64URL = /^[A-Za-z0-9_-]*$/;

/** The path part of a name of bytes. */
export function encodeByteName(name: ByteName): string {
  if (isPlain(name)) return name;
  return `-${bytesOfName(name).toString('base64url')}`;
}

/** The path part of a name of text. */
export function encodeTextName(name: string): string {
  if (isPlain(name)) return name;
  return `-${Buffer.from(name, 'utf8').toString('base64url')}`;
}

function isPlain(name: string): boolean {
  return PLAIN.test(name) && name !== '.' && name !== '..';
}

/**
 * The name that a percent-decoded path part (one char per byte) stands for.
 * @returns undefined when it begins with `-` and the rest is not base64url
 */
export function decodePathPart(part: string): ByteName | undefined {
  if (part.charCodeAt(0) !== 0x2d) return part;
  const encoded = part.slice(1);
  if (!BASE64URL.test(encoded) || encoded.length % 4 === 1) return undefined;
  const name = Buffer.from(encoded, 'base64url');
  // Bits left over at the end must be zero, so that one name has one spelling.
  return name.toString('base64url') === encoded ? name.latin1Slice() : undefined;
}

/** A name in a path. @throws RestError (400) naming the field */
export function readByteName(field: string, part: string): ByteName {
  const name = decodePathPart(part);
  if (name === undefined) throw invalidValue(field, part, 'is not base64url after the first -');
  if (name.length > MAX_NAME_BYTES) throw invalidValue(field, part, tooLong(name.length));
  return name;
}

/** A name of text in a path. @throws RestError (400) naming the field */
export function readTextName(field: string, part: string): string {
  const name = readByteName(field, part);
  const text = textOfBytes(name);
  if (text === undefined) throw invalidValue(field, part, 'is not UTF-8');
  return text;
}

export function tooLong(bytes: number): string {
  return `is ${bytes} bytes long, more than the ${MAX_NAME_BYTES} allowed`;
}

/** The text that bytes are the UTF-8 form of, if they are. */
export function textOfBytes(name: ByteName): string | undefined {
  if (PLAIN.test(name)) return name;
  const bytes = bytesOfName(name);
  return isUtf8(bytes) ? bytes.utf8Slice() : undefined;
}

/** The name as people read it; what is not UTF-8 shows as U+FFFD. */
export function readable(name: ByteName): string {
  return PLAIN.test(name) ? name : bytesOfName(name).utf8Slice();
}
