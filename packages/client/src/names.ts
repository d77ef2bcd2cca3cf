import { base64Url, bytesOfBase64Url } from './base64.js';
import { textIfUtf8 } from './cbor/text.js';

/** The name of a unit or a worker: bytes, shown as text where they are UTF-8. */
export type Name = string | Uint8Array;

const PLAIN = /^[A-Za-z0-9._:][A-Za-z0-9._:-]*$/;
const utf8 = new TextEncoder();

/**
 * U+FFFD, which the daemon shows of a name that is not UTF-8, in the places of what is missing. It is not written as a literal, which would
 * be another one in a page that does not say its encoding.
 */
const REPLACEMENT = String.fromCharCode(0xfffd);

/** A name as a part of a path: as it is where it may stand there, else `-` and the base64url of its bytes. @throws RangeError */
export function pathPart(name: Name): string {
  if (typeof name !== 'string') {
    const text = textIfUtf8(name);
    return typeof text === 'string' ? pathPart(text) : `-${base64Url(text)}`;
  }
  if (PLAIN.test(name) && name !== '.' && name !== '..') return name;
  return `-${base64Url(utf8.encode(wellFormed(name)))}`;
}

/** The name that the last part of a link stands for. */
export function nameOfLink(link: string): Name {
  const part = decodeURIComponent(link.slice(link.lastIndexOf('/') + 1));
  return part.startsWith('-') ? textIfUtf8(bytesOfBase64Url(part.slice(1))) : part;
}

/** A name that is shown beside its link, which alone has all of it where it is not UTF-8. */
export function shownName(shown: string, link: string): Name {
  return shown.includes(REPLACEMENT) ? nameOfLink(link) : shown;
}

/** How the body of a request says a name. @throws RangeError */
export function nameInBody(name: Name): { name: string } | { name_encoded: string } {
  return typeof name === 'string' ? { name: wellFormed(name) } : { name_encoded: pathPart(name) };
}

/** A name as the value of a query's `name`: its bytes. @throws RangeError */
export function nameInQuery(name: Name): string {
  if (typeof name === 'string') return encodeURIComponent(wellFormed(name));
  return Array.from(name, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** Names that are the same bytes have the same key. */
export function nameKey(name: Name): string {
  return typeof name === 'string' ? name : pathPart(name);
}

function wellFormed(name: string): string {
  if (!name.isWellFormed()) throw new RangeError('a name is not valid Unicode');
  return name;
}
