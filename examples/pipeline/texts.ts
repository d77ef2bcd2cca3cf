import { createHash } from 'node:crypto';

/** Of a file, in bytes: from the first to before the second. */
export type Part = readonly [from: number, to: number];

/** How often words occur. */
export type WordCounts = Map<string, number>;

/** What is told of counts: little, however many words there are. */
export interface Totals {
  readonly words: number;
  readonly distinct: number;
  /** The most frequent ones, with how often they occur. */
  readonly most: readonly (readonly [word: string, count: number])[];
  /** SHA-256 of all words and how often they occur: two counts are the same when this is. */
  readonly digest: string;
}

const LINE_END = 0x0a;
const MOST = 5;

/** Cuts a text at ends of lines, which no word crosses, into parts of at least so many bytes, but for the last one. An empty text is one part. */
export function partsOf(text: Uint8Array, bytes: number): Part[] {
  const parts: Part[] = [];
  let from = 0;
  do {
    const lineEnd = text.indexOf(LINE_END, from + bytes - 1);
    const to = lineEnd < 0 ? text.length : lineEnd + 1;
    parts.push([from, to]);
    from = to;
  } while (from < text.length);
  return parts;
}

/** Words are runs of letters and digits, whatever their case. */
export function countWords(text: string): WordCounts {
  const counts: WordCounts = new Map();
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Adds more counts to some. */
export function addCounts(counts: WordCounts, more: Iterable<readonly [string, number]>): void {
  for (const [word, count] of more) counts.set(word, (counts.get(word) ?? 0) + count);
}

export function totalsOf(counts: WordCounts): Totals {
  const sorted = [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  const digest = createHash('sha256');
  let words = 0;
  for (const [word, count] of sorted) {
    words += count;
    digest.update(`${word} ${count}\n`);
  }
  return { words, distinct: sorted.length, most: sorted.slice(0, MOST), digest: digest.digest('hex') };
}
