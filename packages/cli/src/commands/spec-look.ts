import type { Coordinate, SpecStanding, UnitCounts } from 'coordinate-client';
import { exitCodeOf, ExitCode } from '../errors.js';
import type { Column } from '../output/table.js';
import type { Command } from '../table/command.js';
import { COUNT_COLUMNS, totalOf } from './counting.js';
import { NAMES } from './options.js';
import { CAUSES, standingsOf, STATE } from './standing.js';

/** A work spec, how many units it has in each status, and how it stands. */
type Row = UnitCounts & SpecStanding & { readonly name: string; readonly total: number };

const COLUMNS: readonly Column<Row>[] = [
  { title: 'work spec', value: ({ name }) => name },
  STATE,
  ...COUNT_COLUMNS,
  ...CAUSES,
];

const list: Command = {
  words: 'spec list',
  aliases: { summary: {}, work_specs: { names: true } },
  about: 'Lists work specs: how many units each has in which status, how it stands, and why.',
  more:
    'States: failing (more than a tenth of what ended in the last five minutes failed), starving (units are available, and nobody has ' +
    'taken any for five minutes), paused, limited (by max_running or rate_limit), blocked (it comes after others, which have work ' +
    'left), waiting (there is work for whoever asks), running, delayed, scheduled (nothing is left until its next slot), done, empty.',
  options: [NAMES, { name: 'all-namespaces', short: 'A', about: 'of all namespaces that the caller may read' }],
  examples: ['spec list', 'spec list -o json', 'spec list --names'],
  async run({ coordinate, out }, args) {
    if (args.has('all-namespaces')) {
      const columns = [
        { title: 'namespace', value: ({ namespace }: { readonly namespace: string }) => namespace },
        ...COLUMNS,
      ];
      return out.rows(columns, everywhere(coordinate));
    }
    if (args.has('names')) return out.names(coordinate.specs());
    return out.rows(COLUMNS, await rowsOf(coordinate));
  },
};

async function rowsOf(coordinate: Coordinate): Promise<Row[]> {
  return standingsOf(await coordinate.overview()).map(({ name, counts, state, nextSlot, why }) => {
    return { name, ...counts, total: totalOf(counts), state, nextSlot, why };
  });
}

/** Those of one namespace after another. One that is deleted meanwhile has none. */
async function* everywhere(coordinate: Coordinate): AsyncGenerator<Row & { readonly namespace: string }> {
  for await (const namespace of coordinate.namespaces()) {
    for (const row of await rowsOf(coordinate.in(namespace)).catch(noneIfGone)) yield { namespace, ...row };
  }
}

function noneIfGone(error: unknown): Row[] {
  if (exitCodeOf(error) === ExitCode.notFound) return [];
  throw error;
}

const show: Command = {
  words: 'spec show',
  aliases: { work_spec: { definition: true, 'usual-output': 'yaml' } },
  about: 'Shows a work spec: how it stands, its definition, its control values and its counts.',
  takes: 'SPEC',
  options: [{ name: 'definition', about: 'the definition alone, as `spec set -w` takes it' }],
  examples: ['spec show resize', 'spec show resize --definition -o yaml >resize.yaml'],
  async run({ coordinate, out }, args) {
    const spec = coordinate.spec(args.first);
    const definition = await spec.get();
    if (args.has('definition')) return out.record(definition);
    const [control, counts] = [await spec.meta(), await spec.counts()];
    const standing = standingsOf(await coordinate.overview()).find(({ name }) => name === args.first);
    return out.record({
      name: args.first,
      state: standing?.state,
      nextSlot: standing?.nextSlot,
      why: standing?.why,
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
