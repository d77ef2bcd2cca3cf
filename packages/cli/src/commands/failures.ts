import type { FailureCause } from 'coordinate-client';
import type { Column } from '../output/table.js';
import type { Command } from '../table/command.js';

const COLUMNS: readonly Column<FailureCause>[] = [
  { title: 'failure', value: ({ id }) => id },
  { title: 'units', value: ({ count }) => count, isNumber: true },
  { title: 'first', value: ({ first }) => first },
  { title: 'last', value: ({ last }) => last },
  { title: 'for example', value: ({ examples: [example] }) => example },
  { title: 'cause', value: ({ cause }) => cause },
];

export const failures: Command = {
  words: 'failures',
  about: 'Says why the units of a work spec have failed: the causes, those of most units first.',
  takes: 'SPEC',
  options: [{ name: 'limit', short: 'n', value: 'N', about: 'at most so many' }],
  more: '`unit list`, `retry`, `prioritize` and `delete` take a cause by --failure.',
  examples: ['failures resize', 'unit retry resize --failure 1a2b3c4d'],
  async run({ coordinate, out }, args) {
    await out.rows(COLUMNS, await coordinate.spec(args.first).failures({ limit: args.count('limit') }));
  },
};
