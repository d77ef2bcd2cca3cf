import type { UnitCounts } from 'coordinate-client';
import type { Command } from '../table/command.js';
import { COUNT_COLUMNS, countsByName, totalOf } from './counting.js';
import { NAMES } from './options.js';

const list: Command = {
  words: 'spec list',
  aliases: { summary: {}, work_specs: { names: true } },
  about: 'Lists work specs, and how many units each has in which status.',
  options: [NAMES, { name: 'all-namespaces', short: 'A', about: 'of all namespaces that the caller may read' }],
  examples: ['spec list', 'spec list -o json', 'spec list --names'],
  async run({ coordinate, out }, args) {
    if (args.has('all-namespaces')) {
      const rows = (await coordinate.summaryOfAll()).map(({ namespace, ...record }) => ({ namespace, record }));
      const spaces = [...new Set(rows.map(({ namespace }) => namespace))].sort();
      const counted = spaces.flatMap((namespace) => {
        const records = rows
          .filter((row) => row.namespace === namespace)
          .map(({ record }) => ({ namespace, ...record }));
        return countsByName([], records).map((counts) => ({ namespace, ...counts }));
      });
      const columns = [
        { title: 'namespace', value: (row: { namespace: string }) => row.namespace },
        { title: 'work spec', value: (row: { name: string }) => row.name },
        ...COUNT_COLUMNS,
      ];
      return out.rows(columns, counted);
    }
    if (args.has('names')) return out.names(coordinate.specs());
    const names: string[] = [];
    for await (const name of coordinate.specs()) names.push(name);
    const columns = [{ title: 'work spec', value: (row: { name: string }) => row.name }, ...COUNT_COLUMNS];
    return out.rows(columns, countsByName(names, await coordinate.summary()));
  },
};

const show: Command = {
  words: 'spec show',
  aliases: { work_spec: { definition: true, 'usual-output': 'yaml' } },
  about: 'Shows a work spec: its definition, its control values and its counts.',
  takes: 'SPEC',
  options: [{ name: 'definition', about: 'the definition alone, as `spec set -w` takes it' }],
  examples: ['spec show resize', 'spec show resize --definition -o yaml >resize.yaml'],
  async run({ coordinate, out }, args) {
    const spec = coordinate.spec(args.first);
    const definition = await spec.get();
    if (args.has('definition')) return out.record(definition);
    const [control, counts] = [await spec.meta(), await spec.counts()];
    return out.record({
      name: args.first,
      definition,
      control: { ...control, availableCount: undefined, pendingCount: undefined },
      counts: { ...counts, total: totalOf(counts) },
    });
  },
};

const counts: Command = {
  words: 'spec counts',
  aliases: { status: { 'usual-output': 'json' } },
  about: 'Counts the units of a work spec by their status.',
  takes: 'SPEC',
  examples: ['spec counts resize'],
  async run({ coordinate, out }, args) {
    const found: UnitCounts = await coordinate.spec(args.first).counts();
    await out.record({ ...found, total: totalOf(found) });
  },
};

export const SPEC_LOOKS: readonly Command[] = [list, show, counts];
