import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import swc from 'unplugin-swc';
import { build, defaultServerConditions } from 'vite';
import { SWC } from './swc.js';

/**
 * Puts the daemon and all that it imports into a few files, and beside them what V8 makes of these. It does the same as the
 * built one, and starts in a fifth of the processor time, most of which goes into finding, reading and compiling some two
 * thousand modules.
 *
 * @param main - its main program, in TypeScript: to compile all of it first would take longer than the bundle does
 * @param outDir - a folder in this repository: what is not installed the framework looks for from there, and does without
 */
export async function bundle(main: string, outDir: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: main,
      outDir,
      target: 'node20',
      minify: false,
      // What V8 has compiled can be kept of scripts, and of modules it cannot.
      rolldownOptions: {
        output: { format: 'cjs', entryFileNames: 'daemon.cjs', chunkFileNames: '[name]-[hash].cjs' },
      },
    },
    // The client that it speaks with to another daemon is taken from its sources, whether it has been built or not.
    ssr: { noExternal: true, resolve: { conditions: ['coordinate-source', ...defaultServerConditions] } },
    plugins: [
      swc.vite(SWC),
      {
        name: 'as-a-script',
        transform: (code, id) => {
          if (!id.startsWith(dirname(main) + sep)) return undefined;
          // The daemon finds what it ships with from where its modules are.
          const here = code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
          // What V8 has kept of a script does not know how to import what is no part of it: bundled-main.js does.
          const placed = here.replace(/\bimport\([^()]*\bspecifier\)/, 'globalThis.importOutside(specifier)');
          return id === main ? placed.replace(/^#!.*/, '').replace(/^await /m, 'void ') : placed;
        },
      },
    ],
  });
  copyFileSync(join(import.meta.dirname, 'bundled-main.js'), join(outDir, 'main.js'));
  await keepCompiled(join(outDir, 'main.js'));
}

/** Starts it, so that what that compiles is kept: of what it loads in memory, and on a database, which need not be there. */
async function keepCompiled(main: string): Promise<void> {
  const servers = ['-cborrpc', '127.0.0.1:0', '-http', '127.0.0.1:0'];
  expectEnd(await runOnce(main, servers), 0);
  expectEnd(await runOnce(main, [...servers, '-backend', 'postgres://127.0.0.1:1/none?startup_wait=0.01']), 1);
}

/** Starts it and ends it as soon as it serves. @returns its status */
async function runOnce(main: string, flags: readonly string[]): Promise<number | null> {
  const daemon = spawn(process.execPath, [main, ...flags], {
    env: { PATH: process.env.PATH, KEEP_COMPILED: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(daemon, 'close') as Promise<[number | null]>;
  daemon.stdout.once('data', () => daemon.kill());
  return (await ended)[0];
}

function expectEnd(code: number | null, expected: number): void {
  if (code !== expected) throw new Error(`the bundle ends with ${code} when it is started, not with ${expected}`);
}
