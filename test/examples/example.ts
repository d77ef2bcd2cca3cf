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
  const { stdout } = await run(process.execPath, [main, ...options], { env: { ...process.env, ...env } });
  return stdout;
}

/** The table in what the example printed. */
export function tableIn(output: string): string {
  return /^extension[^]*?^total.*$/m.exec(output)![0];
}
