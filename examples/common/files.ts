import { closeSync, type Dirent, openSync, readdirSync, readSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Files that say something: by their extension (type declarations are a package's reference), or by their name. */
const DOCUMENTS =
  /(\.(md|markdown|txt|rst|html|d\.[mc]?ts)|^(licen[cs]es?|copying|notice|authors|contributors|changelog|changes|history|readme)([-.].*)?)$/i;
const CODE = /\.([mc]?js|json|map|sh|py)$/i;
/** A file with a zero byte so near to its beginning is no text. */
const LOOK_AT_BYTES = 8192;

/** The documentation, licences and type declarations under a directory, as sorted paths from there on. */
export function documentsUnder(directory: string): string[] {
  return filesUnder(directory).filter((path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return DOCUMENTS.test(name) && !CODE.test(name) && isText(join(directory, path));
  });
}

/** All text files under a directory, as sorted paths from there on. */
export function textsUnder(directory: string): string[] {
  return filesUnder(directory).filter((path) => isText(join(directory, path)));
}

/** `count` of the items, evenly spread. */
export function sample<T>(items: readonly T[], count: number): T[] {
  if (count >= items.length) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]);
}

function filesUnder(directory: string): string[] {
  return Array.from(walk(directory), (path) => relative(directory, path).replaceAll(sep, '/')).sort();
}

/** Links are not followed, hidden directories left out: what is in there is nobody's documentation. */
function* walk(directory: string): Generator<string> {
  const entries: Dirent[] = readdirSync(directory, { withFileTypes: true });
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith('.')) yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}

function isText(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const beginning = Buffer.alloc(LOOK_AT_BYTES);
    return !beginning.subarray(0, readSync(file, beginning)).includes(0);
  } finally {
    closeSync(file);
  }
}
