import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import type { ListedAttempt } from 'coordinate-client';
import { useState } from 'react';
import { CborItems } from '../data/cbor-items.js';
import { attemptQuery } from '../data/unit.js';
import { useNow } from '../format/times.js';
import { shown } from '../names.js';
import type { Tone } from './Badge.js';
import { Badge } from './Badge.js';
import { Button } from './Button.js';
import { DataTree } from './DataTree.js';
import type { IconName } from './Icon.js';
import { Name } from './Name.js';
import { When } from './states.js';
import { Span, Time } from './Time.js';
import { Traceback } from './Traceback.js';

type Status = ListedAttempt['status'];

const LOOKS: Readonly<Record<string, readonly [Tone, IconName]>> = {
  pending: ['pending', 'play'],
  finished: ['finished', 'check'],
  failed: ['failed', 'cross'],
  retryable: ['delayed', 'retry'],
  expired: ['warn', 'clock'],
} satisfies Record<Status, readonly [Tone, IconName]>;

/** Attempts along the time that they took, each with what there is of it when one wants to see it. */
export function AttemptList({
  attempts,
  by,
}: {
  readonly attempts: readonly ListedAttempt[];
  /** What is said of each: who tried, or what. */
  readonly by: 'worker' | 'unit';
}) {
  const from = Math.min(...attempts.map(({ startTime }) => startTime.getTime()));
  const now = useNow();
  const to = Math.max(...attempts.map(({ endTime }) => endTime?.getTime() ?? now));
  return (
    <ol className="attempts">
      {attempts.map((attempt) => (
        <AttemptRow key={attempt.url} attempt={attempt} by={by} span={[from, Math.max(to, from + 1)]} now={now} />
      ))}
    </ol>
  );
}

function AttemptRow({
  attempt,
  by,
  span: [from, to],
  now,
}: {
  readonly attempt: ListedAttempt;
  readonly by: 'worker' | 'unit';
  readonly span: readonly [number, number];
  readonly now: number;
}) {
  const [isOpen, setOpen] = useState(false);
  const { namespace, spec, unit, worker, status, startTime, endTime } = attempt;
  const [tone, icon] = LOOKS[status] ?? ['calm', 'limit'];
  const left = (100 * (startTime.getTime() - from)) / (to - from);
  const width = (100 * ((endTime?.getTime() ?? now) - startTime.getTime())) / (to - from);
  return (
    <li className="attempt">
      <Badge tone={tone} icon={icon} text={status} />
      {by === 'worker' ? (
        <Link to="/n/$namespace/workers/$worker" params={{ namespace, worker }} className="name">
          <Name of={worker} />
        </Link>
      ) : (
        <span className="tree-name">
          <bdi className="muted name narrow">{shown(spec)}</bdi>
          <Link to="/n/$namespace/units/$spec/$unit" params={{ namespace, spec, unit }} className="name">
            <Name of={unit} />
          </Link>
        </span>
      )}
      <Time at={startTime} />
      <span title="How long it took">
        <Span from={startTime} to={endTime} />
      </span>
      <Button kind="quiet" icon={isOpen ? 'down' : 'right'} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Details
      </Button>
      <div className="timeline" aria-hidden="true">
        <span
          className={`status-${status === 'retryable' || status === 'expired' ? 'delayed' : status}`}
          style={{ left: `${Math.min(99, left)}%`, width: `${Math.min(100 - left, width)}%` }}
        />
      </div>
      {isOpen && (
        <div className="attempt-more">
          <AttemptDetails attempt={attempt} />
        </div>
      )}
    </li>
  );
}

function AttemptDetails({ attempt }: { readonly attempt: ListedAttempt }) {
  return (
    <When of={useQuery(attemptQuery(attempt))} lines={3}>
      {({ data, expiration, startTime, endTime }) => {
        const traceback = tracebackIn(data.bytes);
        return (
          <>
            <dl className="facts">
              <dt>Began</dt>
              <dd>
                <Time at={startTime} />
              </dd>
              <dt>Ended</dt>
              <dd>
                <Time at={endTime} none="not yet" />
              </dd>
              <dt>{endTime === undefined ? 'Leased until' : 'Was leased until'}</dt>
              <dd>
                <Time at={expiration} />
              </dd>
            </dl>
            {traceback !== undefined && <Traceback text={traceback} />}
            <DataTree bytes={data.bytes} label="the data of the attempt" />
          </>
        );
      }}
    </When>
  );
}

/** What the data of an attempt say of why it failed. */
function tracebackIn(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined;
  const items = new CborItems(bytes);
  const root = items.item();
  const told = items.valueOf(root, 'traceback') ?? items.valueOf(root, 'error');
  const text = told && (told.major === 5 ? items.valueOf(told, 'message') : told);
  return text !== undefined && (text.major === 2 || text.major === 3) ? items.text(text) : undefined;
}
