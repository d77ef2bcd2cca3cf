import { useNavigate } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { STATUSES } from '../../components/CountsBar.js';
import { SearchField } from '../../components/Fields.js';
import { Button } from '../../components/Button.js';
import { compact, whole } from '../../format/numbers.js';
import { nameOf, shown } from '../../names.js';
import { countsQuery, failuresQuery } from '../../data/units.js';
import type { SpecPlace, UnitFilter } from '../../data/units.js';

/** How long one may pause while typing before it is looked for, in milliseconds. */
const PAUSE_MS = 300;

/** Which units one looks for. */
export function Filters({
  place,
  filter,
  onChange,
}: {
  readonly place: SpecPlace;
  readonly filter: UnitFilter;
  readonly onChange: (filter: UnitFilter) => void;
}) {
  const counts = useQuery(countsQuery(place)).data;
  const total = counts && STATUSES.reduce((sum, status) => sum + counts[status], 0);
  const chip = (status: UnitFilter['status'], count: number | undefined) => (
    <button
      key={status ?? 'all'}
      type="button"
      className="chip"
      aria-pressed={filter.status === status}
      title={count === undefined ? undefined : whole(count)}
      onClick={() => onChange({ ...filter, status, failure: status === 'failed' ? filter.failure : undefined })}
    >
      {status && <span className={`dot status-${status}`} aria-hidden="true" />}
      {status ?? 'all'} <span className="chip-count">{count === undefined ? '…' : compact(count)}</span>
    </button>
  );
  return (
    <search className="filters">
      <div className="bar" role="group" aria-label="By status">
        {chip(undefined, total)}
        {STATUSES.map((status) => chip(status, counts?.[status]))}
      </div>
      <div className="bar">
        <Typed
          label="Part of a name"
          value={filter.contains}
          onChange={(contains) => onChange({ ...filter, contains })}
        />
        <Typed
          label="Names that begin with"
          value={filter.prefix}
          onChange={(prefix) => onChange({ ...filter, prefix })}
        />
        {(counts?.failed !== 0 || filter.failure !== undefined) && (
          <Causes place={place} filter={filter} onChange={onChange} />
        )}
        <Jump place={place} />
        {filter.worker !== undefined && (
          <Button icon="cross" onClick={() => onChange({ ...filter, worker: undefined })}>
            held by <bdi className="name narrow">{shown(nameOf(filter.worker))}</bdi>
          </Button>
        )}
      </div>
    </search>
  );
}

function Causes({
  place,
  filter,
  onChange,
}: {
  readonly place: SpecPlace;
  readonly filter: UnitFilter;
  readonly onChange: (filter: UnitFilter) => void;
}) {
  const { data: failures = [] } = useQuery(failuresQuery(place));
  const isGone = filter.failure !== undefined && !failures.some(({ id }) => id === filter.failure);
  return (
    <label className="pick">
      <span className="sr-only">Cause of failure</span>
      <select
        value={filter.failure ?? ''}
        onChange={({ target: { value } }) =>
          onChange(value === '' ? { ...filter, failure: undefined } : { ...filter, status: 'failed', failure: value })
        }
      >
        <option value="">any cause</option>
        {isGone && <option value={filter.failure}>{filter.failure} (none now)</option>}
        {failures.map(({ id, cause, count }) => (
          <option key={id} value={id}>
            {whole(count)} × {shown(cause).slice(0, 120)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What is typed is looked for once one pauses. */
function Typed({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}) {
  const [text, setText] = useState(value ?? '');
  const asked = useRef(value);
  useEffect(() => {
    // The address changed by something else than what is typed here.
    if (asked.current !== value) setText(value ?? '');
    asked.current = value;
  }, [value]);
  useEffect(() => {
    const wanted = text === '' ? undefined : text;
    if (wanted === asked.current) return;
    const timer = setTimeout(() => {
      asked.current = wanted;
      onChange(wanted);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return <SearchField label={label} value={text} onChange={({ target }) => setText(target.value)} />;
}

/** Goes to a unit whose name one knows. */
function Jump({ place: { namespace, spec } }: { readonly place: SpecPlace }) {
  const [name, setName] = useState('');
  const navigate = useNavigate();
  return (
    <form
      className="bar"
      onSubmit={(event) => {
        event.preventDefault();
        if (name !== '')
          void navigate({ to: '/n/$namespace/units/$spec/$unit', params: { namespace, spec, unit: name } });
      }}
    >
      <SearchField label="Go to the unit called" value={name} onChange={({ target: { value } }) => setName(value)} />
    </form>
  );
}
