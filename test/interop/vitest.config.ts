import { defineConfig } from 'vitest/config';

// See test/support/build.ts.
process.env.AS_SHIPPED = '1';

/** Tests that need programs from elsewhere; each folder has a run.sh that sees to those, or says what is missing. */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.interop.ts'],
    environment: 'node',
    globalSetup: ['test/support/global.ts'],
    pool: 'forks',
    reporters: ['verbose'],
    // For what hangs: a stage has a longest time of its own.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
