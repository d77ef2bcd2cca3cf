// Opens /docs, tries POST /namespace and GET /namespace out as a person would, and checks what the page shows.
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

async function tryOut(page, method, path, body) {
  const block = operation(page, method, path);
  await block.locator('.opblock-summary-control').click();
  await block.getByRole('button', { name: 'Try it out' }).click();
  if (body !== undefined) await block.locator('textarea.body-param__text').fill(body);
  await block.getByRole('button', { name: 'Execute' }).click();
}

async function answerOf(page, method, path) {
  const live = operation(page, method, path).locator('.live-responses-table tbody tr.response').first();
  return {
    status: (await live.locator('.response-col_status').innerText()).trim(),
    body: await live.locator('.highlight-code').first().innerText(),
  };
}
