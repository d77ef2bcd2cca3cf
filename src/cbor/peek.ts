import { argumentAt, ARGUMENT_BYTES, Byte, Info, Major } from './heads.js';

/** Where a string lies: its bytes, without the head. */
export interface StringPlace {
  readonly start: number;
  readonly end: number;
}

/** What is found at a key: a string of one piece; or a map, a list or a whole number that is not negative, which begins there. */
export type Peeked = StringPlace | { readonly map: number } | { readonly list: number } | { readonly number: number };

/**
 * Looks for some keys in a map without walking over more than so many items, however large it is and whatever is in it: for who
 * wants to know something of data that may be 10 MB, and not at any price. What lies beyond is not found; of a key that is
 * there twice, the last one is. Strings of several pieces are passed over.
 * @param keys what is looked for: ASCII, as text or byte string alike
 * @param found takes what is there for `keys[index]`
 * @param from where the map begins
 * @param most how many items are looked at
 */
export function peekMap(
  bytes: Buffer,
  keys: readonly string[],
  found: (index: number, value: Peeked) => void,
  from = 0,
  most = 2048,
): void {
  if (from >= bytes.length || bytes[from] >> 5 !== Major.Map) return;
  const isIndefinite = (bytes[from] & 31) === Info.Indefinite;
  let at = endOfHead(bytes, from);
  let budget = most;
  for (let left = isIndefinite ? Infinity : argumentAt(bytes, from); left > 0 && at > 0 && at < bytes.length; left--) {
    if (isIndefinite && bytes[at] === Byte.Break) return;
    const index = keyAt(bytes, at, keys);
    const walker = walk(bytes, at, budget);
    const value = walker.end;
    if (value < 0 || value >= bytes.length) return;
    const { end, left: rest } = walk(bytes, value, walker.left);
    if (index >= 0) {
      const seen = peekValue(bytes, value);
      if (seen) found(index, seen);
    }
    at = end;
    budget = rest;
  }
}

/** Which of some keys a string at an offset is; -1: none. */
function keyAt(bytes: Buffer, at: number, keys: readonly string[]): number {
  const major = bytes[at] >> 5;
  // Those that are looked for are short: their length is in the head.
  if ((major !== Major.Text && major !== Major.Bytes) || (bytes[at] & 31) >= Info.OneByte) return -1;
  const length = bytes[at] & 31;
  if (at + 1 + length > bytes.length) return -1;
  for (let index = 0; index < keys.length; index++) {
    if (keys[index].length === length && isAt(bytes, at + 1, keys[index])) return index;
  }
  return -1;
}

/** Whether these ASCII chars are there. Short as they are, they are compared sooner than a string of them is made. */
function isAt(bytes: Buffer, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

function peekValue(bytes: Buffer, at: number): Peeked | undefined {
  const major = bytes[at] >> 5;
  if (major === Major.Map) return { map: at };
  if (major === Major.Array) return { list: at };
  if (major === Major.Unsigned) return { number: at };
  if ((major !== Major.Text && major !== Major.Bytes) || (bytes[at] & 31) === Info.Indefinite) return undefined;
  const start = endOfHead(bytes, at);
  const end = start + argumentAt(bytes, at);
  return start > 0 && end <= bytes.length ? { start, end } : undefined;
}

/** The whole number that begins at an offset, or that a list begins with which begins there. @returns undefined: there is none */
export function peekNumber(bytes: Buffer, at: number): number | undefined {
  const item = bytes[at] >> 5 === Major.Array ? endOfHead(bytes, at) : at;
  if (item < 0 || item >= bytes.length || bytes[item] >> 5 !== Major.Unsigned || endOfHead(bytes, item) < 0)
    return undefined;
  return argumentAt(bytes, item);
}

/** Behind the head of an item; -1: it is none, or not all there. */
function endOfHead(bytes: Buffer, at: number): number {
  const more = ARGUMENT_BYTES[bytes[at] & 31];
  const end = at + 1 + more;
  return more < 0 || end > bytes.length ? -1 : end;
}

interface Walked {
  /** Behind the item; -1: it has too many others in it, or is not all there. */
  readonly end: number;
  /** How many more may be looked at. */
  readonly left: number;
}

/** Walks over one item, with all that is in it. */
function walk(bytes: Buffer, from: number, budget: number): Walked {
  /** How many items are still to come of each that is open, Infinity where a break ends it. */
  const open: number[] = [];
  let toCome = 1;
  let at = from;
  let left = budget;
  for (;;) {
    while (toCome === 0) {
      const outer = open.pop();
      if (outer === undefined) return { end: at, left };
      toCome = outer;
    }
    if (left-- <= 0 || at >= bytes.length) return { end: -1, left: 0 };
    const major = bytes[at] >> 5;
    const info = bytes[at] & 31;
    if (bytes[at] === Byte.Break) {
      if (toCome !== Infinity) return { end: -1, left: 0 };
      toCome = open.pop() ?? 0;
      at++;
      continue;
    }
    const body = endOfHead(bytes, at);
    if (body < 0) return { end: -1, left: 0 };
    toCome--;
    const isIndefinite = info === Info.Indefinite;
    if (major === Major.Bytes || major === Major.Text) {
      if (isIndefinite) {
        open.push(toCome);
        toCome = Infinity;
        at = body;
      } else at = body + argumentAt(bytes, at);
    } else if (major === Major.Array || major === Major.Map) {
      open.push(toCome);
      toCome = isIndefinite ? Infinity : argumentAt(bytes, at) * (major === Major.Map ? 2 : 1);
      at = body;
    } else {
      if (major === Major.Tag) toCome++;
      at = body;
    }
  }
}
