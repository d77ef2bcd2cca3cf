import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countWords, extensionOf, sizeClass } from './tasks.js';

/** The size classes: each with the number of words that it ends before; the last one has no end. */
export const CLASSES: [string, number | null][] = [
  ['tiny', 100],
  ['small', 1_000],
  ['medium', 10_000],
  ['large', null],
];

/** What is known of the files with one extension. */
export interface Row {
  files: number;
  words: number;
  /** Files by size class. */
  classes: Record<string, number>;
}

/** A row for each extension. */
export type Table = Map<string, Row>;

/** Puts one file into its row. */
export function addFile(table: Table, extension: string, words: number, fileClass: string): void {
  let row = table.get(extension);
  if (row === undefined) {
    row = { files: 0, words: 0, classes: {} };
    table.set(extension, row);
  }
  row.files++;
  row.words += words;
  row.classes[fileClass] = (row.classes[fileClass] ?? 0) + 1;
}

/** The same table made by this process alone, without any queue: what the workers' result has to equal. */
export function countAlone(directory: string, paths: readonly string[]): Table {
  const table: Table = new Map();
  for (const path of paths) {
    const words = countWords(readFileSync(join(directory, path)));
    addFile(table, extensionOf(path), words, sizeClass(words, CLASSES));
  }
  return table;
}

/** The table as lines of text, the most words first, the sum last. */
export function tableLines(table: Table): string[] {
  const names = CLASSES.map(([name]) => name);
  const total: Row = { files: 0, words: 0, classes: {} };
  for (const { files, words, classes } of table.values()) {
    total.files += files;
    total.words += words;
    for (const name of names) total.classes[name] = (total.classes[name] ?? 0) + (classes[name] ?? 0);
  }
  const line = (first: string, cells: readonly string[]) =>
    first.padEnd(12) + cells.map((c) => c.padStart(12)).join('');
  const rowLine = (name: string, row: Row) =>
    line(
      name,
      [row.files, row.words, ...names.map((n) => row.classes[n] ?? 0)].map((n) => n.toLocaleString('en-US')),
    );
  const rows = [...table].sort(([a, one], [b, other]) => other.words - one.words || (a < b ? -1 : 1));
  return [
    line('extension', ['files', 'words', ...names]),
    ...rows.map(([name, row]) => rowLine(name, row)),
    rowLine('total', total),
  ];
}
