import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, posix } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

interface Manifest {
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { optional?: boolean }>>;
}

const manifestOf = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8')) as Manifest;

/** The packages that the sources below some folders import. */
function importsOf(...folders: string[]): string[] {
  const packages = new Set<string>();
  for (const folder of folders) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.[mc]?[jt]s$/.test(name) || name.includes('node_modules')) continue;
      const text = readFileSync(join(ROOT, folder, name), 'utf8');
      const found = text.matchAll(/^(?:import\b[^;]*?|export\b[^;]*?\bfrom )'([^'\n]+)'|\bimport\('([^'\n]+)'\)/gm);
      for (const [, first, second] of found) {
        const name = /^(?:@[^/]+\/)?[^/]+/.exec(first ?? second)![0];
        if (!name.startsWith('.') && !name.startsWith('node:')) packages.add(name);
      }
    }
  }
  return [...packages].sort();
}

/** What the packages that are imported expect beside themselves. */
function peersOf(packages: readonly string[]): string[] {
  return packages.flatMap((name) => {
    const { peerDependencies = {}, peerDependenciesMeta = {} } = manifestOf(
      join(ROOT, 'node_modules', name, 'package.json'),
    );
    return Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional);
  });
}

const root = manifestOf(join(ROOT, 'package.json'));

it('package.json lists as dependencies what the daemon imports, and what that expects beside it', () => {
  const imported = importsOf('src', 'bin');
  const wanted = new Set([...imported, ...peersOf(imported)]);
  expect(Object.keys(root.dependencies!).sort()).toEqual([...wanted].sort());
});

/** Those that are published: the dashboard is a part of the daemon's package, built. */
const PUBLISHED = readdirSync(join(ROOT, 'packages')).filter((name) => name !== 'dashboard');

it.each(PUBLISHED)('packages/%s lists what it imports, and nothing else', (name) => {
  const { dependencies = {} } = manifestOf(join(ROOT, 'packages', name, 'package.json'));
  expect(Object.keys(dependencies).sort()).toEqual(importsOf(`packages/${name}/src`));
});

it('the contract suite knows of the daemon what packages outside this tree can import, and brings nothing along', () => {
  const entries = new Set(['index.ts']);
  for (const entry of entries) {
    const text = readFileSync(join(ROOT, 'test/contract', entry), 'utf8');
    const imported = [...text.matchAll(/^(?:import|export) [^;=]*? from '([^'\n]+)';$/gm)].map(([, name]) => name);
    for (const name of imported) {
      if (name.startsWith('.')) entries.add(posix.join(posix.dirname(entry), name.replace(/js$/, 'ts')));
      else if (!name.startsWith('node:')) expect(['coordinate-daemon/backend', 'vitest'], entry).toContain(name);
    }
  }
  expect(entries.size).toBeGreaterThan(30);
  expect([...entries].filter((entry) => entry.startsWith('..'))).toEqual([]);
  expect([root.peerDependencies, root.peerDependenciesMeta]).toEqual([
    { vitest: '>=3' },
    { vitest: { optional: true } },
  ]);
});

it('every package that was installed runs on the oldest Node that is supported', () => {
  const lock = require('../package-lock.json') as {
    packages: Record<string, { engines?: { node?: string }; link?: boolean; optional?: boolean }>;
  };
  const newer = Object.entries(lock.packages).filter(
    ([, { engines }]) => engines?.node && !admits(engines.node, [20, 19]),
  );
  expect(newer.map(([path, { engines }]) => `${path}: ${engines!.node}`)).toEqual([]);
});

/** Whether a range of versions as they are written in `engines` admits one. */
function admits(range: string, version: readonly [number, number]): boolean {
  return range.split('||').some((alternative) =>
    [...alternative.matchAll(/(\^|~|>=|<=|<|>|)\s*v?(\d+)(?:\.(\d+|x))?(?:\.(?:\d+|x))?/g)].every(
      ([, operator, major, minor]) => {
        const [least, leastMinor] = [Number(major), Number(minor === 'x' ? 0 : (minor ?? 0))];
        const atLeast = version[0] > least || (version[0] === least && version[1] >= leastMinor);
        if (operator === '<') return !atLeast;
        if (operator === '>=' || operator === '>') return atLeast;
        if (operator === '<=') return version[0] <= least;
        return atLeast && version[0] === least;
      },
    ),
  );
}

it('all packages are of one version, and may be published', () => {
  const paths = ['.', ...PUBLISHED.map((name) => `packages/${name}`)];
  const manifests = paths.map((path) => manifestOf(join(ROOT, path, 'package.json')));
  expect(new Set(manifests.map(({ version }) => version)).size).toBe(1);
  expect(manifests.filter((manifest) => manifest.private)).toEqual([]);
});
