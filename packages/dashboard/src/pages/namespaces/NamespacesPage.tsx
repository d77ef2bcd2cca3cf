import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { CountsBar, totalOf } from '../../components/CountsBar.js';
import { Name } from '../../components/Name.js';
import { Num } from '../../components/Num.js';
import { Empty, When } from '../../components/states.js';
import type { Column } from '../../components/Table.js';
import { Table } from '../../components/Table.js';
import type { NamespaceTotals } from '../../data/namespaces.js';
import { namespacesQuery } from '../../data/namespaces.js';

const COLUMNS: readonly Column<NamespaceTotals>[] = [
  {
    id: 'name',
    title: 'Namespace',
    width: 'minmax(8rem, 2fr)',
    cell: ({ name }) => (
      <Link className="row-link" to="/n/$namespace" params={{ namespace: name }}>
        <Name of={name} />
      </Link>
    ),
  },
  { id: 'specs', title: 'Specs', width: '5rem', align: 'end', from: 34, cell: ({ specs }) => <Num value={specs} /> },
  { id: 'bar', title: 'Units', width: 'minmax(5rem, 2fr)', cell: ({ counts }) => <CountsBar counts={counts} /> },
  { id: 'all', title: 'All', width: '5.5rem', align: 'end', cell: ({ counts }) => <Num value={totalOf(counts)} /> },
  {
    id: 'available',
    title: 'Available',
    width: '6rem',
    align: 'end',
    from: 44,
    cell: ({ counts }) => <Num value={counts.available} />,
  },
  {
    id: 'pending',
    title: 'Pending',
    width: '6rem',
    align: 'end',
    from: 44,
    cell: ({ counts }) => <Num value={counts.pending} />,
  },
  {
    id: 'failed',
    title: 'Failed',
    width: '5.5rem',
    align: 'end',
    from: 26,
    cell: ({ counts }) => <Num value={counts.failed} tone="failed" />,
  },
];

/** The namespaces that one may read, with their totals. */
export function NamespacesPage() {
  const namespaces = useQuery(namespacesQuery);
  const navigate = useNavigate();
  return (
    <div className="page">
      <h1>Namespaces</h1>
      <When of={namespaces}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="There is no namespace yet">
              One is made with the first work spec in it. <a href="../docs">REST</a> has <code>POST /namespace</code>;
              workers of CBOR-RPC work in the one that <code>-namespace</code> names.
            </Empty>
          ) : (
            <Table
              label="Namespaces"
              columns={COLUMNS}
              count={all.length}
              rowAt={(at) => all[at]}
              keyOf={({ name }) => name}
              onOpen={({ name }) => void navigate({ to: '/n/$namespace', params: { namespace: name } })}
            />
          )
        }
      </When>
    </div>
  );
}
