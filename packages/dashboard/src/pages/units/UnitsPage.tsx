import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../components/Button.js';
import { Name } from '../../components/Name.js';
import { useMay } from '../../data/viewer.js';
import type { UnitFilter } from '../../data/units.js';
import type { UnitsSearch } from '../../router.js';
import { AddUnits } from './AddUnits.js';
import { Filters } from './Filters.js';
import { UnitList } from './UnitList.js';

const FROM = '/n/$namespace/units/$spec';

/** The units of a work spec: those that one looks for, and what can be done to them. */
export function UnitsPage() {
  const { namespace, spec } = useParams({ from: FROM });
  const { row, from, ...filter } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const may = useMay(namespace);
  const [dropped, setDropped] = useState<File | 'none'>();
  const change = (to: UnitFilter): void => {
    void navigate({ to: '.', search: { ...filter, ...to }, replace: true, resetScroll: false });
  };
  const place = { namespace, spec };
  return (
    <div
      className="page"
      onDragOver={(event) => may('submit') && event.preventDefault()}
      onDrop={(event) => {
        const [file] = event.dataTransfer.files;
        if (file === undefined || !may('submit')) return;
        event.preventDefault();
        setDropped(file);
      }}
    >
      <div className="page-head">
        <h1 className="path">
          <Link to="/n/$namespace/units" params={{ namespace }}>
            Units
          </Link>
          <span className="muted" aria-hidden="true">
            of
          </span>
          <Name of={spec} />
        </h1>
        <span className="spacer" />
        {may('submit') && <Button onClick={() => setDropped('none')}>Add units</Button>}
      </div>
      <Filters key={spec} place={place} filter={filter} onChange={change} />
      <UnitList
        key={JSON.stringify([place, filter])}
        place={place}
        filter={filter}
        start={{ row: (row ?? 1) - 1, from }}
        onMove={(to: Pick<UnitsSearch, 'row' | 'from'>) => {
          const search = (before: UnitsSearch): UnitsSearch => ({ ...before, ...to });
          void navigate({ to: '.', search, replace: true, resetScroll: false });
        }}
        mayChange={may('submit')}
      />
      {dropped !== undefined && (
        <AddUnits place={place} file={dropped === 'none' ? undefined : dropped} onClose={() => setDropped(undefined)} />
      )}
    </div>
  );
}
