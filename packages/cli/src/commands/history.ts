import type { HistorySpan } from 'coordinate-client';
import type { Column } from '../output/table.js';
import type { Command } from '../table/command.js';

const KINDS = ['added', 'claimed', 'finished', 'failed', 'retried', 'expired', 'released'] as const;

const mean = (count: number, seconds: number | undefined): number | undefined =>
  seconds === undefined || count === 0 ? undefined : seconds / count;

const COLUMNS: readonly Column<HistorySpan>[] = [
  { title: 'from', value: ({ start }) => start },
  ...KINDS.map((kind) => ({ title: kind, value: (span: HistorySpan) => span[kind], isNumber: true })),
  { title: 'waited s', value: ({ waited, claimed }) => mean(claimed, waited?.seconds), isNumber: true },
  {
    title: 'worked s',
    value: ({ worked }) => mean(worked?.buckets.reduce((sum, count) => sum + count, 0) ?? 0, worked?.seconds),
    isNumber: true,
  },
];

export const history: Command = {
  words: 'spec history',
  about: 'Says what happened to the work of a work spec, or of the namespace, span by span.',
  takes: '[SPEC]',
  options: [
    { name: 'since', value: 'DURATION', about: 'how far back; 1h where nothing is said' },
    { name: 'step', value: 'DURATION', about: 'how long a span is' },
  ],
  examples: ['spec history resize', 'spec history --since 2d --step 1h'],
  async run({ coordinate, out }, args) {
    const to = new Date();
    const from = new Date(to.getTime() - (args.duration('since') ?? 3_600_000));
    const of = args.taken.length > 0 ? coordinate.spec(args.first) : coordinate;
    const { spans } = await of.history({ from, to, step: args.duration('step') });
    await out.rows(COLUMNS, spans);
  },
};
