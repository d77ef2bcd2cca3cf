import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UiMode } from '../../src/config/config.js';
import { RestApp } from './app.js';

const facts = { version: '1.2.3', backend: 'memory', asksWho: false, warnings: [] };
const BROWSER = 'text/html,application/xhtml+xml,*/*;q=0.8';
const SCRIPT = 'console.log(1);'.repeat(100);

function built(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-ui-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<base href="/ui/" /><title>page</title>');
  writeFileSync(join(folder, 'assets', 'main-abc.js'), SCRIPT);
  writeFileSync(join(folder, 'assets', 'main-abc.js.gz'), gzipSync(SCRIPT));
  return folder;
}

describe('the dashboard', () => {
  const folder = built();
  let rest: RestApp;
  const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${rest.port}${path}`, { headers, redirect: 'manual' });

  beforeAll(async () => {
    rest = await RestApp.start({
      ui: { ui: 'on', folder, ...facts },
      web: { trustedProxies: ['127.0.0.1/32'] },
    });
  });
  afterAll(async () => {
    await rest.stop();
    rmSync(folder, { recursive: true });
  });

  it('is where browsers are sent that come to /, while programs get the root document', async () => {
    for (const accept of [BROWSER, 'text/html']) {
      const answer = await ask('/', { accept });
      expect([answer.status, answer.headers.get('location')]).toEqual([302, '/ui/']);
    }
    const proxied = await ask('/', { accept: BROWSER, 'x-forwarded-prefix': '/coordinate' });
    expect(proxied.headers.get('location')).toBe('/coordinate/ui/');
    for (const accept of ['*/*', 'application/json']) {
      const answer = await ask('/', { accept });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
      expect(await answer.json()).toMatchObject({ namespaces_url: '/namespace' });
    }
    expect((await ask('/', { accept: 'image/png' })).status).toBe(406);
  });

  it('is one page at every path, which lets nothing run that is not served here', async () => {
    for (const path of ['/ui', '/ui/', '/ui/n/photos/spec/-_w', '/ui/..%2f..%2fpackage.json', '/ui/index.html']) {
      const answer = await ask(path);
      expect([path, answer.status, answer.headers.get('cache-control')]).toEqual([path, 200, 'no-cache']);
      expect(answer.headers.get('content-security-policy')).toMatch(/script-src 'self';(?!.*unsafe)/);
      expect(await answer.text()).toContain('<title>page</title>');
    }
    const below = await ask('/ui/n/photos', { 'x-forwarded-prefix': '/coordinate' });
    expect(await below.text()).toContain('<base href="/coordinate/ui/" />');
  });

  it('has files that are packed already, and never change', async () => {
    const plain = await ask('/ui/assets/main-abc.js', { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBe(null);
    expect(plain.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const packed = await ask('/ui/assets/main-abc.js', { 'accept-encoding': 'br, gzip' });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect([await plain.text(), await packed.text()]).toEqual([SCRIPT, SCRIPT]);
    const again = await ask('/ui/assets/main-abc.js', { 'if-none-match': plain.headers.get('etag')! });
    expect(again.status).toBe(304);
    expect((await ask('/ui/assets/main-old.js')).status).toBe(404);
    expect((await ask('/ui/assets/main-abc.js.gz')).status).toBe(404);
  });

  it('says who looks at it, and what they may do', async () => {
    const everywhere = ['read', 'submit', 'work', 'define', 'admin', 'operate'];
    const answer = await ask('/ui/viewer?namespace=photos');
    expect(await answer.json()).toMatchObject({ name: 'everybody', everywhere, rights: everywhere, daemon: facts });
  });
});

it.each<[UiMode, string, number]>([
  ['on', '/does/not/exist', 503],
  ['off', '/does/not/exist', 404],
])('with -ui %s and no page that was built, answers %s', async (ui, folder, status) => {
  const rest = await RestApp.start({ ui: { ui, folder, ...facts } });
  try {
    expect((await fetch(`http://127.0.0.1:${rest.port}/ui/`)).status).toBe(status);
  } finally {
    await rest.stop();
  }
});

it('offers nothing that changes anything with -ui read-only', async () => {
  const rest = await RestApp.start({ ui: { ui: 'read-only', ...facts } });
  try {
    const answer = await fetch(`http://127.0.0.1:${rest.port}/ui/viewer?namespace=photos`);
    expect(await answer.json()).toMatchObject({ readOnly: true, rights: ['read', 'operate'] });
  } finally {
    await rest.stop();
  }
});
