import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Packages of this repository are tested from their sources.
  resolve: { conditions: ['coordinate-source'] },
  ssr: { resolve: { conditions: ['coordinate-source', 'node', 'default'] } },
  // esbuild and oxc emit no decorator metadata, which Nest's injection reads; swc does.
  plugins: [
    swc.vite({
      module: { type: 'es6' },
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
    }),
  ],
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    environment: 'node',
    globalSetup: ['test/support/global.ts'],
    pool: 'forks',
    // Vitest leaves one core free, which of two is half; most of these tests wait for daemons and databases.
    maxWorkers: 2,
    // For a test that hangs. One that is only slow is to pass, on a machine that does other things as well.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 240_000, interval: 20 } },
  },
});
