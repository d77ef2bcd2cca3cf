import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '../playwright.js';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Rules of axe. What colours decide is all that another theme changes: the page is the same but for those. */
const RULES = {
  all: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  'of colours': { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
} as const;
export type Rules = keyof typeof RULES;

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly any: readonly { readonly message: string }[] }[];
}

/** Has axe be there in whatever the page shows from now on. */
export async function withAxe(page: Page): Promise<void> {
  await page.addInitScript({ content: SOURCE });
}

/** What axe finds on the page as it is now, a line each: the rule, what it says, and where that is first. */
export async function findings(page: Page, rules: Rules): Promise<string[]> {
  // What is found is told by its HTML: a selector for each element that was looked at, and style sheets read anew, took half the time.
  const options = JSON.stringify({
    runOnly: RULES[rules],
    resultTypes: ['violations'],
    selectors: false,
    preload: false,
  });
  const found = (await page.evaluate(
    `axe.run(document, ${options}).then(({ violations }) => violations)`,
  )) as Violation[];
  return found.map(({ id, help, nodes }) => {
    const [{ html, any }] = nodes;
    return `${id} at ${nodes.length}: ${help}: ${html.slice(0, 300)} ${any.map(({ message }) => message).join('; ')}`;
  });
}
