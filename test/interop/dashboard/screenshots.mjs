// Pictures of every page, in both themes and the widths that people have. node screenshots.mjs URL FOLDER
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { chromium } from 'playwright-core';

const [url, folder] = process.argv.slice(2);
const PAGES = {
  overview: 'n/photos',
  spec: 'n/photos/spec/send-mail',
  units: 'n/photos/units/fetch',
  workers: 'n/photos/workers',
  schedule: 'n/photos/schedule',
  namespaces: 'namespaces',
  daemon: 'daemon',
};
const WIDTHS = { 360: 780, 1280: 800, 2560: 1300 };
/** So long pages may take to have what they show, in milliseconds. */
const SETTLES_MS = 2_500;

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
});
const broken = [];
try {
  for (const [width, height] of Object.entries(WIDTHS)) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await browser.newPage({ viewport: { width: Number(width), height }, colorScheme });
      page.on('pageerror', (error) => broken.push(error.message));
      page.on('console', (message) => message.type() === 'error' && broken.push(message.text()));
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(`${url}/ui/${path}`, { waitUntil: 'load' });
        await page.waitForTimeout(SETTLES_MS);
        await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`) });
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
}
if (broken.length > 0) {
  console.error(broken.join('\n'));
  process.exit(1);
}
