import { join } from 'node:path';
import { build } from 'vite';

const ENTRY = join(import.meta.dirname, '../../packages/client/src/browser.ts');

/**
 * The client as a page gets it that is bundled for browsers, from its sources: a script that makes a global `coordinateClient`.
 * @throws Error when something in it is there in Node alone
 */
export async function browserBundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: ENTRY, formats: ['iife'], name: 'coordinateClient' },
    },
    plugins: [
      {
        name: 'nothing-of-node',
        enforce: 'pre',
        resolveId: (name, importer) => {
          if (name.startsWith('node:') || ['buffer', 'module', 'stream'].includes(name)) {
            throw new Error(`${importer} wants ${name}, which browsers do not have`);
          }
          return null;
        },
      },
    ],
  });
  const [{ output }] = [result].flat() as {
    readonly output: readonly { readonly type: string; readonly code?: string }[];
  }[];
  return output.find(({ type }) => type === 'chunk')!.code!;
}
