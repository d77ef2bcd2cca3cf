/** The driver: see README.md in the folder above. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { CborRpcClient, type ListedAttempt } from 'coordinate-client';
import { Crew } from './crew.js';
import { type Daemon, startDaemon } from './daemon.js';
import { documentsUnder, sample, textsUnder } from './files.js';
import { History } from './history.js';
import { HELP, type Options, readOptions } from './options.js';
import { othersFinished, sameNames, sameTables, tellStory } from './proof.js';
import { COUNT_WORDS, SIZE_CLASS, WordCountQueue } from './queue.js';
import { addFile, countAlone, type Table, tableLines } from './table.js';
import { extensionOf } from './tasks.js';

/** The project's folder: this runs as build/examples/word-count/main.js. */
const ROOT = resolve(import.meta.dirname, '../../..');
const NODE_WORKER = join(import.meta.dirname, 'worker.js');
const PYTHON_WORKER = join(ROOT, 'examples/word-count/worker.py');

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  if (options.help) {
    print(HELP);
    return 0;
  }
  let daemon: Daemon | undefined;
  try {
    daemon = await findDaemon(options);
    return await run(options, daemon);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  } finally {
    await daemon?.stop();
  }
}

async function findDaemon({ address, http }: Options): Promise<Daemon> {
  if (address !== undefined) return { address, http, stop: () => Promise.resolve() };
  const program = join(ROOT, 'dist', 'main.js');
  if (!existsSync(program)) throw new Error('the daemon is not built yet: npm run build');
  return startDaemon(program);
}

async function run(options: Options, daemon: Daemon): Promise<number> {
  const directory = resolve(options.directory ?? join(ROOT, 'node_modules'));
  const found = options.directory === undefined ? documentsUnder(directory) : textsUnder(directory);
  const paths = sample(found, options.files ?? found.length);
  const mode = options.kill ? ', one of which will be killed' : '';
  print(`${paths.length} files under ${directory}, ${options.workers} workers${mode}`);

  const client = new CborRpcClient({ address: daemon.address });
  const queue = new WordCountQueue(client);
  await queue.fill(directory, paths);
  const crew = new Crew(queue, daemon.address);
  for (let i = 0; i < options.workers; i++) {
    if (i < options.python) crew.start('python', [process.env.PYTHON ?? 'python3', PYTHON_WORKER]);
    else crew.start('node', [process.execPath, NODE_WORKER]);
  }
  const killed = await crew.finish(paths.length * 2, options.kill);

  const counted = await queue.finished(COUNT_WORDS);
  const classified = await queue.finished(SIZE_CLASS);
  const table: Table = new Map();
  for (const [name, data] of classified) {
    addFile(table, name.slice(0, name.indexOf('/')), Number(data.words), String(data.size_class));
  }
  print(['', ...tableLines(table), ''].join('\n'));

  const checks = [
    sameNames(
      'every file was counted',
      counted.map(([name]) => name),
      paths,
    ),
    sameNames(
      'every file was put into a size class',
      classified.map(([name]) => name),
      paths.map((path) => `${extensionOf(path)}/${path}`),
    ),
  ];
  if (killed !== undefined) checks.push(await othersFinished(killed, (unit) => queue.finisherOf(unit)));
  client.close();
  const history = await History.open(daemon.http);
  if (history === undefined) print(`skip  the history of attempts: there is no REST at ${daemon.http}`);
  else {
    const story = await tellStory(history, crew.ids, paths.length * 2, killed?.id);
    if (story.takenOver.length > 0) print(storyLines(story.takenOver).join('\n'));
    checks.push(...story.checks);
    history.close();
  }
  checks.push(sameTables(table, countAlone(directory, paths)));
  for (const { claim, holds } of checks) print(`${holds ? 'ok  ' : 'FAIL'}  ${claim}`);
  return checks.every(({ holds }) => holds) ? 0 : 1;
}

function storyLines(attempts: readonly ListedAttempt[]): string[] {
  const lines = attempts.map(({ worker, status, startTime, endTime }) => {
    return `  ${String(worker).padEnd(26)}${status.padEnd(10)}${startTime.toISOString()} to ${endTime?.toISOString()}`;
  });
  const [{ spec, unit }] = attempts;
  return [`The attempts at ${String(unit)} of ${spec}:`, ...lines, ''];
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
