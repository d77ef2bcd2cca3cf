import type { Coordinate, ListedWorker, Name, WorkerRecord } from 'coordinate-client';
import { NotFoundError } from '../errors.js';
import type { Column } from '../output/table.js';
import type { Command } from '../table/command.js';
import { askedOfEach } from './each.js';
import { ENCODED, NAMES, nameOf } from './options.js';

const COLUMNS: readonly Column<ListedWorker>[] = [
  { title: 'worker', value: ({ name }) => name },
  { title: 'active', value: ({ active }) => active },
];
const DETAILS: readonly Column<WorkerRecord>[] = [
  { title: 'worker', value: ({ name }) => name },
  { title: 'active', value: ({ active }) => active },
  { title: 'mode', value: ({ mode }) => mode },
  { title: 'last update', value: ({ lastUpdate }) => lastUpdate },
  { title: 'parent', value: ({ parent }) => parent },
  { title: 'data', value: ({ data }) => data },
];

const list: Command = {
  words: 'worker list',
  aliases: { workers: {} },
  about: 'Lists the workers that are active.',
  options: [
    { name: 'all', short: 'a', about: 'those that are gone as well' },
    { name: 'details', about: 'with their mode and what they say of themselves, a request for each' },
    NAMES,
    { name: 'limit', short: 'n', value: 'N', about: 'at most so many' },
  ],
  async run({ coordinate, out }, args) {
    const workers = coordinate.workers({ active: !args.has('all'), limit: args.count('limit') });
    if (args.has('names')) return out.names(namesOf(workers));
    if (!args.has('details')) return out.rows(COLUMNS, workers);
    return out.rows(
      DETAILS,
      askedOfEach(workers, ({ name }) => coordinate.worker(name).get()),
    );
  },
};

async function* namesOf(workers: AsyncIterable<ListedWorker>): AsyncGenerator<ListedWorker['name']> {
  for await (const { name } of workers) yield name;
}

const show: Command = {
  words: 'worker show',
  about: 'Shows workers: what they say of themselves, and what they hold.',
  takes: 'WORKER…',
  options: [ENCODED],
  async run({ coordinate, out }, args) {
    for (const text of args.taken) {
      const name = nameOf(text, args);
      if (!(await isThere(coordinate, name))) throw new NotFoundError(`there is no worker ${text}`);
      const worker = coordinate.worker(name);
      const holds = [];
      for await (const { spec, unit, startTime } of worker.activeAttempts())
        holds.push({ spec, unit, since: startTime });
      await out.record({ ...(await worker.get()), holds });
    }
  },
};

/** To get a worker makes it: whether it is there is seen in the list. */
async function isThere(coordinate: Coordinate, name: Name): Promise<boolean> {
  const wanted = Buffer.from(name);
  for await (const worker of coordinate.workers()) if (wanted.equals(Buffer.from(worker.name))) return true;
  return false;
}

const counts: Command = {
  words: 'worker counts',
  aliases: { mode_counts: {} },
  about: 'Counts the active workers by their mode, a request for each.',
  async run({ coordinate, out }) {
    const modes = new Map<string, number>();
    const workers = askedOfEach(coordinate.workers({ active: true }), ({ name }) => coordinate.worker(name).get());
    for await (const { mode } of workers) modes.set(mode, (modes.get(mode) ?? 0) + 1);
    const rows = [...modes].sort().map(([mode, count]) => ({ mode, count }));
    const columns: Column<(typeof rows)[number]>[] = [
      { title: 'mode', value: ({ mode }) => mode },
      { title: 'workers', value: ({ count }) => count, isNumber: true },
    ];
    await out.rows(columns, rows);
  },
};

export const WORKERS: readonly Command[] = [list, show, counts];
