import swc from 'unplugin-swc';
import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config';
import { SWC } from './test/support/swc.js';

const TESTS = ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'];

/** They look at the memory or the processor time of their own process, in which nothing else is to have happened. */
const ALONE = [
  // Where it is run at all: a process is not started for what is skipped.
  ...(process.env.FULL_SIZE === '1' ? ['test/rest/windows.test.ts'] : []),
  'test/storage/memory/scale.test.ts',
  'test/storage/memory/structures/scale.test.ts',
  'test/storage/process-memory.test.ts',
];

/** They start processes and databases by the dozen, or take seconds of processor time: a stage of .ci/run, not `npm test`. */
const HEAVY = [
  'packages/cli/test/{adding-memory,process,work}.test.ts',
  'packages/client/test/worker/{away,isolation,leases,signals,stopping,testing,tracing}.test.ts',
  'test/cbor-rpc/{hostile,large,many-connections}.test.ts',
  'test/daemon/{backend-http,bounds,check-config,dump,embedded,http-attacks,long-work,open-files}.test.ts',
  'test/daemon/{overload,request-log,rpc-attacks,shutdown,storage-away}.test.ts',
  'test/examples/*.test.ts',
  'test/faults/*.test.ts',
  'test/live/idle-statements.test.ts',
  'test/live/{events/two-daemons,waiting-run}.test.ts',
  'test/model/{memory-slices,postgres}.test.ts',
  'test/observability/metrics/work-metrics.test.ts',
  'test/rest/{large-body,unheard-claims}.test.ts',
  'test/plugins/{callers,daemon}.test.ts',
  'test/schedules/daemon.test.ts',
  'test/snapshots/{large,round-trip,taking-postgres}.test.ts',
  'test/storage/postgres/{bounded-reads,in-between,many-names,many-specs,migration-waits,migrations}.test.ts',
  'test/storage/postgres/{opening,rules-in-sql,session-defaults,starting,statements,worker-rules-in-sql}.test.ts',
];

/** In full size, or repeated as often as an environment variable says, one may take minutes; that stage has a time of its own. */
const HANGS_MS = process.env.FULL_SIZE === '1' ? 1_500_000 : 300_000;

const common: ViteUserConfig = {
  // Packages of this repository are tested from their sources.
  resolve: { conditions: ['coordinate-source'] },
  ssr: { resolve: { conditions: ['coordinate-source', 'node', 'default'] } },
  plugins: [swc.vite(SWC)],
};

const test: ViteUserConfig['test'] = {
  environment: 'node',
  pool: 'forks',
  // More than there are cores: most of these tests wait for daemons, databases and time.
  maxWorkers: 3,
  // For a test that hangs. One that is only slow is to pass, on a machine that does other things as well.
  testTimeout: HANGS_MS,
  hookTimeout: HANGS_MS,
  expect: { poll: { timeout: 240_000, interval: 20 } },
};

export default defineConfig({
  test: {
    globalSetup: ['test/support/global.ts'],
    // To start a process for each file, and to load all modules in each, takes longer than most files take.
    projects: [
      { ...common, test: { ...test, name: 'alone', include: ALONE } },
      {
        ...common,
        test: {
          ...test,
          name: 'together',
          include: TESTS,
          exclude: [...configDefaults.exclude, ...ALONE, ...HEAVY],
          isolate: false,
        },
      },
      { ...common, test: { ...test, name: 'heavy', include: HEAVY, isolate: false } },
    ],
  },
});
