import type { WorkSpecHandle } from 'coordinate-client';
import { NoSuchWorkSpecError } from 'coordinate-client';
import { messageOf, UsageError } from '../errors.js';
import { type Definition, nameIn, readDefinition, valueOf } from '../input/definition.js';
import { counted } from '../output/progress.js';
import type { Command } from '../table/command.js';
import { countOf } from './counting.js';

const set: Command = {
  words: 'spec set',
  about: 'Makes a work spec, or gives it another definition.',
  takes: '[SPEC] [KEY=VALUE…]',
  options: [
    {
      name: 'work-spec',
      short: 'w',
      value: 'FILE',
      about: 'YAML or JSON with the definition; - is the standard input',
    },
  ],
  more:
    'With -w, the definition is that of the file, else the one that the work spec has, if there is one; what KEY=VALUE says comes on top. ' +
    'VALUE is YAML, or JSON; null takes a key away. All control values are set anew from the definition: what pause and the like changed is over.',
  examples: ['spec set resize max_retries=3', 'spec set -w resize.yaml', "spec set resize 'config={threads: 4}'"],
  async run({ coordinate, out }, args) {
    const path = args.text('work-spec');
    const given = path === undefined ? undefined : readDefinition(path);
    const [first = ''] = args.taken;
    const isNamed = args.text('work-spec-name') !== undefined || (first !== '' && !first.includes('='));
    if (!isNamed && given === undefined) throw new UsageError('spec set: SPEC is missing');
    const name = isNamed ? first : nameIn(given!, path!);
    const spec = coordinate.spec(name);
    const definition: Record<string, unknown> = { ...(given ?? (await presentOf(spec))), name };
    for (const pair of isNamed ? args.rest : args.taken) setOne(definition, pair);
    await spec.set(definition);
    await out.told(`${name} is set`, { name, definition });
  },
};

async function presentOf(spec: WorkSpecHandle): Promise<Definition> {
  try {
    return await spec.get();
  } catch (error) {
    if (error instanceof NoSuchWorkSpecError) return {};
    throw error;
  }
}

function setOne(definition: Record<string, unknown>, pair: string): void {
  const at = pair.indexOf('=');
  if (at < 1) throw new UsageError(`spec set: not KEY=VALUE: ${pair}`);
  const key = pair.slice(0, at);
  try {
    const value = valueOf(pair.slice(at + 1));
    if (value === null) delete definition[key];
    else Object.defineProperty(definition, key, { value, enumerable: true, configurable: true, writable: true });
  } catch (error) {
    throw new UsageError(`spec set: ${key}: ${messageOf(error)}`);
  }
}

const remove: Command = {
  words: 'spec delete',
  about: 'Deletes a work spec and all its units.',
  takes: 'SPEC',
  examples: ['spec delete resize', 'spec delete resize --yes'],
  async run(session, args) {
    const name = args.first;
    const spec = session.coordinate.spec(name);
    const units = await countOf(spec, {});
    if (!(await session.confirmed(`delete the work spec ${name} and its ${counted(units, 'unit')}`))) return;
    await spec.delete(session.change);
    await session.out.told(`${name} is deleted, with ${counted(units, 'unit')}`, { name, deleted: units });
  },
};

const pause: Command = {
  words: 'spec pause',
  aliases: { pause: {} },
  about: 'Hands out no more units of work specs; what is pending goes on.',
  takes: 'SPEC…',
  async run({ coordinate, out }, args) {
    for (const name of args.taken) {
      await coordinate.spec(name).pause();
      await out.told(`${name} is paused`, { name, paused: true });
    }
  },
};

const resume: Command = {
  words: 'spec resume',
  aliases: { resume: {} },
  about: 'Hands out units of work specs again.',
  takes: 'SPEC…',
  async run({ coordinate, out }, args) {
    for (const name of args.taken) {
      await coordinate.spec(name).resume();
      await out.told(`${name} is resumed`, { name, paused: false });
    }
  },
};

const run: Command = {
  words: 'spec run',
  about:
    'Runs the schedules of work specs now: makes a unit of each as a slot does, whatever there is still to be done.',
  takes: 'SPEC…',
  examples: ['spec run nightly'],
  async run({ coordinate, out, change }, args) {
    for (const name of args.taken) {
      const unit = await coordinate.spec(name).runSchedule(change);
      await out.told(`${name} has the unit ${unit} now`, { name, unit });
    }
  },
};

export const SPEC_CHANGES: readonly Command[] = [set, remove, pause, resume, run];
