import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';

/** The project's folder: this runs as build/examples/common/example.js. */
export const ROOT = resolve(import.meta.dirname, '../../..');

/** What `npm run example` runs by its name. */
export interface Example {
  readonly name: string;
  readonly help: string;
  /**
   * @param args of the command line, after the name
   * @returns what to do, or undefined where help is asked for; it resolves to whether all of its checks hold
   * @throws TypeError that says what is wrong with the command line
   */
  readonly prepare: (args: readonly string[]) => (() => Promise<boolean>) | undefined;
}

/** @returns the exit status: 0 when all holds, 1 when something does not or went wrong, 2 for a command line that is not understood */
export async function runExample({ help, prepare }: Example, args: readonly string[]): Promise<number> {
  let run: (() => Promise<boolean>) | undefined;
  try {
    run = prepare(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  if (run === undefined) {
    process.stdout.write(help);
    return 0;
  }
  try {
    return (await run()) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

/** The daemon's program. @throws Error when it is not built */
export function daemonProgram(): string {
  const program = join(ROOT, 'dist', 'main.js');
  if (!existsSync(program)) throw new Error('the daemon is not built yet: npm run build');
  return program;
}

/** @throws TypeError that names the option */
export function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < least) {
    throw new TypeError(`${option} must be a whole number from ${least} on, not ${text}`);
  }
  return number;
}
