import { Link } from '@tanstack/react-router';
import { StatusBadge } from '../../components/Badge.js';
import { Name } from '../../components/Name.js';
import type { Column } from '../../components/Table.js';
import { Span, Time } from '../../components/Time.js';
import type { ListedUnit, SpecPlace } from '../../data/units.js';
import { shown } from '../../names.js';

interface Asked {
  readonly place: SpecPlace;
  readonly isSelected: (unit: ListedUnit) => boolean;
  readonly select: (unit: ListedUnit) => void;
  readonly mayChange: boolean;
  readonly all: { readonly isAll: boolean; readonly set: (isAll: boolean) => void };
}

export function columnsFor({ place, isSelected, select, mayChange, all }: Asked): readonly Column<ListedUnit>[] {
  const choice: Column<ListedUnit> = {
    id: 'choice',
    title: (
      <input
        type="checkbox"
        aria-label="All that match"
        checked={all.isAll}
        onChange={({ target }) => all.set(target.checked)}
      />
    ),
    width: '1.2rem',
    cell: (unit) => (
      <input
        type="checkbox"
        aria-label={`Select ${shown(unit.name)}`}
        checked={isSelected(unit)}
        onChange={() => select(unit)}
      />
    ),
  };
  const rest: readonly Column<ListedUnit>[] = [
    {
      id: 'name',
      title: 'Unit',
      width: 'minmax(7rem, 3fr)',
      cell: ({ name }) => (
        <Link
          className="row-link"
          to="/n/$namespace/units/$spec/$unit"
          params={{ ...place, unit: name }}
          preload={false}
        >
          <Name of={name} />
        </Link>
      ),
    },
    {
      id: 'status',
      title: 'Status',
      width: '6rem',
      cell: ({ status }) => status && <StatusBadge status={status} />,
    },
    {
      id: 'why',
      title: 'Why',
      width: 'minmax(6rem, 3fr)',
      from: 50,
      cell: ({ attempt, status }) =>
        status === 'failed' && attempt?.traceback !== undefined ? (
          <bdi className="muted" title={attempt.traceback.slice(0, 2_000)}>
            {shown(tellingLine(attempt.traceback)).slice(0, 300)}
          </bdi>
        ) : null,
    },
    {
      id: 'worker',
      title: 'Worker',
      width: 'minmax(5rem, 1.4fr)',
      from: 36,
      cell: ({ attempt }) =>
        attempt && (
          <Link to="/n/$namespace/workers/$worker" params={{ namespace: place.namespace, worker: attempt.worker }}>
            <Name of={attempt.worker} />
          </Link>
        ),
    },
    {
      id: 'took',
      title: 'Took',
      width: '5rem',
      align: 'end',
      from: 44,
      cell: ({ attempt }) => attempt && <Span from={attempt.startTime} to={attempt.endTime} />,
    },
    {
      id: 'when',
      title: 'Last',
      width: '8.8rem',
      align: 'end',
      from: 30,
      cell: ({ attempt }) => attempt && <Time at={attempt.endTime ?? attempt.startTime} />,
    },
  ];
  return mayChange ? [choice, ...rest] : rest;
}

/** The line of a traceback that says what went wrong: the last one of Python's, the first one of others. */
function tellingLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const isPython = lines[0]?.startsWith('Traceback') ?? false;
  return (isPython ? lines.at(-1) : lines[0])?.trim() ?? '';
}
