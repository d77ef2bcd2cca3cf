import { Link } from '@tanstack/react-router';
import { Badge } from '../../components/Badge.js';
import { CountsBar, totalOf } from '../../components/CountsBar.js';
import { Name } from '../../components/Name.js';
import { Num } from '../../components/Num.js';
import { Sparkline } from '../../components/Sparkline.js';
import type { Column } from '../../components/Table.js';
import { Span } from '../../components/Time.js';
import { useLastHour } from '../../data/history.js';
import type { WorkSpecOverview } from '../../data/overview.js';
import { rate } from '../../format/numbers.js';
import { rankOf, stateOf, STATES } from './spec-state.js';

type Spec = WorkSpecOverview;

/** What specs may be sorted by: a number or text of each. */
export const SORTS: Readonly<Record<string, (spec: Spec) => number | string>> = {
  name: ({ name }) => name,
  state: (spec) => rankOf(stateOf(spec)),
  all: ({ counts }) => totalOf(counts),
  available: ({ counts }) => counts.available,
  pending: ({ counts }) => counts.pending,
  failed: ({ counts }) => counts.failed,
  rate: ({ rates }) => rates.lastMinute.finished,
  oldest: ({ oldestAvailable }) => -(oldestAvailable?.getTime() ?? Infinity),
  left: ({ drainedAt }) => drainedAt?.getTime() ?? 0,
  workers: ({ workers }) => workers,
};

/** @param namespace of the specs */
export function columnsFor(namespace: string): readonly Column<Spec>[] {
  return [
    {
      id: 'name',
      title: 'Work spec',
      width: 'minmax(7.5rem, 2.2fr)',
      sortable: true,
      cell: ({ name }) => (
        <Link className="row-link" to="/n/$namespace/spec/$spec" params={{ namespace, spec: name }}>
          <Name of={name} />
        </Link>
      ),
    },
    {
      id: 'state',
      title: 'State',
      width: '6.8rem',
      sortable: true,
      from: 24,
      cell: (spec) => {
        const state = stateOf(spec);
        return <Badge {...STATES[state]} text={state} />;
      },
    },
    {
      id: 'all',
      title: 'Units',
      width: 'minmax(4.5rem, 1.8fr)',
      sortable: true,
      cell: ({ counts }) => <CountsBar counts={counts} />,
    },
    {
      id: 'available',
      title: 'Available',
      width: '5.4rem',
      align: 'end',
      sortable: true,
      from: 46,
      cell: ({ counts }) => <Num value={counts.available} />,
    },
    {
      id: 'pending',
      title: 'Pending',
      width: '5rem',
      align: 'end',
      sortable: true,
      from: 52,
      cell: ({ counts }) => <Num value={counts.pending} />,
    },
    {
      id: 'failed',
      title: 'Failed',
      width: '4.4rem',
      align: 'end',
      sortable: true,
      cell: ({ counts }) => <Num value={counts.failed} tone="failed" />,
    },
    {
      id: 'rate',
      title: 'Done/s',
      width: '4.6rem',
      align: 'end',
      sortable: true,
      from: 36,
      cell: ({ rates }) => <Rate value={rates.lastMinute.finished} />,
    },
    {
      id: 'hour',
      title: 'Last hour',
      width: 'minmax(5rem, 8rem)',
      from: 66,
      cell: ({ name }) => <LastHour namespace={namespace} spec={name} />,
    },
    {
      id: 'oldest',
      title: 'Oldest',
      width: '5.6rem',
      align: 'end',
      sortable: true,
      from: 60,
      cell: ({ oldestAvailable }) => <Span from={oldestAvailable} />,
    },
    {
      id: 'left',
      title: 'Time left',
      width: '5.6rem',
      align: 'end',
      sortable: true,
      from: 40,
      cell: ({ drainedAt }) => <Span to={drainedAt} />,
    },
    {
      id: 'workers',
      title: 'Workers',
      width: '4.8rem',
      align: 'end',
      sortable: true,
      from: 56,
      cell: ({ workers }) => <Num value={workers} />,
    },
  ];
}

function Rate({ value }: { readonly value: number }) {
  return <span className={value === 0 ? 'none' : undefined}>{rate(value)}</span>;
}

function LastHour({ namespace, spec }: { readonly namespace: string; readonly spec: string }) {
  return <Sparkline values={useLastHour(namespace, spec)} what="finished" />;
}
