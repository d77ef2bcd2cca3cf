import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Name } from '../../components/Name.js';
import { CborItems } from '../../data/cbor-items.js';
import { MOST_MADE, outputIn } from '../../data/output.js';
import { useMeta } from '../../data/spec.js';
import type { SpecPlace } from '../../data/units.js';
import { pathPart, shown } from '../../names.js';

/** What a finished unit has handed on to the next work spec. Of where a unit itself came from the daemon keeps no trace. */
export function Made({ place: { namespace, spec }, data }: { readonly place: SpecPlace; readonly data: Uint8Array }) {
  const next = useMeta(namespace, spec).data?.nextWorkSpecName;
  const output = useMemo(() => outputIn(new CborItems(data)), [data]);
  if (!next || output === undefined || output.names.length === 0) return null;
  return (
    <section className="section" aria-label="What it made">
      <h2>What it made</h2>
      <p className="muted">
        Its output names these units of <bdi className="name">{shown(next)}</bdi>, which go on from it.
        {output.hasMore && ` The first ${MOST_MADE} are shown.`}
      </p>
      <p className="bar">
        {output.names.map((unit) => (
          <span key={pathPart(unit)} className="narrow name">
            <Link to="/n/$namespace/units/$spec/$unit" params={{ namespace, spec: next, unit }} preload={false}>
              <Name of={unit} />
            </Link>
          </span>
        ))}
      </p>
    </section>
  );
}
