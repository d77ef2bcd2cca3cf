import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { shared } from '../support/shared.js';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Builds the daemon, the packages that the examples use, and examples/, as `npm run example` does. */
export async function buildExamples(): Promise<void> {
  await shared('/examples');
}

/** Runs an example, word-count where none is named first, with a daemon of its own. @returns what it printed; @throws Error when a proof fails */
export async function runExample(options: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const main = join(ROOT, 'build/examples/main.js');
  try {
    return (await run(process.execPath, [main, ...options], { env: { ...process.env, ...env } })).stdout;
  } catch (error) {
    const { code, stdout, stderr } = error as Error & Output;
    // What proved wrong comes first: of a stage of .ci/run that fails not much more is kept.
    const wrong = stdout.split('\n').filter((line) => line.startsWith('FAIL'));
    const message = [...wrong, stderr.trim(), `ended with ${code}`].filter((line) => line !== '').join('; ');
    throw Object.assign(new Error(message), { code, stdout, stderr });
  }
}

/** Of a program that has failed. */
interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The table in what the example printed. */
export function tableIn(output: string): string {
  return /^extension[^]*?^total.*$/m.exec(output)![0];
}
