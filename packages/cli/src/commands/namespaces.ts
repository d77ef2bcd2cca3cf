import { counted, number } from '../output/progress.js';
import type { Column } from '../output/table.js';
import type { Command } from '../table/command.js';
import { COUNT_COLUMNS, countsByName } from './counting.js';
import { NAMES } from './options.js';

const NAME: Column<{ readonly name: string }> = { title: 'namespace', value: ({ name }) => name };

const list: Command = {
  words: 'namespace list',
  about: 'Lists the namespaces that the caller may read, and how many units each has.',
  options: [NAMES],
  async run({ coordinate, out }, args) {
    if (args.has('names')) return out.names(coordinate.namespaces());
    const names: string[] = [];
    for await (const name of coordinate.namespaces()) names.push(name);
    // Counted by namespace as work specs are by their names.
    const records = (await coordinate.summaryOfAll()).map((record) => ({ ...record, spec: record.namespace }));
    await out.rows([NAME, ...COUNT_COLUMNS], countsByName(names, records));
  },
};

const show: Command = {
  words: 'namespace show',
  about: 'Shows a namespace: its work specs, and how many units and workers there are.',
  takes: '[NAMESPACE]',
  async run({ coordinate, out }, args) {
    const here = coordinate.in(args.taken.length > 0 ? args.first : coordinate.namespace);
    const specs: string[] = [];
    for await (const name of here.specs()) specs.push(name);
    const records = await here.summary();
    const [units] = countsByName(
      [''],
      records.map((record) => ({ ...record, spec: '' })),
    );
    await out.record({ name: here.namespace, specs, counts: { ...units, name: undefined } });
  },
};

const create: Command = {
  words: 'namespace create',
  about: 'Makes a namespace. Whatever is made in it does that as well.',
  takes: 'NAMESPACE',
  async run({ coordinate, out }, args) {
    await coordinate.in(args.first).create();
    await out.told(`the namespace ${args.first} is there`, { name: args.first });
  },
};

const remove: Command = {
  words: 'namespace delete',
  aliases: { delete: {} },
  about: 'Destroys a namespace and all in it; without a name, the one that is worked in.',
  takes: '[NAMESPACE]',
  async run(session, args) {
    const { coordinate, out } = session;
    const here = coordinate.in(args.taken.length > 0 ? args.first : coordinate.namespace);
    const name = here.namespace;
    let specs = 0;
    for await (const spec of here.specs()) if (spec !== '') specs++;
    const units = (await here.summary()).reduce((sum, { count }) => sum + count, 0);
    const what = `everything in the namespace ${name === '' ? '""' : name}: ${counted(specs, 'work spec')}, ${counted(units, 'unit')}`;
    if (!(await session.confirmed(`delete ${what}`))) return;
    await here.destroy(session.change);
    await out.told(`the namespace ${name === '' ? '""' : name} is gone, with ${number(units)} units`, {
      name,
      specs,
      deleted: units,
    });
  },
};

export const NAMESPACES: readonly Command[] = [list, show, create, remove];
