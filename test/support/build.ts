import { execFile } from 'node:child_process';
import { readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');
/** Dated when the build began that made dist/, so that a source changed meanwhile makes it stale. */
const STAMP = '.built-for-tests';

/**
 * Builds dist/, unless nothing has changed since that was last done here.
 *
 * @returns its main program
 * @throws Error - what the compiler says
 */
export async function buildDaemon(): Promise<string> {
  if (!isFresh()) await build();
  return join(DIST, 'main.js');
}

async function build(): Promise<void> {
  const begun = new Date();
  const fresh = `${DIST}.${process.pid}`;
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  // The same output as that of `npm run build`, without looking for errors of types, which takes most of the time: tests say
  // whether the program does the right thing, and `npm run typecheck` finds those.
  const compiler = [join(dirname(typescript), 'bin/tsc'), '-p', 'tsconfig.build.json', '--noCheck', '--outDir', fresh];
  try {
    await promisify(execFile)(process.execPath, compiler, { cwd: ROOT });
    writeFileSync(join(fresh, STAMP), '');
    utimesSync(join(fresh, STAMP), begun, begun);
    const old = `${fresh}.old`;
    // Daemons that another run has just started find one or the other.
    if (statSync(DIST, { throwIfNoEntry: false })) renameSync(DIST, old);
    renameSync(fresh, DIST);
    rmSync(old, { recursive: true, force: true });
  } catch (error) {
    const { stdout, stderr, message } = error as { stdout?: string; stderr?: string; message: string };
    throw new Error(['the daemon could not be built:', message, stdout, stderr].join('\n'), { cause: error });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function isFresh(): boolean {
  const built = statSync(join(DIST, STAMP), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join('src', name),
  );
  return ['src', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', ...sources].every(
    (name) => statSync(join(ROOT, name)).mtimeMs < built,
  );
}
