import { Badge } from '../../components/Badge.js';
import { Icon } from '../../components/Icon.js';
import { When } from '../../components/states.js';
import type { Column } from '../../components/Table.js';
import { Table } from '../../components/Table.js';
import { Span, Time } from '../../components/Time.js';
import type { Daemon } from '../../data/daemons.js';
import { useDaemons } from '../../data/daemons.js';
import { shown } from '../../names.js';

/** All daemons on the storage, also those that were killed lately. */
export function Daemons() {
  const daemons = useDaemons();
  return (
    <section className="section" aria-label="Daemons on this storage">
      <h2>Daemons on this storage</h2>
      <When of={daemons} lines={2}>
        {(data) => <List daemons={data} />}
      </When>
    </section>
  );
}

function List({ daemons }: { readonly daemons: readonly Daemon[] }) {
  const versions = new Set(daemons.filter(({ isGone }) => isGone !== true).map(({ version }) => version));
  return (
    <>
      {versions.size > 1 && (
        <p className="warning">
          <Icon name="alert" />
          Daemons of several versions are at work: {[...versions].join(', ')}.
        </p>
      )}
      <Table
        label="Daemons"
        columns={COLUMNS}
        count={daemons.length}
        rowAt={(at) => daemons[at]}
        keyOf={({ id }) => id}
      />
    </>
  );
}

const COLUMNS: readonly Column<Daemon>[] = [
  {
    id: 'where',
    title: 'Machine, process',
    width: 'minmax(8rem, 2fr)',
    cell: ({ host, pid, id }) => (host === undefined ? id : `${shown(host)}, ${pid}`),
  },
  {
    id: 'state',
    title: 'State',
    width: '6rem',
    cell: ({ isGone }) =>
      isGone === undefined ? (
        <span className="none">not told</span>
      ) : isGone ? (
        <Badge tone="failed" icon="alert" text="gone" title="It was killed, or can not reach the storage" />
      ) : (
        <Badge tone="calm" icon="check" text="alive" />
      ),
  },
  { id: 'version', title: 'Version', width: '6rem', from: 26, cell: ({ version }) => version },
  {
    id: 'tables',
    title: 'Tables as of',
    width: 'minmax(8rem, 1fr)',
    from: 52,
    cell: ({ migration }) => migration?.replace(/\d+$/, '') ?? <span className="none">–</span>,
  },
  {
    id: 'up',
    title: 'Up for',
    width: '6rem',
    align: 'end',
    from: 40,
    cell: ({ openedAt, lastSign, isGone }) => <Span from={openedAt} to={isGone ? lastSign : undefined} />,
  },
  {
    id: 'life',
    title: 'Sign of life',
    width: '8rem',
    align: 'end',
    cell: ({ lastSign }) => <Time at={lastSign} none="not told" />,
  },
];
