import { UsageError } from '../errors.js';
import { dataOf } from '../input/definition.js';
import type { Format } from '../input/units.js';
import { counted } from '../output/progress.js';
import type { Command } from '../table/command.js';
import { addFile, type More, unitWith } from './adding.js';
import { ENCODED, nameOf, UNIT_FILE } from './options.js';

export const add: Command = {
  words: 'unit add',
  aliases: { addwork: {} },
  about: 'Adds units to a work spec, or replaces those of their names.',
  takes: 'SPEC [UNIT…]',
  options: [
    ...UNIT_FILE,
    ENCODED,
    { name: 'data', short: 'd', value: 'JSON', about: 'the data of those that have none of their own' },
    { name: 'priority', value: 'N', about: 'higher runs first' },
    { name: 'delay', value: 'DURATION', about: 'not handed out before that has passed' },
  ],
  more:
    'A file of JSON lines has on each a name, a unit such as {"name": "a", "data": {}, "priority": 1, "delay": "1h"}, or, as ever, a map of names and data. ' +
    'YAML has a list of such units, a map of names and data, or a unit in each document. The first line of CSV names the columns; the column `name`, or else the first, ' +
    'has the names, the others become data. A file of names has one on each line. Any number of units takes no more memory than a few.',
  examples: [
    'unit add resize cat.jpg dog.jpg --data \'{"width": 640}\'',
    'unit add resize -u units.jsonl.gz',
    'unit list resize --names | coordinate unit add again -u - --format names',
  ],
  isPatient: true,
  async run(session, args) {
    const [name, ...names] = args.taken;
    const path = args.text('units');
    if (path === undefined && names.length === 0) throw new UsageError('unit add: name units, or a file of them by -u');
    const spec = session.coordinate.spec(name);
    const data = args.text('data');
    const more: More = {
      ...(data !== undefined && { data: dataOf(data) }),
      ...(args.text('priority') !== undefined && { priority: args.number('priority') }),
      ...(args.text('delay') !== undefined && { delay: args.duration('delay') }),
    };
    let added = 0;
    if (names.length > 0) {
      added += (
        await spec.add(
          names.map((unit) => unitWith(nameOf(unit, args), more)),
          { timeout: session.settings.timeout },
        )
      ).added;
    }
    if (path !== undefined) {
      const isMore = Object.keys(more).length > 0;
      added += await addFile(session, spec, path, args.text('format') as Format | undefined, isMore ? more : undefined);
    }
    await session.out.told(`${counted(added, 'unit')} added to ${name}`, { name, added });
  },
};
