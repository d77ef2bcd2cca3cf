// Starts the bundle that bundle.ts has put beside it, by what V8 had compiled of it when it was first started.
import { readFileSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

const scripts = new Map();

globalThis.importOutside = (specifier) => import(specifier);

Module._extensions['.cjs'] = (module, filename) => {
  const source = Module.wrap(readFileSync(filename, 'utf8'));
  const script = new Script(source, { filename, cachedData: compiled(filename) });
  scripts.set(filename, script);
  const run = script.runInThisContext();
  run.call(module.exports, module.exports, createRequire(filename), module, filename, dirname(filename));
};

function compiled(filename) {
  try {
    return readFileSync(`${filename}.compiled`);
  } catch {
    return undefined; // It is to be kept now, or was not loaded then.
  }
}

if (process.env.KEEP_COMPILED) {
  process.once('exit', () => {
    for (const [filename, script] of scripts) {
      // What has been kept before is of a run that came further.
      if (compiled(filename) === undefined) writeFileSync(`${filename}.compiled`, script.createCachedData());
    }
  });
}

createRequire(import.meta.url)('./daemon.cjs');
