import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** The pages that are checked, as paths from the top of the repository. */
export const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'bench/README.md',
  'examples/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

export interface Fence {
  /** What follows the backquotes, such as `sh`; empty for none. */
  readonly language: string;
  readonly text: string;
}

export interface Page {
  /** The text without its fenced blocks. */
  readonly prose: string;
  readonly fences: readonly Fence[];
  /** What can be linked to after a `#`. */
  readonly anchors: ReadonlySet<string>;
}

const FENCE = /^( *)```(\w*)\n([^]*?)^\1```$/gm;

export function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const prose = text.replace(FENCE, '');
  const fences = [...text.matchAll(FENCE)].map(([, , language, content]) => ({ language, text: content }));
  return { prose, fences, anchors: anchorsOf(prose) };
}

/** As GitHub makes them: lower case, spaces as hyphens, without punctuation, numbered where they repeat. */
function anchorsOf(prose: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of prose.matchAll(/^#{1,6} +(.*)$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
    const anchor = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    let unique = anchor;
    for (let n = 1; anchors.has(unique); n++) unique = `${anchor}-${n}`;
    anchors.add(unique);
  }
  return anchors;
}
