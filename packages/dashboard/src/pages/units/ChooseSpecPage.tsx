import { Link, useParams } from '@tanstack/react-router';
import { CountsBar, totalOf } from '../../components/CountsBar.js';
import { Name } from '../../components/Name.js';
import { Num } from '../../components/Num.js';
import { Empty, When } from '../../components/states.js';
import type { Column } from '../../components/Table.js';
import { Table } from '../../components/Table.js';
import type { WorkSpecOverview } from '../../data/overview.js';
import { useOverview } from '../../data/overview.js';

/** Units are those of a work spec: which one? */
export function ChooseSpecPage() {
  const { namespace } = useParams({ from: '/n/$namespace/units' });
  return (
    <div className="page">
      <h1>Units</h1>
      <When of={useOverview(namespace)} lines={10}>
        {({ specs }) =>
          specs.length === 0 ? (
            <Empty title="There is no work spec yet">
              Units are added to a work spec, which says what is done to them.
            </Empty>
          ) : (
            <Table
              label="Work specs whose units there are"
              columns={columnsFor(namespace)}
              count={specs.length}
              rowAt={(at) => specs[at]}
              keyOf={({ name }) => name}
            />
          )
        }
      </When>
    </div>
  );
}

function columnsFor(namespace: string): readonly Column<WorkSpecOverview>[] {
  return [
    {
      id: 'name',
      title: 'Work spec',
      width: 'minmax(7rem, 2fr)',
      cell: ({ name }) => (
        <Link className="row-link" to="/n/$namespace/units/$spec" params={{ namespace, spec: name }}>
          <Name of={name} />
        </Link>
      ),
    },
    {
      id: 'bar',
      title: 'By status',
      width: 'minmax(4rem, 2fr)',
      cell: ({ counts }) => <CountsBar counts={counts} />,
    },
    {
      id: 'all',
      title: 'Units',
      width: '5rem',
      align: 'end',
      cell: ({ counts }) => <Num value={totalOf(counts)} />,
    },
    {
      id: 'failed',
      title: 'Failed',
      width: '5rem',
      align: 'end',
      cell: ({ name, counts }) =>
        counts.failed === 0 ? (
          <Num value={0} />
        ) : (
          <Link to="/n/$namespace/units/$spec" params={{ namespace, spec: name }} search={{ status: 'failed' }}>
            <Num value={counts.failed} tone="failed" />
          </Link>
        ),
    },
  ];
}
