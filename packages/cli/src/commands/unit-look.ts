import type { ListedUnit, UnitListOptions } from 'coordinate-client';
import type { Column } from '../output/table.js';
import type { Command } from '../table/command.js';
import { ENCODED, NAMES, nameOf, QUERY, queryOf } from './options.js';

const COLUMNS: readonly Column<ListedUnit>[] = [
  { title: 'unit', value: ({ name }) => name },
  { title: 'status', value: ({ status }) => status },
  { title: 'worker', value: ({ attempt }) => attempt?.worker },
  { title: 'since', value: ({ attempt }) => attempt?.startTime },
  { title: 'why', value: ({ attempt }) => attempt?.traceback?.trimEnd().split('\n').at(-1) },
];
const DATA: Column<ListedUnit> = { title: 'data', value: ({ data }) => data };

const list: Command = {
  words: 'unit list',
  aliases: { work_units: { names: true }, failed: { status: 'failed' } },
  about: 'Lists units of a work spec by name, with their status and who does or did them.',
  takes: 'SPEC [UNIT…]',
  options: [...QUERY, NAMES, { name: 'details', about: 'with their data' }],
  examples: ['unit list resize --status failed', 'unit list resize -n 10 --details -o yaml'],
  async run({ coordinate, out }, args) {
    const isDetailed = args.has('details');
    const spec = coordinate.spec(args.first);
    const query = queryOf(args, args.rest);
    if (args.has('names') && !isDetailed && out.form === 'table') return out.names(namesOf(spec.units(query)));
    const include: UnitListOptions['include'] = isDetailed ? ['attempt', 'data'] : 'attempt';
    return out.rows(isDetailed ? [...COLUMNS, DATA] : COLUMNS, spec.units({ ...query, include }));
  },
};

async function* namesOf(units: AsyncIterable<ListedUnit>): AsyncGenerator<ListedUnit['name']> {
  for await (const { name } of units) yield name;
}

const show: Command = {
  words: 'unit show',
  aliases: { work_unit: {} },
  about: 'Shows units: their data, status, and the attempts at them.',
  takes: 'SPEC UNIT…',
  options: [ENCODED],
  examples: ['unit show resize cat.jpg'],
  async run({ coordinate, out }, args) {
    for (const text of args.rest) {
      const unit = coordinate.spec(args.first).unit(nameOf(text, args));
      const record = { ...(await unit.get()), activeAttempt: undefined };
      const attempts = [];
      for await (const { worker, start, startTime, endTime, status } of unit.attempts()) {
        attempts.push({ worker, start, status, startTime, endTime });
      }
      const [last] = attempts.slice(-1);
      const worker = record.status === 'available' ? undefined : last?.worker;
      const { data } = record;
      await out.record({ ...record, worker, traceback: (data as { traceback?: unknown }).traceback, attempts });
    }
  },
};

export const UNIT_LOOKS: readonly Command[] = [list, show];
