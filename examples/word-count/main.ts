/** The driver: see README.md in the folder above. */
import { join, resolve } from 'node:path';
import process from 'node:process';
import { connect, type ListedAttempt } from 'coordinate-client';
import { report, sameNames, say } from '../common/checks.js';
import { Daemon } from '../common/daemon.js';
import { daemonProgram, type Example, ROOT } from '../common/example.js';
import { documentsUnder, sample, textsUnder } from '../common/files.js';
import { Crew } from './crew.js';
import { HELP, type Options, readOptions } from './options.js';
import { othersFinished, sameTables, tellStory } from './proof.js';
import { COUNT_WORDS, SIZE_CLASS, SPECS, WordCountQueue } from './queue.js';
import { addFile, countAlone, type Table, tableLines } from './table.js';
import { extensionOf } from './tasks.js';

const NODE_WORKER = join(import.meta.dirname, 'worker.js');
const PYTHON_WORKER = join(ROOT, 'examples/word-count/worker.py');

export const WORD_COUNT: Example = {
  name: 'word-count',
  help: HELP,
  prepare: (args) => {
    const options = readOptions(args);
    return options && (() => withDaemon(options));
  },
};

async function withDaemon(options: Options): Promise<boolean> {
  const { http, address } = options;
  if (http !== undefined) return run(options, http, address);
  const daemon = await Daemon.start(daemonProgram(), 'memory');
  try {
    return await run(options, daemon.http, daemon.address);
  } finally {
    await daemon.stop();
  }
}

async function run(options: Options, http: string, address: string): Promise<boolean> {
  const directory = resolve(options.directory ?? join(ROOT, 'node_modules'));
  const found = options.directory === undefined ? documentsUnder(directory) : textsUnder(directory);
  const paths = sample(found, options.files ?? found.length);
  const mode = options.kill ? ', one of which will be killed' : '';
  say(`${paths.length} files under ${directory}, ${options.workers} workers${mode}`);

  // The namespace of the empty name is the one that CBOR-RPC works in.
  const coordinate = connect(http);
  const queue = new WordCountQueue(coordinate);
  await queue.fill(directory, paths);
  const crew = new Crew(queue);
  for (let i = 0; i < options.workers; i++) {
    if (i < options.python) {
      const python = process.env.PYTHON ?? 'python3';
      crew.start('python', (id, parent) => [python, PYTHON_WORKER, address, id, parent, ...SPECS]);
    } else crew.start('node', (id, parent) => [process.execPath, NODE_WORKER, http, id, parent]);
  }
  const killed = await crew.finish(paths.length * 2, options.kill);

  const counted = await queue.finished(COUNT_WORDS);
  const classified = await queue.finished(SIZE_CLASS);
  const table: Table = new Map();
  for (const [name, data] of classified) {
    addFile(table, name.slice(0, name.indexOf('/')), Number(data.words), String(data.size_class));
  }
  say(['', ...tableLines(table), ''].join('\n'));

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
  const story = await tellStory(coordinate, crew.ids, paths.length * 2, killed?.id);
  if (story.takenOver.length > 0) say(storyLines(story.takenOver).join('\n'));
  coordinate.close();
  return report([...checks, ...story.checks, sameTables(table, countAlone(directory, paths))]);
}

function storyLines(attempts: readonly ListedAttempt[]): string[] {
  const lines = attempts.map(({ worker, status, startTime, endTime }) => {
    return `  ${String(worker).padEnd(26)}${status.padEnd(10)}${startTime.toISOString()} to ${endTime?.toISOString()}`;
  });
  const [{ spec, unit }] = attempts;
  return [`The attempts at ${String(unit)} of ${spec}:`, ...lines, ''];
}
