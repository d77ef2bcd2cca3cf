import { dirname, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

/**
 * Puts the built daemon and all that it imports into a few files. It does the same, and starts in a third of the processor
 * time, most of which goes into finding, reading and compiling some two thousand modules.
 *
 * @param main - its main program, as compiled
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
      rolldownOptions: { output: { chunkFileNames: '[name]-[hash].js' } },
    },
    ssr: { noExternal: true },
    plugins: [
      {
        name: 'where-modules-were',
        // The daemon finds what it ships with from where its modules are.
        transform: (code, id) =>
          id.startsWith(dirname(main) + sep)
            ? code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
            : undefined,
      },
    ],
  });
}
