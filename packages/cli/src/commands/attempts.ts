import type { ListedAttempt } from 'coordinate-client';
import { NotFoundError, UsageError } from '../errors.js';
import type { Column } from '../output/table.js';
import type { Command } from '../table/command.js';
import { ENCODED, nameOf } from './options.js';

type Row = Pick<ListedAttempt, 'spec' | 'unit' | 'worker' | 'start' | 'status' | 'startTime' | 'endTime'>;

const COLUMNS: readonly Column<Row>[] = [
  { title: 'work spec', value: ({ spec }) => spec },
  { title: 'unit', value: ({ unit }) => unit },
  { title: 'worker', value: ({ worker }) => worker },
  { title: 'status', value: ({ status }) => status },
  { title: 'began', value: ({ startTime }) => startTime },
  { title: 'ended', value: ({ endTime }) => endTime },
  { title: 'start', value: ({ start }) => start },
];

const list: Command = {
  words: 'attempt list',
  about: 'Lists attempts, oldest first: those at a unit, or those of a worker.',
  takes: '[SPEC] [UNIT]',
  options: [
    { name: 'worker', value: 'WORKER', about: 'of this worker' },
    { name: 'active', about: 'of a worker, those that are pending' },
    { name: 'children', about: 'of a worker, those of its children that are pending' },
    { name: 'limit', short: 'n', value: 'N', about: 'at most so many' },
    ENCODED,
  ],
  examples: ['attempt list resize cat.jpg', 'attempt list --worker w1 --active'],
  async run({ coordinate, out }, args) {
    const [spec, unit] = args.taken;
    const [worker, limit] = [args.text('worker'), args.count('limit')];
    if ((worker === undefined) === (unit === undefined))
      throw new UsageError('attempt list: either SPEC and UNIT, or --worker');
    if (worker === undefined) {
      return out.rows(COLUMNS, rowsOf(coordinate.spec(spec).unit(nameOf(unit, args)).attempts({ limit })));
    }
    const of = coordinate.worker(nameOf(worker, args));
    if (args.has('children')) return out.rows(COLUMNS, rowsOf(of.childAttempts({ limit })));
    return out.rows(COLUMNS, rowsOf(args.has('active') ? of.activeAttempts({ limit }) : of.allAttempts({ limit })));
  },
};

/** What attempts say of themselves, without what can be done with them. */
async function* rowsOf(attempts: AsyncIterable<ListedAttempt>): AsyncGenerator<Row> {
  for await (const { spec, unit, worker, start, status, startTime, endTime } of attempts) {
    yield { spec, unit, worker, start, status, startTime, endTime };
  }
}

const show: Command = {
  words: 'attempt show',
  about: 'Shows an attempt with its data; without START, the last one at the unit.',
  takes: 'SPEC UNIT [WORKER] [START]',
  options: [ENCODED],
  examples: ['attempt show resize cat.jpg'],
  async run({ coordinate, out }, args) {
    const [spec, unitName, worker, start] = args.taken;
    const unit = nameOf(unitName, args);
    if (worker !== undefined && start === undefined) throw new UsageError('attempt show: WORKER and START go together');
    const attempt =
      start === undefined
        ? await (await lastOf(coordinate.spec(spec).unit(unit).attempts(), unitName)).get()
        : await coordinate.attempt({ spec, unit, worker: nameOf(worker, args), start });
    const { status, startTime, endTime, expiration, data } = attempt;
    const traceback = (data as { traceback?: unknown }).traceback;
    await out.record({
      spec,
      unit,
      worker: attempt.worker,
      start: attempt.start,
      status,
      startTime,
      endTime,
      expiration,
      data,
      traceback,
    });
  },
};

async function lastOf(attempts: AsyncIterable<ListedAttempt>, unit: string): Promise<ListedAttempt> {
  let last: ListedAttempt | undefined;
  for await (const attempt of attempts) last = attempt;
  if (last) return last;
  throw new NotFoundError(`there has been no attempt at ${unit}`);
}

export const ATTEMPTS: readonly Command[] = [list, show];
