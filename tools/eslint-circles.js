import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import ts from 'typescript';

const { resolve } = createRequire(import.meta.url)('./eslint-resolver.cjs');

/** What each file imports of this tree, for types alone too, by its path; read once in a run. */
const importsOf = new Map();

function imports(path) {
  let known = importsOf.get(path);
  if (known === undefined) {
    const { importedFiles } = ts.preProcessFile(readFileSync(path, 'utf8'), true, true);
    known = importedFiles.flatMap(({ fileName }) => target(fileName, path));
    importsOf.set(path, known);
  }
  return known;
}

/** @returns the source file that an import names, in a list; an empty one where that is none of this tree */
function target(source, path) {
  const found = source.startsWith('.') ? resolve(source, path).path : undefined;
  return typeof found === 'string' && /\.[cm]?[jt]s$/.test(found) ? [found] : [];
}

/** @returns the shortest way from one file to another by what they import, both included; undefined: there is none */
function way(from, to) {
  const reachedFrom = new Map([[from, undefined]]);
  for (const path of reachedFrom.keys()) {
    if (path === to) {
      const steps = [];
      for (let step = path; step !== undefined; step = reachedFrom.get(step)) steps.unshift(step);
      return steps;
    }
    for (const next of imports(path)) if (!reachedFrom.has(next)) reachedFrom.set(next, path);
  }
  return undefined;
}

/** No file imports itself by way of others, not even for a type: what needs each other is one thing, or has a third below it. */
const noCircles = {
  meta: { type: 'problem', schema: [], messages: { circle: 'A circle of imports: {{ way }}.' } },
  create(context) {
    const check = ({ source }) => {
      if (typeof source?.value !== 'string') return;
      const [first] = target(source.value, context.filename);
      const back = first && way(first, context.filename);
      if (!back) return;
      const names = [context.filename, ...back].map((path) => path.slice(path.lastIndexOf('/') + 1));
      context.report({ node: source, messageId: 'circle', data: { way: names.join(' → ') } });
    };
    return {
      ImportDeclaration: check,
      ExportAllDeclaration: check,
      ExportNamedDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

export default { rules: { 'no-circles': noCircles } };
