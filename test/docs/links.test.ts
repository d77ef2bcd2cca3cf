import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PAGES, readPage, ROOT } from './pages.js';

/** The scripts of the package in a folder. */
function scriptsOf(folder: string): Record<string, string> {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  return manifest.scripts;
}

describe.each(PAGES)('%s', (path) => {
  const { prose, fences } = readPage(path);

  it('links to files and headings that are there', () => {
    const broken = [...prose.matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target)
      .filter((target) => !/^https?:/.test(target) && !isThere(path, target));
    expect(broken).toEqual([]);
  });

  it('names scripts of npm that are there', () => {
    const texts = [prose, ...fences.map(({ text }) => text)];
    const named = texts.flatMap((text) => [...text.matchAll(/\bnpm run (?:--silent )?([\w:-]+)(?: -w ([\w/-]+))?/g)]);
    const missing = named.filter(([, name, folder = '.']) => !Object.hasOwn(scriptsOf(folder), name));
    expect(missing.map(([text]) => text)).toEqual([]);
  });

  it('names files of the repository that are there', () => {
    const folders = /(?<![\w/.:-])((?:docker|docs|examples|bench|src|test|tools)\/[\w./-]*\w)/g;
    const texts = [prose.replace(/\]\([^)]*\)/g, ']'), ...fences.map(({ text }) => text)];
    const named = new Set(texts.flatMap((text) => [...text.matchAll(folders)].map(([, file]) => file)));
    const missing = [...named].filter((file) => !isMade(file) && !existsSync(join(ROOT, file)));
    expect(missing).toEqual([]);
  });
});

it('the index names every page of docs/', () => {
  const { prose } = readPage('docs/README.md');
  const pages = PAGES.filter((path) => path.startsWith('docs/') && path !== 'docs/README.md');
  expect(pages.filter((path) => !prose.includes(`](${posix.basename(path)})`))).toEqual([]);
});

function isThere(page: string, target: string): boolean {
  const [file, anchor] = target.split('#');
  const path = file === '' ? page : posix.join(posix.dirname(page), file);
  if (!existsSync(join(ROOT, path))) return false;
  return anchor === undefined || readPage(path).anchors.has(anchor);
}

/** What only comes to be by use of the page: results, a password file, migrations to be named. */
function isMade(file: string): boolean {
  return /^bench\/results\b|^docker\/\.env$|\/NAME$/.test(file);
}
