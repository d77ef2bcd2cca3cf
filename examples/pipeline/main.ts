/** The driver: see README.md in the folder above. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { connect } from 'coordinate-client';
import { report, sameCount, sameNames, say } from '../common/checks.js';
import { Daemon } from '../common/daemon.js';
import { daemonProgram, type Example, ROOT } from '../common/example.js';
import { sample, textsUnder } from '../common/files.js';
import { attemptsOf } from '../common/history.js';
import { WorkerProcess } from '../common/worker-process.js';
import { HELP, type Options, readOptions } from './options.js';
import { Pipeline } from './pipeline.js';
import { sameTotals, Story, sweptAround } from './proof.js';
import { COUNT, fill, NAMESPACE } from './specs.js';
import type { CountedPart } from './steps.js';
import { addCounts, countWords, partsOf, type Totals, totalsOf, type WordCounts } from './texts.js';

const WORKER = join(import.meta.dirname, 'worker.js');

export const PIPELINE: Example = {
  name: 'pipeline',
  help: HELP,
  prepare: (args) => {
    const options = readOptions(args);
    return options && (() => withDaemon(options));
  },
};

async function withDaemon(options: Options): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-pipeline-'));
  try {
    // PostgreSQL runs as another user where this is root's, and has to get to its own folder.
    chmodSync(folder, 0o711);
    const daemon = await Daemon.start(daemonProgram(), `embedded:${join(folder, 'state')}`);
    try {
      return await run(options, daemon);
    } finally {
      await daemon.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

async function run(options: Options, daemon: Daemon): Promise<boolean> {
  const directory = resolve(options.directory ?? join(ROOT, 'docs'));
  const found = textsUnder(directory);
  const paths = sample(found, options.files ?? found.length);
  if (paths.length === 0) throw new Error(`there are no text files under ${directory}`);
  const alone = countAlone(directory, paths, options.part);
  say(`${paths.length} files under ${directory} in ${alone.parts} parts, ${options.workers} workers`);

  const coordinate = connect(daemon.http, { namespace: NAMESPACE });
  const pipeline = new Pipeline(coordinate, alone.parts);
  const workers: WorkerProcess[] = [];
  const names = Array.from({ length: options.workers }, (_, i) => `worker-${i + 1}`);
  let killing: { readonly killed: Date; readonly startedAgain: Date } | undefined;
  try {
    await fill(coordinate, directory, paths, options);
    for (const name of names) {
      workers.push(WorkerProcess.start(name, [process.execPath, WORKER, daemon.http, name, String(options.flaky)]));
    }
    if (options.kill) {
      await pipeline.halfway();
      killing = await kill(daemon, pipeline);
    }
    await pipeline.merged();
    if (killing !== undefined) await pipeline.sweptSince(killing.startedAgain);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }

  const files = new Set<string>();
  for await (const { data } of coordinate.spec(COUNT).units<CountedPart>({ status: 'finished', include: 'data' })) {
    files.add(data!.file);
  }
  const [totals, slots] = [await pipeline.totals(), await pipeline.slots()];
  const story = new Story(await attemptsOf(coordinate, names));
  coordinate.close();
  say(['', ...totals.most.map(([word, count]) => `${word.padEnd(12)}${String(count).padStart(8)}`), ''].join('\n'));
  return report([
    sameNames('every file was split', [...files], paths),
    story.countedOnce(alone.parts),
    sameCount('all parts were merged', totals.parts, alone.parts),
    story.rested(),
    story.limited(options.rate),
    story.mergedLast(),
    story.sweptOnce(slots),
    ...(killing === undefined ? [] : [sweptAround(slots, killing.killed, killing.startedAgain)]),
    sameTotals(totals, alone.totals),
  ]);
}

/** Ends the daemon in the midst of its work, and starts it again on what it has left behind. */
async function kill(daemon: Daemon, pipeline: Pipeline): Promise<{ killed: Date; startedAgain: Date }> {
  const { pid } = daemon;
  await daemon.kill();
  const killed = new Date();
  pipeline.interrupt(`killed the daemon, process ${pid}, by SIGKILL`);
  await daemon.startAgain();
  pipeline.interrupt(`started it again, as process ${daemon.pid}`);
  return { killed, startedAgain: new Date() };
}

/** The same by this process alone, a file at a time, without any queue: what the workers' result has to equal. */
function countAlone(directory: string, paths: readonly string[], part: number): { parts: number; totals: Totals } {
  const counts: WordCounts = new Map();
  let parts = 0;
  for (const path of paths) {
    const text = readFileSync(join(directory, path));
    parts += partsOf(text, part).length;
    addCounts(counts, countWords(text.toString()));
  }
  return { parts, totals: totalsOf(counts) };
}
