import { InvalidValueError } from './errors.js';

/** Longest name of a namespace, work spec, work unit or worker, in bytes, on every backend. */
export const MAX_NAME_BYTES = 1024;

/** So much of a name that is refused is repeated. */
const SHOWN_CHARS = 200;

/**
 * A name of arbitrary bytes as a *binary string*: one char (0 to 255) per byte. Comparing two with `<` is comparing
 * their bytes, they never change under anybody's hands, and they serve as keys of a Map.
 */
export type ByteName = string;

/** What the names of those workers begin with that a request may act for; undefined: for any. */
export type WorkerPrefix = ByteName | undefined;

/** Whether a worker is one of those. */
export function isWithin(workers: WorkerPrefix, worker: ByteName): boolean {
  return workers === undefined || worker.startsWith(workers);
}

export function bytesOfName(name: ByteName): Buffer {
  return Buffer.from(name, 'latin1');
}

/** The byte name whose bytes are the UTF-8 form of `text`. */
export function byteNameOfText(text: string): ByteName {
  return Buffer.from(text, 'utf8').latin1Slice();
}

/** @throws InvalidValueError when the name of a work unit or worker is too long */
export function checkByteName(field: string, name: ByteName): ByteName {
  if (name.length > MAX_NAME_BYTES)
    throw tooLong(field, name.length, bytesOfName(name.slice(0, MAX_NAME_BYTES)).utf8Slice());
  return name;
}

/** @throws InvalidValueError when the name of a namespace or work spec is too long or not valid Unicode */
export function checkTextName(field: string, name: string): string {
  // A UTF-16 unit is at most three bytes of UTF-8, so that short names need no count.
  const bytes = name.length * 3 <= MAX_NAME_BYTES ? 0 : Buffer.byteLength(name, 'utf8');
  if (bytes > MAX_NAME_BYTES) throw tooLong(field, bytes, name);
  if (!name.isWellFormed()) throw new InvalidValueError(field, 'must be valid Unicode', name.slice(0, SHOWN_CHARS));
  return name;
}

function tooLong(field: string, bytes: number, name: string): InvalidValueError {
  return new InvalidValueError(
    field,
    `is ${bytes} bytes long, more than the ${MAX_NAME_BYTES} allowed`,
    name.slice(0, SHOWN_CHARS),
  );
}

/** Order of text names: that of their UTF-8 bytes, the same on every backend (`<` would compare UTF-16 units). */
export function compareText(a: string, b: string): number {
  const common = Math.min(a.length, b.length);
  for (let at = 0; at < common; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return placeOf(left) - placeOf(right);
  }
  return a.length - b.length;
}

/** The first text name that may come behind another. */
export function nameBehind(name: string): string {
  return `${name}\u0000`;
}

/** Halves of characters above U+FFFF come after all others. */
function placeOf(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
