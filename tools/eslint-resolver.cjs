'use strict';

// Tells eslint-plugin-boundaries which source file an import names: TypeScript's Node modules write `./x.js` for `./x.ts`.
// (The resolver package for TypeScript needs binaries for every platform in the lockfile, which makes `npm ci` fragile.)
const { existsSync } = require('node:fs');
const { isBuiltin } = require('node:module');
const { dirname, resolve } = require('node:path');

exports.interfaceVersion = 2;

exports.resolve = (source, file) => {
  if (!source.startsWith('.')) return isBuiltin(source) ? { found: true, path: null } : { found: false };
  const path = resolve(dirname(file), source);
  const candidates = [path.replace(/\.js$/, '.ts'), path];
  const found = candidates.find((candidate) => existsSync(candidate));
  return found === undefined ? { found: false } : { found: true, path: found };
};
