/** `npm run example -- [NAME] [OPTIONS]`: see README.md in this folder. */
import process from 'node:process';
import { PIPELINE } from './pipeline/main.js';
import { type Example, runExample } from './common/example.js';
import { WORD_COUNT } from './word-count/main.js';

/** The first one is run where none is named. */
const EXAMPLES: readonly Example[] = [WORD_COUNT, PIPELINE];

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const [named] = args;
  if (named === undefined || named.startsWith('-')) return runExample(EXAMPLES[0], args);
  const example = EXAMPLES.find(({ name }) => name === named);
  if (example !== undefined) return runExample(example, args.slice(1));
  const names = EXAMPLES.map(({ name }) => name).join(', ');
  process.stderr.write(`there is no example ${named}; there are ${names}\n`);
  return 2;
}
