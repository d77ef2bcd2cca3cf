import { execFile } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** What kept the daemon from being built; empty when it was. */
    buildFailure: string;
  }
}

const ROOT = join(import.meta.dirname, '../..');
/** Written after a build without errors, which the compiler's own output does not tell apart. */
const STAMP = join(ROOT, 'dist/.built-for-tests');

/** Builds dist/ once for all tests that start the real daemon, unless nothing has changed since. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('buildFailure', isFresh() ? '' : await build());
}

async function build(): Promise<string> {
  try {
    await promisify(execFile)('npm', ['run', 'build'], { cwd: ROOT });
    writeFileSync(STAMP, '');
    return '';
  } catch (error) {
    // Tests that need no daemon can still say whether they pass.
    const { stdout, stderr, message } = error as { stdout?: string; stderr?: string; message: string };
    return [message, stdout, stderr].join('\n');
  }
}

function isFresh(): boolean {
  const built = statSync(STAMP, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join('src', name),
  );
  return ['src', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', ...sources].every(
    (name) => statSync(join(ROOT, name)).mtimeMs < built,
  );
}
