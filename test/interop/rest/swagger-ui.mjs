// Opens /docs, tries POST /namespace and GET /namespace out as a person would, and checks what the page shows: names that are markup are
// text, and nothing runs that is not served. A token that is given to the page is sent, and forgotten with the page.
// What the page has, in which some of this runs.
/* global document, localStorage, sessionStorage */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { chromium } from 'playwright-core';

const [url] = process.argv.slice(2);
const context = await chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), 'swagger-ui-')), {
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  viewport: { width: 1200, height: 1400 },
});
try {
  const page = await context.newPage();
  const elsewhere = [];
  const broken = [];
  page.on('request', (request) => {
    const target = request.url();
    if (!target.startsWith(url) && !target.startsWith('data:')) elsewhere.push(target);
  });
  page.on('pageerror', (error) => broken.push(error.message));
  page.on('dialog', (dialog) => {
    broken.push(`a dialog says ${dialog.message()}`);
    void dialog.dismiss();
  });
  const sent = [];
  page.on('request', (request) => sent.push(request.headers().authorization));
  // What the Content-Security-Policy of the page keeps from being used.
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) broken.push(message.text());
  });
  page.on('response', (answer) => {
    if (answer.status() >= 500) broken.push(`${answer.status()} ${answer.url()}`);
  });

  await page.goto(`${url}/docs`);
  await tryOut(page, 'post', '/namespace', '{"name": "from the browser"}');
  const created = await answerOf(page, 'post', '/namespace');
  assert.equal(created.status, '201');
  assert.match(created.body, /"name": "from the browser"/);

  await tryOut(page, 'get', '/namespace');
  const listed = await answerOf(page, 'get', '/namespace');
  assert.equal(listed.status, '200');
  assert.match(listed.body, /"from the browser"/);

  const markup = '<img src=x onerror=alert(1)>';
  await tryOut(page, 'post', '/namespace', JSON.stringify({ name: markup }), false);
  await tryOut(page, 'get', '/namespace', undefined, false);
  await page.waitForFunction((text) => document.body.innerText.includes(text), '<img src=x onerror=alert(1)>');
  assert.equal(await page.locator('img[src="x"]').count(), 0);

  await page.getByRole('button', { name: 'Authorize' }).first().click();
  await page.getByLabel('auth-bearer-value').fill('a-token');
  await page.locator('.auth-btn-wrapper .authorize').click();
  await page.locator('.auth-btn-wrapper .btn-done').click();
  await tryOut(page, 'get', '/namespace', undefined, false);
  await waitFor(() => sent.includes('Bearer a-token'));
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.equal(kept, '[{},{},""]', 'the token is kept nowhere');

  await page.screenshot({ path: 'swagger-ui.png' });
  assert.deepEqual(elsewhere, [], 'the page works without any other host');
  assert.deepEqual(broken, []);
  process.stdout.write(`created and listed a namespace; screenshot ${join(process.cwd(), 'swagger-ui.png')}\n`);
} finally {
  await context.close();
}

function operation(page, method, path) {
  return page.locator(`.opblock-${method}`).filter({ has: page.locator(`[data-path="${path}"]`) });
}

async function tryOut(page, method, path, body, isFirst = true) {
  const block = operation(page, method, path);
  if (isFirst) {
    await block.locator('.opblock-summary-control').click();
    await block.getByRole('button', { name: 'Try it out' }).click();
  }
  if (body !== undefined) await block.locator('textarea.body-param__text').fill(body);
  await block.getByRole('button', { name: 'Execute' }).click();
}

async function waitFor(isSo) {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function answerOf(page, method, path) {
  const live = operation(page, method, path).locator('.live-responses-table tbody tr.response').first();
  return {
    status: (await live.locator('.response-col_status').innerText()).trim(),
    body: await live.locator('.highlight-code').first().innerText(),
  };
}
