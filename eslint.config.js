import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import circles from './tools/eslint-circles.js';

// What a file is, by where it lies; the first that fits counts.
const kinds = {
  wiring: ['src/main.ts', 'src/app.module.ts', 'src/rest.module.ts', 'src/bootstrap/**', 'src/commands/**'],
  base: ['src/version.ts', 'src/markdown.ts', 'src/shorten.ts', 'src/types/**', 'src/timing/**', 'src/structures/**'],
  cbor: ['src/cbor/**'],
  access: ['src/access/**'],
  domain: ['src/domain/**'],
  config: ['src/config/**'],
  storage: ['src/storage/**'],
  // What a daemon asks of another one that keeps its state: both of them read and write it.
  calls: ['src/storage-calls/calls/**'],
  'cbor-rpc': ['src/cbor-rpc/**'],
  rest: ['src/rest/**'],
  observability: ['src/observability/**'],
  exports: ['src/exports/**'],
  // What others add to the daemon: it looks at all of it, and the wiring alone at it.
  plugins: ['src/plugins/**'],
  // What storage backends and features share of what goes on: it counts and keeps, and asks nobody.
  recorder: ['src/live/*/recorder/**'],
  // Whatever else lies in a folder of src/ belongs to a feature. Its REST controllers are a room of their own in it.
  repository: ['src/*/*.repository.ts', 'src/live/*/*.repository.ts'],
  controller: ['src/*/rest/**', 'src/live/*/rest/**'],
  service: ['src/*/**'],
};

// What each kind may import besides its own kind. Dependencies point inward: the interfaces know the services, the
// services and the storage know the repository classes and the model, the model knows nobody. Observability looks at all
// of them and none of them at it.
const imports = {
  wiring: Object.keys(kinds),
  base: [],
  cbor: ['base'],
  domain: ['base', 'cbor'],
  config: ['base', 'domain'],
  access: ['base', 'domain', 'config'],
  recorder: ['base', 'domain'],
  repository: ['base', 'cbor', 'domain'],
  service: ['base', 'cbor', 'domain', 'config', 'access', 'repository', 'recorder', 'calls'],
  calls: ['base', 'cbor', 'domain', 'access', 'repository'],
  storage: ['base', 'cbor', 'domain', 'config', 'repository', 'recorder', 'calls'],
  // What packages outside this tree may import.
  exports: [
    'base',
    'cbor',
    'domain',
    'access',
    'repository',
    'recorder',
    'service',
    'storage',
    'cbor-rpc',
    'rest',
    'plugins',
  ],
  plugins: [
    'base',
    'cbor',
    'domain',
    'config',
    'access',
    'repository',
    'service',
    'controller',
    'storage',
    'cbor-rpc',
    'rest',
    'exports',
  ],
  observability: ['base', 'domain', 'config', 'access', 'service', 'storage', 'cbor-rpc', 'rest'],
  'cbor-rpc': ['base', 'cbor', 'domain', 'config', 'access', 'service'],
  rest: ['base', 'cbor', 'domain', 'config', 'access'],
  controller: ['base', 'cbor', 'domain', 'config', 'access', 'service', 'rest', 'calls'],
};

// The features, each of which may use those before it and none behind it: two that know each other are one.
const features = [
  'namespaces',
  'work-specs',
  'work-units',
  'workers',
  'live/waiting',
  'attempts',
  'schedules',
  'locks',
  'maintenance',
  'snapshots',
  'sessions',
  'daemons',
  'live/history',
  'live/overview',
  'live/events',
  'storage-calls',
];
const CONTROLLERS = {
  regex: '^[.][.]/.*/rest/[^/]*[.]controller[.]js$',
  message: 'Controllers are known to the module beside them only.',
};

export default defineConfig(
  {
    ignores: ['**/dist/', 'build/', 'coverage/', 'node_modules/', 'test/interop/rest/typescript/', 'examples/plugins/'],
  },
  js.configs.recommended,
  { rules: { eqeqeq: ['error', 'always'], 'no-console': 'error' } },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['Buffer', 'URL', 'console', 'fetch', 'performance', 'process', 'setTimeout'].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['packages/*/public/**/*.js'],
    languageOptions: { globals: { document: 'readonly', localStorage: 'readonly' } },
  },
  // What these print is what they are for.
  { files: ['tools/**/*.mjs', 'packages/*/tools/**/*.mjs', 'test/interop/**/*.mjs'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { require: 'readonly', exports: 'writable' } },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  },
  { files: ['**/*.ts', '**/*.tsx'], plugins: { circles }, rules: { 'circles/no-circles': 'error' } },
  {
    files: ['src/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { [`${import.meta.dirname}/tools/eslint-resolver.cjs`]: {} },
      'boundaries/files': Object.entries(kinds).flatMap(([category, patterns]) =>
        patterns.map((pattern) => ({ category, pattern })),
      ),
      'boundaries/files-single-match': true,
    },
    rules: {
      'boundaries/no-unknown-files': 'error',
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: Object.entries(imports).map(([kind, others]) => ({
            from: { file: { categories: kind } },
            allow: { to: { file: { categories: { anyOf: [kind, ...others] } } } },
          })),
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'src/config is the only reader of the environment.' },
      ],
    },
  },
  { files: ['src/**/*.ts'], rules: { 'no-restricted-imports': ['error', { patterns: [CONTROLLERS] }] } },
  ...features.slice(0, -1).map((feature, at) => ({
    files: [`src/${feature}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            CONTROLLERS,
            {
              regex: `^[./]*/(${features.slice(at + 1).join('|')})/`,
              message: 'Features use each other in one direction only: eslint.config.js has it.',
            },
          ],
        },
      ],
    },
  })),
  {
    files: ['packages/*/src/**/*.{ts,tsx}', 'bench/**/*.ts', 'examples/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '(^|/)src/|^coordinate-daemon(/|$)',
              message: 'What stands alone knows the daemon by its interfaces, and packages by their names.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/domain/**/*.ts', 'src/cbor/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            // What reckons the calendar is as plain as what is written here.
            {
              regex: '^(?!\\.|node:buffer$|croner$)',
              message: 'Plain TypeScript: no framework, no package, no I/O.',
            },
          ],
        },
      ],
    },
  },
);
