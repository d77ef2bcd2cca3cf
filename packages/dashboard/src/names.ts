import type { Name } from 'coordinate-client';
import { nameOfLink, pathPart } from 'coordinate-client';

/** A name as addresses have it, those of REST and of the page alike: any bytes, also none at all. */
export { pathPart };

/** The name that a part of an address stands for. */
export function nameOf(part: string): Name {
  return nameOfLink(part);
}

/** The same of what can only be text: namespaces and work specs. */
export function textOf(part: string): string {
  const name = nameOfLink(part);
  return typeof name === 'string' ? name : '';
}

/** A name for people: bytes that are no text as `\xff`, and what would not be seen, or turn the line around, spelt out. */
export function shown(name: Name): string {
  if (name.length === 0) return '(empty name)';
  if (typeof name !== 'string')
    return Array.from(name, (byte) =>
      byte < 0x7f && byte > 0x1f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    ).join('');
  return name.replace(UNSEEN, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** Text of several lines, or a line of it, as `shown` has names: only what parts lines and indents them stays. */
export function shownText(text: string): string {
  return text.replace(UNSEEN, (char) =>
    char === '\n' || char === '\t' ? char : `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
}

/** Controls, marks of direction, and characters of no width. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
