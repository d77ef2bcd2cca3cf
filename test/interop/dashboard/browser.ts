import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, openBrowser, type Page } from '../playwright.js';

/** A browser for the pages of a daemon. */
export interface Dashboard {
  readonly browser: BrowserContext;
  readonly page: Page;
  /** What went wrong in the page so far: errors that nobody caught, and what the console was told of. */
  readonly wrong: string[];
  close(): Promise<void>;
}

/** Opens a browser with one empty page. Its errors are noted, but for answers of HTTP, which tests ask for. */
export async function openDashboard(options: object = {}): Promise<Dashboard> {
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-dashboard-'));
  const browser = await openBrowser(folder, options);
  const page = await browser.newPage();
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) wrong.push(text);
  });
  return {
    browser,
    page,
    wrong,
    close: async () => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    },
  };
}

/** What is shown where something is on its way. */
const ON_ITS_WAY = '.loading, .loading-cell';

/** Waits until a program gives something that holds. Playwright's own waiting would be what the page's policy forbids. */
export async function until(page: Page, program: string, ms = 60_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await page.evaluate(program))) {
    if (Date.now() > end)
      throw new Error(`it never came to ${program}, but to:\n${await page.locator('body').innerText()}`);
    await page.waitForTimeout(50);
  }
}

/** Waits until a page shows what it has, all of it. */
export async function settled(page: Page): Promise<void> {
  await until(
    page,
    `document.querySelector('h1, main h2, .empty') !== null && document.querySelector('${ON_ITS_WAY}') === null`,
  );
  // Charts are drawn in the next frames.
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
}
