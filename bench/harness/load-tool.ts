import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How to run the load generator: the command and its first arguments. */
export interface LoadTool {
  readonly command: string;
  readonly args: readonly string[];
  /** What its figures must be taken with; undefined for the usual one. */
  readonly caveat?: string;
}

const COMPILERS = ['cc', 'gcc', 'clang'];

/**
 * The load generator, compiled from bench/load/*.c once for each state of the sources. Without a C compiler it is a
 * client in Node, which costs more CPU than the server it drives: throughput then says what the client can do.
 *
 * @param root the checkout
 */
export function prepareLoadTool(root: string): LoadTool {
  const compiler = COMPILERS.find((name) => spawnSync(name, ['--version']).status === 0);
  if (compiler === undefined) {
    const script = fileURLToPath(new URL('../load/node-load.js', import.meta.url));
    const caveat = 'no C compiler found: driven by the Node client, which is slower than the server';
    return { command: process.execPath, args: [script], caveat };
  }
  return { command: compile(compiler, root), args: [] };
}

function compile(compiler: string, root: string): string {
  const sources = join(root, 'bench', 'load');
  const names = readdirSync(sources)
    .filter((name) => /\.[ch]$/.test(name))
    .sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(name).update(readFileSync(join(sources, name)));
  const cache = join(root, 'build', 'bench', 'bin');
  const binary = join(cache, `load-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(binary)) {
    mkdirSync(cache, { recursive: true });
    const units = names.filter((name) => name.endsWith('.c')).map((name) => join(sources, name));
    const unfinished = `${binary}.${process.pid}`;
    execFileSync(compiler, ['-O2', '-o', unfinished, ...units], { stdio: 'inherit' });
    renameSync(unfinished, binary);
  }
  return binary;
}
