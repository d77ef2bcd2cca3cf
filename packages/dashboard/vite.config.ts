import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds a daemon that runs. */
const DAEMON = process.env.COORDINATE_URL ?? 'http://127.0.0.1:5980';
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ command }) => ({
  root: here('.'),
  // Built, files are found beside the page, whatever path a proxy has it at.
  base: command === 'serve' ? '/ui/' : './',
  plugins: [react()],
  resolve: { alias: { 'coordinate-client': here('../client/src/browser.ts') } },
  build: {
    outDir: here('../../dist/ui'),
    emptyOutDir: true,
    target: 'es2022',
    // Small pictures as data would need a policy that lets them be; there is one icon.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
  },
  server: {
    proxy: Object.fromEntries(
      [
        '/namespace',
        '/summary',
        '/metrics',
        '/ui/viewer',
        '/session',
        '/daemon',
        '/docs',
        '/openapi.json',
        '/readyz',
      ].map((path) => [path, { target: DAEMON, changeOrigin: true }]),
    ),
  },
}));
