import { type ESLint, Linter } from 'eslint';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const RULES = new URL('../../tools/eslint-circles.js', import.meta.url).href;

let circles: ESLint.Plugin;
let folder: string;

beforeAll(async () => {
  ({ default: circles } = (await import(RULES)) as { default: ESLint.Plugin });
  folder = mkdtempSync(join(tmpdir(), 'circles-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the rule says about a file that is there with others. */
function problemsOf(name: string, files: Readonly<Record<string, string>>): string[] {
  for (const [each, text] of Object.entries(files)) writeFileSync(join(folder, each), text);
  const config: Linter.Config = {
    files: ['**/*.js'],
    plugins: { circles },
    rules: { 'circles/no-circles': 'error' },
  };
  const linter = new Linter({ cwd: folder });
  return linter.verify(files[name], config, join(folder, name)).map(({ message }) => message);
}

it('finds a circle of imports, by way of types too', () => {
  const files = {
    'a.js': "import { b } from './b.js';\nexport const a = b;\n",
    'b.ts': "import type { C } from './c.js';\nexport const b: C = 1;\n",
    'c.ts': "export type C = typeof import('./a.js').a | number;\n",
  };
  expect(problemsOf('a.js', files)).toEqual(['A circle of imports: a.js → b.ts → c.ts → a.js.']);
});

it('lets two files import a third', () => {
  const files = {
    'top.js': "export { left } from './left.js';\nexport { right } from './right.js';\n",
    'left.ts': "import { below } from './below.js';\nexport const left = below;\n",
    'right.ts': "import { below } from './below.js';\nexport const right = below;\n",
    'below.ts': "import { join } from 'node:path';\nexport const below = join;\n",
  };
  expect(problemsOf('top.js', files)).toEqual([]);
});
