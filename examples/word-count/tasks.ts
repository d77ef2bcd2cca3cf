import { readFileSync } from 'node:fs';
import { join } from 'node:path';
/** What a unit of this example holds: all of it JSON. */
export type Content = Readonly<Record<string, unknown>>;

/** A unit that a worker has claimed. */
export interface WorkUnit {
  readonly spec: string;
  readonly key: string;
  readonly data: Content;
}

/**
 * The two pieces of work, by the name that a work spec gives in `task`. Each is called with a unit and its work spec, and
 * gives back the data that the unit is to be finished with. `worker.py` holds the same two in Python.
 */
export const TASKS: Readonly<Record<string, (unit: WorkUnit, spec: Content) => Content>> = {
  count_words: (unit, spec) => {
    const words = countWords(readFileSync(join(String(spec.directory), unit.key)));
    // `output` becomes units of the spec that is named by `then`: here one, with its data.
    return { words, output: { [`${extensionOf(unit.key)}/${unit.key}`]: { words } } };
  },

  size_class: (unit, spec) => {
    const words = Number(unit.data.words);
    return { words, size_class: sizeClass(words, spec.classes as [string, number | null][]) };
  },
};

/** Runs of bytes that are not white space, as Python's `bytes.split()` sees it. */
export function countWords(text: Uint8Array): number {
  let words = 0;
  let inWord = false;
  for (const byte of text) {
    const space = byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
    if (!space && !inWord) words++;
    inWord = !space;
  }
  return words;
}

/** `md` of `docs/README.md`; `none` where the file's name has no extension. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot > 0 && dot < name.length - 1 ? name.slice(dot + 1).toLowerCase() : 'none';
}

/** The first class whose limit is above the count; a limit of null is above all. */
export function sizeClass(words: number, classes: readonly (readonly [string, number | null])[]): string {
  const found = classes.find(([, limit]) => limit === null || words < limit);
  return found === undefined ? 'none' : found[0];
}
