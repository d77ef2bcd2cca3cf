import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import { importOutside } from './import-outside.js';

/** What plug-ins import of the daemon. */
const ENTRIES: Readonly<Record<string, () => Promise<object>>> = {
  'coordinate-daemon/plugin': () => import('../exports/plugin.js'),
  'coordinate-daemon/backend': () => import('../exports/backend.js'),
  'coordinate-daemon/memory': () => import('../exports/memory.js'),
};

/** In place of `import NAME`: what NAME stands for in the folder that the daemon was started in, or else beside the daemon. */
const FROM_HERE = 'plug-in-of-folder:';
const FROM_DAEMON = 'plug-in-of-daemon:';

let isShared = false;

/**
 * Has whatever is imported from now on get the daemon's own classes by those names, wherever it lies: with a copy of the daemon's
 * package, which may be installed beside a plug-in, it would get others, that no service is known by.
 */
export async function shareOwnExports(): Promise<void> {
  if (isShared) return;
  isShared = true;
  const shared: Record<string, string> = {};
  for (const [name, load] of Object.entries(ENTRIES)) {
    const own = await load();
    Object.defineProperty(globalThis, Symbol.for(name), { value: own });
    const from = `globalThis[Symbol.for(${JSON.stringify(name)})]`;
    shared[name] = moduleOf(`export const { ${Object.keys(own).join(', ')} } = ${from};`);
  }
  const hooks = moduleOf(hooksFor(shared));
  if ('registerHooks' in nodeModule) {
    const { resolve } = (await importOutside(hooks)) as { resolve: never };
    (nodeModule.registerHooks as (hooks: { resolve: never }) => void)({ resolve });
  } else nodeModule.register(hooks);
}

/** Imports a package as one would that lies in the folder that the daemon was started in; or, if it is not there, beside the daemon. */
export async function importPackage(name: string): Promise<object> {
  try {
    return await importOutside(FROM_HERE + name);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    return await importOutside(FROM_DAEMON + name);
  }
}

/** Whether a module itself could not be found, rather than one that it imports. */
export function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') return false;
  return (
    error.message.startsWith(`Cannot find package '${name}'`) ||
    error.message.startsWith(`Cannot find module '${name}'`)
  );
}

/** As what Node runs in a thread of its own up to version 22.14: it can use nothing of this file. */
function hooksFor(shared: Readonly<Record<string, string>>): string {
  const folders = {
    [FROM_HERE]: pathToFileURL(`${process.cwd()}/started-here.js`).href,
    [FROM_DAEMON]: import.meta.url,
  };
  return `
    const shared = ${JSON.stringify(shared)};
    const folders = ${JSON.stringify(folders)};
    export function resolve(specifier, context, next) {
      if (Object.hasOwn(shared, specifier)) return { url: shared[specifier], shortCircuit: true };
      const from = Object.keys(folders).find((each) => specifier.startsWith(each));
      if (from === undefined) return next(specifier, context);
      return next(specifier.slice(from.length), { ...context, parentURL: folders[from] });
    }`;
}

function moduleOf(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
