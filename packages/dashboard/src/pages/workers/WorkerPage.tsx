import { Link, useParams } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import type { Name as NameOf, RawCbor, WorkerRecord } from 'coordinate-client';
import { useState } from 'react';
import { AttemptList } from '../../components/AttemptList.js';
import { Badge } from '../../components/Badge.js';
import { Button } from '../../components/Button.js';
import { DataTree } from '../../components/DataTree.js';
import { Name } from '../../components/Name.js';
import { Empty, When } from '../../components/states.js';
import { Time } from '../../components/Time.js';
import { heldQuery, workerAttemptsQuery, workerQuery } from '../../data/workers.js';
import { bytes, whole } from '../../format/numbers.js';
import { pathPart, shown } from '../../names.js';

/** So many of its attempts are shown at first. */
const AT_FIRST = 50;

/** One worker: what it says of itself, what it holds, and what it has tried. */
export function WorkerPage() {
  const { namespace, worker } = useParams({ from: '/n/$namespace/workers/$worker' });
  const query = useQuery({ ...workerQuery(namespace, worker), refetchInterval: 5_000 });
  return (
    <div className="page" key={pathPart(worker)}>
      <div className="page-head">
        <h1 className="path">
          <Link to="/n/$namespace/workers" params={{ namespace }}>
            Workers
          </Link>
          <span className="muted" aria-hidden="true">
            /
          </span>
          <Name of={worker} />
        </h1>
      </div>
      <When of={query}>{(record) => <Facts namespace={namespace} record={record} />}</When>
      <Held namespace={namespace} worker={worker} />
      <AllAttempts namespace={namespace} worker={worker} />
    </div>
  );
}

function Facts({ namespace, record }: { readonly namespace: string; readonly record: WorkerRecord<RawCbor> }) {
  const { host, memory } = record;
  const link = (name: NameOf) => (
    <Link to="/n/$namespace/workers/$worker" params={{ namespace, worker: name }}>
      <Name of={name} />
    </Link>
  );
  return (
    <>
      <dl className="facts">
        <dt>State</dt>
        <dd>
          {record.active ? (
            <Badge tone="finished" icon="check" text="alive" />
          ) : (
            <Badge tone="calm" icon="cross" text="gone" />
          )}
        </dd>
        <dt>Sign of life</dt>
        <dd>
          <Time at={record.lastUpdate} none="none yet" />
        </dd>
        <dt>{record.active ? 'Counts as gone' : 'Gone'}</dt>
        <dd>
          <Time at={record.expiration} />
        </dd>
        {record.mode !== '' && (
          <>
            <dt>Mode</dt>
            <dd>
              <bdi>{shown(record.mode)}</bdi>
            </dd>
          </>
        )}
        {host !== undefined && (
          <>
            <dt>Host</dt>
            <dd>
              <bdi>{shown(host)}</bdi>
            </dd>
          </>
        )}
        {memory !== undefined && (
          <>
            <dt>Memory</dt>
            <dd>{bytes(memory)}</dd>
          </>
        )}
        {record.parent !== undefined && (
          <>
            <dt>Parent</dt>
            <dd>{link(record.parent)}</dd>
          </>
        )}
        {record.children.length > 0 && (
          <>
            <dt>Children</dt>
            <dd className="bar">
              {record.children.slice(0, 200).map((child) => (
                <span key={pathPart(child)} className="narrow name">
                  {link(child)}
                </span>
              ))}
              {record.children.length > 200 && (
                <span className="muted">and {whole(record.children.length - 200)} more</span>
              )}
            </dd>
          </>
        )}
      </dl>
      <section className="section" aria-label="What it says of itself">
        <h2>What it says of itself</h2>
        <DataTree bytes={record.data.bytes} label="what it says" />
      </section>
    </>
  );
}

function Held({ namespace, worker }: { readonly namespace: string; readonly worker: NameOf }) {
  return (
    <section className="section" aria-label="What it holds">
      <h2>What it holds</h2>
      <When of={useQuery(heldQuery(namespace, worker, AT_FIRST))} lines={2}>
        {(attempts) =>
          attempts.length === 0 ? <p className="muted">Nothing.</p> : <AttemptList attempts={attempts} by="unit" />
        }
      </When>
    </section>
  );
}

function AllAttempts({ namespace, worker }: { readonly namespace: string; readonly worker: NameOf }) {
  const [limit, setLimit] = useState(AT_FIRST);
  return (
    <section className="section" aria-label="What it has tried">
      <h2>What it has tried</h2>
      <When of={useQuery(workerAttemptsQuery(namespace, worker, limit))} lines={4}>
        {(attempts) =>
          attempts.length === 0 ? (
            <Empty title="It has tried nothing yet" />
          ) : (
            <>
              <p className="muted">
                {attempts.length < limit ? 'All of it, the last on top.' : `The first ${whole(limit)}.`}
              </p>
              <AttemptList attempts={attempts.toReversed()} by="unit" />
              {attempts.length === limit && <Button onClick={() => setLimit(limit * 4)}>Show more</Button>}
            </>
          )
        }
      </When>
    </section>
  );
}
