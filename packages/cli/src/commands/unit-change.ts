import type { UnitQuery } from 'coordinate-client';
import { NotFoundError, UsageError } from '../errors.js';
import { counted } from '../output/progress.js';
import type { Command } from '../table/command.js';
import { countOf } from './counting.js';
import { QUERY, queryOf } from './options.js';
import { edit } from './unit-edit.js';

const retry: Command = {
  words: 'unit retry',
  aliases: { retry: {} },
  about: 'Makes failed units available again, or finished ones.',
  takes: 'SPEC [UNIT…]',
  options: [...QUERY, { name: 'all', short: 'a', about: 'all that have failed' }],
  more: 'Without names, --all or --status says that all are meant. With --status finished, units that are done are done again.',
  examples: ['unit retry resize cat.jpg', 'unit retry resize --all', 'unit retry resize --status finished'],
  async run(session, args) {
    const { coordinate, out } = session;
    const [name, ...names] = args.taken;
    const query = queryOf(args, names);
    if (Object.keys(query).length === 0 && !args.has('all')) {
      throw new UsageError('unit retry: name units, or say --all');
    }
    const status = retryable(query);
    const spec = coordinate.spec(name);
    const isDone = status === 'finished';
    if (
      isDone &&
      !(await session.confirmed(`do ${counted(await countOf(spec, query), 'finished unit')} of ${name} again`))
    )
      return;
    const retried = await spec.retry({ ...query, status, ...session.change });
    await out.told(`${counted(retried, 'unit')} of ${name} retried`, { name, retried });
    if (names.length > 0 && retried === 0) throw new NotFoundError('none of them has failed, or none is there');
  },
};

/** Of which status units are made available again. @throws UsageError */
function retryable({ status = 'failed' }: UnitQuery): 'failed' | 'finished' {
  const [one, ...others] = [status].flat();
  if (others.length === 0 && (one === 'failed' || one === 'finished')) return one;
  throw new UsageError('unit retry: units that failed are retried, or those that are finished');
}

const prioritize: Command = {
  words: 'unit prioritize',
  aliases: { prioritize: {} },
  about: 'Has units done before others, or after them.',
  takes: 'SPEC [UNIT…]',
  options: [
    ...QUERY,
    { name: 'priority', short: 'p', value: 'N', about: 'the priority that they get; 1 where nothing is said' },
    { name: 'adjust', value: 'N', about: 'how much is added to theirs; --adjust=-5 takes away' },
    { name: 'all', short: 'a', about: 'all units of the work spec' },
  ],
  examples: ['unit prioritize resize cat.jpg', 'unit prioritize resize --status available --priority 10'],
  async run(session, args) {
    const [name, ...names] = args.taken;
    const query = queryOf(args, names);
    const [priority, adjust] = [args.number('priority'), args.number('adjust')];
    if (priority !== undefined && adjust !== undefined) throw new UsageError('either --priority or --adjust');
    if (Object.keys(query).length === 0 && !args.has('all')) {
      throw new UsageError('unit prioritize: name units, or say --all');
    }
    const spec = session.coordinate.spec(name);
    const units = await countOf(spec, query);
    if (adjust === undefined) await spec.setPriority(priority ?? 1, { ...query, ...session.change });
    else await spec.adjustPriority(adjust, { ...query, ...session.change });
    await session.out.told(`the priority of ${counted(units, 'unit')} of ${name} is changed`, { name, changed: units });
    if (names.length > 0 && units === 0) throw new NotFoundError('none of them is there');
  },
};

const remove: Command = {
  words: 'unit delete',
  aliases: { clear: { all: true } },
  about: 'Deletes units of a work spec.',
  takes: 'SPEC [UNIT…]',
  options: [...QUERY, { name: 'all', short: 'a', about: 'all units of the work spec' }],
  more: 'Called clear it means all units where none are named, as it did.',
  examples: ['unit delete resize cat.jpg', 'unit delete resize --status finished --yes'],
  async run(session, args) {
    const [name, ...names] = args.taken;
    const query = queryOf(args, names);
    if (Object.keys(query).length === 0 && !args.has('all')) {
      throw new UsageError('unit delete: name units, or say --status, or --all');
    }
    const spec = session.coordinate.spec(name);
    const units = await countOf(spec, query);
    const what = `delete ${counted(units, 'unit')} of ${name}`;
    if (units > 0 && !(await session.confirmed(what))) return;
    const deleted = await spec.deleteUnits({ ...query, ...session.change });
    await session.out.told(`${counted(deleted, 'unit')} of ${name} deleted`, { name, deleted });
    if (names.length > 0 && deleted === 0) throw new NotFoundError('none of them is there');
  },
};

const cancel: Command = {
  words: 'unit cancel',
  about: 'Stops what workers are at: the units fail, or are given back.',
  takes: 'SPEC [UNIT…]',
  options: [
    ...QUERY,
    { name: 'reason', value: 'TEXT', about: 'why: the cause of the failures is "cancelled: TEXT"' },
    { name: 'release', about: 'the units are given back; else they fail' },
    { name: 'all', short: 'a', about: 'all that are pending' },
  ],
  more: 'Nothing that the workers say of these units afterwards counts.',
  examples: ['unit cancel resize cat.jpg --reason "wrong size"', 'unit cancel resize --worker me --release --yes'],
  async run(session, args) {
    const [name, ...names] = args.taken;
    const query = { ...queryOf(args, names) };
    if (Object.keys(query).length === 0 && !args.has('all')) {
      throw new UsageError('unit cancel: name units, or say --worker, or --all');
    }
    if ([query.status ?? []].flat().some((status) => status !== 'pending')) {
      throw new UsageError('unit cancel: units that are pending are cancelled');
    }
    const spec = session.coordinate.spec(name);
    const pending: UnitQuery = { ...query, status: 'pending' };
    const units = await countOf(spec, pending);
    const release = args.has('release');
    const what = `${release ? 'give back' : 'fail'} ${counted(units, 'pending unit')} of ${name}`;
    if (units > 0 && !(await session.confirmed(what))) return;
    const cancelled =
      units === 0 ? 0 : await spec.cancel({ ...pending, reason: args.text('reason'), release, ...session.change });
    await session.out.told(`${counted(cancelled, 'unit')} of ${name} cancelled`, { name, cancelled });
    if (names.length > 0 && cancelled === 0) throw new NotFoundError('none of them is pending, or none is there');
  },
};

export const UNIT_CHANGES: readonly Command[] = [retry, prioritize, cancel, edit, remove];
