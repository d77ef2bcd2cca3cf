import type { Name, UnitQuery, WorkUnitStatus } from 'coordinate-client';
import { FORMATS } from '../input/units.js';
import { bytesOfName } from '../input/names.js';
import type { Arguments } from '../table/arguments.js';
import type { Option } from '../table/command.js';

export const STATUSES = ['available', 'pending', 'finished', 'failed', 'delayed'] as const;

/** Historic workers call those blocked that wait for a time. */
export const STATUS: Option = {
  name: 'status',
  short: 's',
  value: 'STATUS',
  many: true,
  choices: [...STATUSES, 'blocked'],
  about: 'only those in this status',
};
export const LIMIT: Option = { name: 'limit', short: 'n', value: 'N', about: 'at most so many' };
export const PREVIOUS: Option = {
  name: 'previous',
  value: 'UNIT',
  about: 'only those whose names come after this one',
};
export const ENCODED: Option = { name: 'encoded', about: 'names are given as they stand in paths, which any bytes do' };
export const NAMES: Option = { name: 'names', about: 'names alone, each on a line' };

/** Which units of a work spec. */
export const QUERY: readonly Option[] = [
  STATUS,
  { name: 'failure', value: 'ID', about: 'only those that failed by this cause, which `failures` has' },
  { name: 'prefix', value: 'TEXT', about: 'only those whose names begin so' },
  { name: 'contains', value: 'TEXT', about: 'only those whose names have this in them' },
  { name: 'worker', value: 'WORKER', about: 'only those that this worker holds' },
  LIMIT,
  PREVIOUS,
  ENCODED,
];

/** Units to add. */
export const UNIT_FILE: readonly Option[] = [
  {
    name: 'units',
    short: 'u',
    value: 'FILE',
    about: 'file of units; - is the standard input, and what ends in .gz is compressed',
  },
  { name: 'format', value: 'FORMAT', choices: FORMATS, about: 'of the file, where its name does not say it' },
];

export function nameOf(text: string, args: Arguments): Name {
  return args.has('encoded') ? bytesOfName(text) : text;
}

/** What the options select; with names only those. @throws UsageError */
export function queryOf(args: Arguments, names: readonly string[]): UnitQuery {
  const [previous, worker, failure] = [args.text('previous'), args.text('worker'), args.text('failure')];
  const [prefix, contains] = [args.text('prefix'), args.text('contains')];
  const status = args.list('status').map((one) => (one === 'blocked' ? 'delayed' : one) as WorkUnitStatus);
  return {
    ...(names.length > 0 && { names: names.map((name) => nameOf(name, args)) }),
    ...(status.length > 0 && { status }),
    ...(failure !== undefined && { failure }),
    ...(prefix !== undefined && { prefix }),
    ...(contains !== undefined && { contains }),
    ...(worker !== undefined && { worker: nameOf(worker, args) }),
    ...(previous !== undefined && { previous: nameOf(previous, args) }),
    ...(args.text('limit') !== undefined && { limit: args.count('limit') }),
  };
}
