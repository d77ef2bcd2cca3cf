// Packs what the build has made, so that the daemon need not, and says how much code a browser loads before it shows anything.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const folder = fileURLToPath(new URL('../../../dist/ui', import.meta.url));
/** Most JavaScript at first view, in bytes as gzip packs them. */
const MOST = 180 * 1024;

const packed = new Map();
for (const name of readdirSync(folder, { recursive: true })) {
  const file = join(folder, name);
  if (!/\.(js|css|svg|json)$/.test(name) || !statSync(file).isFile()) continue;
  const content = readFileSync(file);
  const gzip = gzipSync(content, { level: 9 });
  const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } });
  packed.set(name, gzip.length);
  if (gzip.length < content.length) writeFileSync(`${file}.gz`, gzip);
  if (brotli.length < content.length) writeFileSync(`${file}.br`, brotli);
}

const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
const first = new Set();
const add = (key) => {
  const chunk = manifest[key];
  if (first.has(chunk.file)) return;
  first.add(chunk.file);
  chunk.imports?.forEach(add);
};
add('index.html');
// The page that most people see first, and its chart.
add('src/pages/overview/OverviewPage.tsx');
add('src/components/Chart.tsx');
const bytes = [...first].reduce((sum, file) => sum + packed.get(file), 0);
const inKiB = (number) => `${(number / 1024).toFixed(1)} KiB`;
console.log(`dashboard: ${inKiB(bytes)} of JavaScript at first view, gzipped; at most ${inKiB(MOST)}`);
if (bytes > MOST) {
  console.error('dashboard: that is too much');
  process.exit(1);
}
