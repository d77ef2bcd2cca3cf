import { Link, useParams } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import type { RawCbor, WorkUnitRecord } from 'coordinate-client';
import { useMemo } from 'react';
import { StatusBadge } from '../../components/Badge.js';
import { DataTree } from '../../components/DataTree.js';
import { Name } from '../../components/Name.js';
import { When } from '../../components/states.js';
import { Time } from '../../components/Time.js';
import type { UnitPlace } from '../../data/unit.js';
import { unitQuery, useFollowedUnit } from '../../data/unit.js';
import { failuresQuery } from '../../data/units.js';
import { useMay } from '../../data/viewer.js';
import { pathPart, shown } from '../../names.js';
import { Attempts } from './Attempts.js';
import { Made } from './Made.js';
import { UnitActs } from './UnitActs.js';

/** One unit: how it stands, what it is given, and what has become of every try at it. */
export function UnitPage() {
  const { namespace, spec, unit } = useParams({ from: '/n/$namespace/units/$spec/$unit' });
  const part = pathPart(unit);
  const place = useMemo((): UnitPlace => ({ namespace, spec, unit }), [namespace, spec, part]);
  const query = useQuery(unitQuery(place));
  useFollowedUnit(place);
  const may = useMay(namespace);
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="path">
          <Link to="/n/$namespace/units/$spec" params={{ namespace, spec }}>
            <bdi className="name narrow">{shown(spec)}</bdi>
          </Link>
          <span className="muted" aria-hidden="true">
            /
          </span>
          <Name of={unit} />
        </h1>
        <span className="spacer" />
        {query.data && may('submit') && <UnitActs place={place} unit={query.data} />}
      </div>
      <When of={query} lines={8}>
        {(record) => <Unit place={place} unit={record} />}
      </When>
    </div>
  );
}

function Unit({ place, unit }: { readonly place: UnitPlace; readonly unit: WorkUnitRecord<RawCbor> }) {
  const { namespace, spec } = place;
  const { data: causes } = useQuery({ ...failuresQuery(place), enabled: unit.failure !== undefined });
  const cause = causes?.find(({ id }) => id === unit.failure);
  return (
    <>
      <dl className="facts">
        <dt>Status</dt>
        <dd>
          <StatusBadge status={unit.status} />
        </dd>
        {unit.failure !== undefined && (
          <>
            <dt>Cause</dt>
            <dd>
              <Link
                to="/n/$namespace/units/$spec"
                params={{ namespace, spec }}
                search={{ status: 'failed', failure: unit.failure }}
              >
                <bdi>{cause === undefined ? unit.failure : shown(cause.cause)}</bdi>
              </Link>
              {cause !== undefined && cause.count > 1 && (
                <span className="muted"> and {cause.count - 1} more by it</span>
              )}
            </dd>
          </>
        )}
        <dt>Priority</dt>
        <dd>{unit.priority}</dd>
        <dt>Not before</dt>
        <dd>
          <Time at={unit.notBefore} none="at any time" />
        </dd>
        {typeof unit.name !== 'string' || shown(unit.name) !== unit.name || unit.name.length > 60 ? (
          <>
            <dt>Whole name</dt>
            <dd>
              <bdi className="mono">{shown(unit.name)}</bdi>
            </dd>
          </>
        ) : null}
      </dl>
      <section className="section" aria-label="Data">
        <h2>Data</h2>
        <DataTree bytes={unit.data.bytes} label="the data" />
      </section>
      {unit.status === 'finished' && <Made place={place} data={unit.data.bytes} />}
      <Attempts place={place} />
    </>
  );
}
