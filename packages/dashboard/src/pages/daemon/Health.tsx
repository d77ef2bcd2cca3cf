import type { ReactNode } from 'react';
import { Icon } from '../../components/Icon.js';
import { When } from '../../components/states.js';
import type { Metrics } from '../../data/metrics.js';
import { useMetrics } from '../../data/metrics.js';
import { bytes, rate, whole } from '../../format/numbers.js';
import { duration } from '../../format/times.js';

/** How the daemon is, by what it measures of itself. */
export function Health() {
  const metrics = useMetrics();
  return (
    <section className="section" aria-label="How it is">
      <div className="bar">
        <h2>How it is</h2>
        <span className="muted">rates and times of the last minute</span>
      </div>
      <When of={metrics}>{({ now, before }) => <Measures now={now} before={before} />}</When>
    </section>
  );
}

function Measures({ now, before }: { readonly now: Metrics; readonly before: Metrics }) {
  const seconds = (now.time - before.time) / 1_000;
  const perSecond = (name: string): ReactNode => {
    const sum = now.sum(name);
    return sum === undefined || seconds === 0 ? '–' : `${rate(Math.max(0, sum - (before.sum(name) ?? 0)) / seconds)}/s`;
  };
  const number = (name: string): ReactNode => {
    const sum = now.sum(name);
    return sum === undefined ? '–' : whole(sum);
  };
  const within = (name: string, part: number): ReactNode => {
    const bound = now.quantile(name, part, seconds === 0 ? undefined : before);
    if (bound === undefined) return 'nothing measured';
    return bound === Infinity ? 'longer than is measured' : `≤ ${duration(bound * 1_000)}`;
  };
  const lag = now.sum('nodejs_eventloop_lag_p99_seconds');
  const memory = now.sum('coordinate_memory_bytes');
  const limit = now.sum('coordinate_memory_limit_bytes');
  const trouble = [
    'coordinate_storage_failures_total',
    'coordinate_http_shed_requests_total',
    'coordinate_memory_refused_total',
  ];
  const troubles = trouble.reduce((sum, name) => sum + (now.sum(name) ?? 0), 0);
  const ahead = now.sum('coordinate_storage_clock_offset_seconds');
  return (
    <>
      {ahead !== undefined && Math.abs(ahead) > MOST_SKEW && (
        <p className="warning">
          <Icon name="alert" />
          The clock of the storage is {skew(ahead)} of the one of this daemon’s machine. Leases, delays and schedules go
          by that of the storage.
        </p>
      )}
      <div className="measures">
        <Group title="Storage">
          <Measure title="Answers" value={now.sum('coordinate_storage_up') === 0 ? 'no' : 'yes'} />
          <Measure title="Half of its answers" value={within('coordinate_storage_seconds', 0.5)} />
          <Measure title="99% of its answers" value={within('coordinate_storage_seconds', 0.99)} />
          <Measure title="Failures since the start" value={number('coordinate_storage_failures_total')} />
          <Measure title="Its clock" value={ahead === undefined ? '–' : skew(ahead)} />
        </Group>
        <Group title="Connections">
          <Measure title="Workers over CBOR-RPC" value={number('coordinate_rpc_open_connections')} />
          <Measure title="HTTP" value={number('coordinate_http_open_connections')} />
          <Measure title="Who listens to events" value={number('coordinate_http_live_answers')} />
          <Measure title="Claims that wait for work" value={number('coordinate_waiting_claims')} />
        </Group>
        <Group title="Requests">
          <Measure title="REST" value={perSecond('coordinate_http_seconds_count')} />
          <Measure title="CBOR-RPC, received" value={bytesPerSecond(now, before, seconds)} />
          <Measure title="Units claimed" value={perSecond('coordinate_claims_total')} />
          <Measure title="99% of REST answers" value={within('coordinate_http_seconds', 0.99)} />
        </Group>
        <Group title="Process">
          <Measure
            title="Memory"
            value={memory === undefined ? '–' : `${bytes(memory)}${limit === undefined ? '' : ` of ${bytes(limit)}`}`}
          />
          <Measure title="Processor" value={perCore(now, before, seconds)} />
          <Measure title="Event loop, 99% within" value={lag === undefined ? '–' : duration(lag * 1_000)} />
          <Measure title="Refused, or failed below" value={whole(troubles)} />
        </Group>
      </div>
    </>
  );
}

/** So many seconds two clocks may differ before it is worth a warning. */
const MOST_SKEW = 1;

/** @param ahead - by how many seconds */
function skew(ahead: number): string {
  // Half of a round trip is what it is measured to.
  if (Math.abs(ahead) < 0.1) return 'as that of this machine';
  return `${duration(Math.abs(ahead) * 1_000)} ${ahead > 0 ? 'ahead' : 'behind'}`;
}

function bytesPerSecond(now: Metrics, before: Metrics, seconds: number): ReactNode {
  const [sum, old] = [now, before].map((one) => one.sum('coordinate_rpc_received_bytes_total') ?? 0);
  return seconds === 0 ? '–' : `${bytes(Math.max(0, sum - old) / seconds)}/s`;
}

function perCore(now: Metrics, before: Metrics, seconds: number): ReactNode {
  const [sum, old] = [now, before].map((one) => one.sum('process_cpu_seconds_total') ?? 0);
  return seconds === 0 ? '–' : `${((100 * Math.max(0, sum - old)) / seconds).toFixed(0)}% of a core`;
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div>
      <h3>{title}</h3>
      <dl className="facts">{children}</dl>
    </div>
  );
}

function Measure({ title, value }: { readonly title: string; readonly value: ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>{value}</dd>
    </>
  );
}
