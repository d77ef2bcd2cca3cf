import { execFile } from 'node:child_process';
import { readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { bundle } from './bundle.js';

const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');
/** The same in a few files, which `npm test` starts some hundred times. */
const BUNDLE = join(ROOT, 'build/daemon');
/** Whether the daemon is started from the very files that users start it from, as most stages of .ci/run do. */
const AS_SHIPPED = process.env.AS_SHIPPED === '1';
/** Dated when the build began that made dist/, so that a source changed meanwhile makes it stale. */
const STAMP = '.built-for-tests';

/**
 * Builds dist/, unless nothing has changed since that was last done here, and the bundle of it.
 *
 * @returns the main program to start
 * @throws Error - what the compiler says
 */
export async function buildDaemon(): Promise<string> {
  if (!isFresh(DIST)) await replace(DIST, compile);
  if (AS_SHIPPED) return join(DIST, 'main.js');
  if (!isFresh(BUNDLE)) await replace(BUNDLE, (folder) => bundle(join(DIST, 'main.js'), folder));
  return join(BUNDLE, 'main.js');
}

/** Makes a folder anew, all at once: daemons that another run has just started find what was there or what is. */
async function replace(folder: string, make: (fresh: string) => Promise<void>): Promise<void> {
  const begun = new Date();
  const fresh = `${folder}.${process.pid}`;
  try {
    await make(fresh);
    writeFileSync(join(fresh, STAMP), '');
    utimesSync(join(fresh, STAMP), begun, begun);
    const old = `${fresh}.old`;
    if (statSync(folder, { throwIfNoEntry: false })) renameSync(folder, old);
    renameSync(fresh, folder);
    rmSync(old, { recursive: true, force: true });
  } catch (error) {
    const { stdout, stderr, message } = error as { stdout?: string; stderr?: string; message: string };
    throw new Error(['the daemon could not be built:', message, stdout, stderr].join('\n'), { cause: error });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function compile(folder: string): Promise<void> {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  // The same output as that of `npm run build`, without looking for errors of types, which takes most of the time: tests say
  // whether the program does the right thing, and `npm run typecheck` finds those.
  const compiler = [join(dirname(typescript), 'bin/tsc'), '-p', 'tsconfig.build.json', '--noCheck', '--outDir', folder];
  await promisify(execFile)(process.execPath, compiler, { cwd: ROOT });
}

function isFresh(folder: string): boolean {
  const built = statSync(join(folder, STAMP), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join('src', name),
  );
  return ['src', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', ...sources].every(
    (name) => statSync(join(ROOT, name)).mtimeMs < built,
  );
}
