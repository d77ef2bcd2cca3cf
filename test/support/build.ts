import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isAlive } from '../../src/storage/embedded/processes.js';
import { bundle } from './bundle.js';

const ROOT = join(import.meta.dirname, '../..');
/** Whether the daemon is started from the very files that users start it from, as most stages of .ci/run do. */
const AS_SHIPPED = process.env.AS_SHIPPED === '1';

/** What is made of sources; paths are from ROOT. */
interface Built {
  readonly folder: string;
  readonly sources: readonly string[];
  /** A file dated when the build began, so that a source changed meanwhile makes it stale. */
  readonly stamp: string;
  readonly make: (folder: string) => Promise<void>;
}

const DAEMON_SOURCES = ['src', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'];

const DIST: Built = {
  folder: 'dist',
  sources: DAEMON_SOURCES,
  stamp: 'dist/.built-for-tests',
  // The same output as that of `npm run build`, without looking for errors of types, which takes most of the time: tests say
  // whether the program does the right thing, and `npm run typecheck` finds those.
  make: async (folder) => {
    await compile('tsconfig.build.json', folder, '--noCheck');
    // The dashboard is built by itself: what there is of it stays.
    const ui = join(ROOT, 'dist/ui');
    if (existsSync(ui)) cpSync(ui, join(folder, 'ui'), { recursive: true });
  },
};

/** The same program in a few files, which `npm test` starts some hundred times. */
const BUNDLE: Built = {
  folder: 'build/daemon',
  sources: [...DAEMON_SOURCES, 'packages/client/src'],
  stamp: 'build/daemon/.built-for-tests',
  make: (folder) => bundle(join(ROOT, 'src/main.ts'), folder),
};

const CLIENT: Built = {
  folder: 'packages/client/dist',
  sources: ['packages/client/src', 'packages/client/tsconfig.build.json', 'package-lock.json', 'tsconfig.json'],
  // Not in the folder, all of which is published.
  stamp: 'build/.client-built-for-tests',
  make: (folder) => compile('packages/client/tsconfig.build.json', folder, '--noCheck'),
};

const CLI: Built = {
  folder: 'packages/cli/dist',
  sources: ['packages/cli/src', 'packages/cli/tsconfig.build.json', 'package-lock.json', 'tsconfig.json'],
  stamp: 'build/.cli-built-for-tests',
  make: (folder) => compile('packages/cli/tsconfig.build.json', folder, '--noCheck'),
};

const EXAMPLES: Built = {
  folder: 'build/examples',
  sources: [...CLIENT.sources, 'examples'],
  stamp: 'build/examples/.built-for-tests',
  make: (folder) => compile('examples/tsconfig.build.json', folder),
};

/**
 * Builds the daemon that tests start, unless nothing has changed since that was last done here.
 *
 * @returns the main program to start
 * @throws Error - what the compiler says
 */
export async function buildDaemon(): Promise<string> {
  const built = AS_SHIPPED ? DIST : BUNDLE;
  // What is shipped speaks with another daemon by the package of the client, which is beside it.
  if (AS_SHIPPED) await build(CLIENT);
  await build(built);
  return join(ROOT, built.folder, 'main.js');
}

/**
 * Builds the client package, of which a part runs in threads and processes of its own, unless nothing has changed since that was last
 * done here.
 *
 * @returns its folder
 * @throws Error - what the compiler says
 */
export async function buildClient(): Promise<string> {
  await build(CLIENT);
  return join(ROOT, CLIENT.folder);
}

/**
 * Builds the command line and the client package, which it needs, unless nothing has changed since that was last done here.
 *
 * @returns the program to start
 * @throws Error - what the compiler says
 */
export async function buildCli(): Promise<string> {
  await build(CLIENT);
  await build(CLI);
  return join(ROOT, 'packages/cli/bin/coordinate.js');
}

/**
 * Builds dist/, the client package and examples/ as `npm run example` does, unless nothing has changed since that was last done here.
 *
 * @returns the folder of the examples
 * @throws Error - what the compiler says
 */
export async function buildExamples(): Promise<string> {
  await build(DIST);
  await build(CLIENT);
  await build(EXAMPLES);
  return join(ROOT, EXAMPLES.folder);
}

/** Held by whoever builds: its process number is in it. */
const LOCK = join(ROOT, 'build/.building-for-tests');

/** Makes the folder anew unless it is fresh. Of runs that go on beside each other, as stages of .ci/run do, one builds it. */
async function build(built: Built): Promise<void> {
  if (isFresh(built)) return;
  mkdirSync(dirname(LOCK), { recursive: true });
  while (!takeLock()) await sleep(200);
  try {
    if (!isFresh(built)) await replace(built);
  } finally {
    rmSync(LOCK, { force: true });
  }
}

function takeLock(): boolean {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (isLeft()) rmSync(LOCK, { force: true });
    return false;
  }
}

/** Whether who holds the lock has ended without giving it up. */
function isLeft(): boolean {
  try {
    // It may be about to be written, or have gone by now.
    const pid = Number(readFileSync(LOCK, 'utf8'));
    return pid !== 0 && !isAlive(pid);
  } catch {
    return false;
  }
}

/** All at once: programs that another run has just started find what was there or what is. */
async function replace(built: Built): Promise<void> {
  const begun = new Date();
  const folder = join(ROOT, built.folder);
  const fresh = `${folder}.${process.pid}`;
  try {
    await built.make(fresh);
    const old = `${fresh}.old`;
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(fresh, folder);
    const stamp = join(ROOT, built.stamp);
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, '');
    utimesSync(stamp, begun, begun);
    rmSync(old, { recursive: true, force: true });
  } catch (error) {
    const { stdout, stderr, message } = error as { stdout?: string; stderr?: string; message: string };
    const lines = [`${built.folder} could not be built:`, message, stdout, stderr];
    throw new Error(lines.join('\n'), { cause: error });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** @param project - its tsconfig.json */
async function compile(project: string, folder: string, ...flags: readonly string[]): Promise<void> {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  const compiler = [join(dirname(typescript), 'bin/tsc'), '-p', project, '--outDir', folder, ...flags];
  await promisify(execFile)(process.execPath, compiler, { cwd: ROOT });
}

function isFresh({ folder, stamp, sources }: Built): boolean {
  if (!existsSync(join(ROOT, folder))) return false;
  const built = statSync(join(ROOT, stamp), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return sources.every((source) => {
    const path = join(ROOT, source);
    const inside = statSync(path).isDirectory() ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : [];
    return [path, ...inside.map((name) => join(path, name))].every((each) => statSync(each).mtimeMs < built);
  });
}
