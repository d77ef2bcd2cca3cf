import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { Badge } from '../../components/Badge.js';
import { Button } from '../../components/Button.js';
import { Name } from '../../components/Name.js';
import { Num } from '../../components/Num.js';
import type { Column } from '../../components/Table.js';
import { Span, Time } from '../../components/Time.js';
import type { WorkerRow } from '../../data/worker-tree.js';
import { heldQuery } from '../../data/workers.js';
import { bytes, count as countOf } from '../../format/numbers.js';
import { shown } from '../../names.js';

export function columnsFor(
  namespace: string,
  folded: ReadonlySet<string>,
  fold: (key: string) => void,
): readonly Column<WorkerRow>[] {
  return [
    {
      id: 'name',
      title: 'Worker',
      width: 'minmax(8rem, 2.4fr)',
      cell: ({ name, key, depth, children }) => (
        <span className="tree-name" style={{ paddingInlineStart: `${depth * 1.2}rem` }}>
          {children > 0 && (
            <Button
              kind="quiet"
              className="fold"
              icon={folded.has(key) ? 'right' : 'down'}
              label={`${countOf(children, 'child', 'children')} of ${shown(name)}`}
              aria-expanded={!folded.has(key)}
              onClick={() => fold(key)}
            />
          )}
          <Link
            className="row-link"
            to="/n/$namespace/workers/$worker"
            params={{ namespace, worker: name }}
            preload={false}
          >
            <Name of={name} />
          </Link>
        </span>
      ),
    },
    { id: 'state', title: 'State', width: '8.4rem', cell: (row) => <State row={row} /> },
    {
      id: 'holds',
      title: 'Holds',
      width: 'minmax(6rem, 2fr)',
      from: 30,
      cell: (row) =>
        row.units === 0 ? <span className="none">nothing</span> : <Holds namespace={namespace} row={row} />,
    },
    {
      id: 'done',
      title: 'Done last hour',
      width: '7rem',
      align: 'end',
      from: 36,
      cell: ({ done }) => <Num value={done} />,
    },
    {
      id: 'claim',
      title: 'Last given work',
      width: '8.8rem',
      align: 'end',
      from: 40,
      cell: ({ lastClaim }) => <Time at={lastClaim} none="never" />,
    },
    {
      id: 'life',
      title: 'Sign of life',
      width: '8.8rem',
      align: 'end',
      from: 50,
      cell: ({ lastUpdate }) => <Time at={lastUpdate} />,
    },
    {
      id: 'mode',
      title: 'Mode',
      width: 'minmax(4rem, 0.8fr)',
      from: 58,
      cell: ({ mode }) => <Told text={mode || undefined} />,
    },
    {
      id: 'host',
      title: 'Host',
      width: 'minmax(5rem, 1.2fr)',
      from: 66,
      cell: ({ host }) => <Told text={host} />,
    },
    {
      id: 'memory',
      title: 'Memory',
      width: '5rem',
      align: 'end',
      from: 74,
      cell: ({ memory }) => <Told text={memory === undefined ? undefined : bytes(memory)} />,
    },
  ];
}

function Told({ text }: { readonly text: string | undefined }) {
  return text === undefined ? <span className="none">–</span> : <bdi>{shown(text)}</bdi>;
}

export function State({
  row: { active, units, isIdle },
}: {
  readonly row: Pick<WorkerRow, 'active' | 'units' | 'isIdle'>;
}) {
  if (!active) return <Badge tone="calm" icon="cross" text="gone" title="It has said so, or has not been heard of" />;
  if (units > 0) return <Badge tone="pending" icon="play" text="working" />;
  if (isIdle)
    return (
      <Badge
        tone="warn"
        icon="alert"
        text="takes nothing"
        title="It lives, and has been given nothing for five minutes"
      />
    );
  return <Badge tone="finished" icon="check" text="ready" />;
}

/** The unit that it has held longest, and for how long. Only who is seen is asked. */
function Holds({ namespace, row: { name, units } }: { readonly namespace: string; readonly row: WorkerRow }) {
  const { data } = useQuery(heldQuery(namespace, name, 1));
  const first = data?.[0];
  return (
    <span className="tree-name">
      <Span from={first?.startTime} none="…" />
      {first && (
        <Link
          to="/n/$namespace/units/$spec/$unit"
          params={{ namespace, spec: first.spec, unit: first.unit }}
          preload={false}
          className="name"
        >
          <Name of={first.unit} />
        </Link>
      )}
      {units > 1 && <span className="muted">+{units - 1}</span>}
    </span>
  );
}
