import { lazy, Suspense, useMemo } from 'react';
import type { History, Range } from '../data/history.js';
import { RANGES, useHistory } from '../data/history.js';
import { count, rate } from '../format/numbers.js';
import { duration } from '../format/times.js';
import { shown as shownName } from '../names.js';
import { Choice } from './Fields.js';
import { ErrorNote, Loading } from './states.js';

const Chart = lazy(async () => ({ default: (await import('./Chart.js')).Chart }));

const RANGE_OPTIONS = (Object.keys(RANGES) as Range[]).map((range) => [range, RANGES[range].title] as const);
const SHOWN = [
  ['finished', '--finished'],
  ['failed', '--failed'],
  ['retried', '--delayed'],
] as const;

const perMinute = (value: number): string => `${rate(value)}/min`;

/** What was finished, failed and retried per minute, over an hour, a day or a month. */
export function HistoryChart({
  namespace,
  spec,
  range,
  onRange,
  of,
}: {
  readonly namespace: string;
  readonly spec: string | undefined;
  readonly range: Range;
  readonly onRange: (range: Range) => void;
  /** The name of what it is of, where the page does not say so already. */
  readonly of?: string;
}) {
  const { data, error } = useHistory(namespace, spec, range);
  const title = of === undefined ? 'History' : shownName(of);
  const shown = useMemo(() => data && linesOf(data), [data]);
  return (
    <section className="section" aria-label={title}>
      <div className="bar">
        <h2>
          <bdi>{title}</bdi>
        </h2>
        <span className="muted">per minute{data && data.step > 60_000 && `, in steps of ${duration(data.step)}`}</span>
        <span className="spacer" />
        <Choice label="How far back" options={RANGE_OPTIONS} value={range} onChange={onRange} />
      </div>
      {error && !data ? <ErrorNote error={error} /> : null}
      <Suspense fallback={<Loading lines={5} />}>
        {shown ? (
          <Chart label={shown.text} times={shown.times} series={shown.series} format={perMinute} />
        ) : (
          !error && <Loading lines={5} />
        )}
      </Suspense>
    </section>
  );
}

/** Every step has a point, also those in which nothing happened, which the daemon leaves out. */
function linesOf({ from, to, step, spans }: History) {
  const steps = Math.max(1, Math.round((to.getTime() - from.getTime()) / step));
  const times = Array.from({ length: steps }, (_, at) => (from.getTime() + at * step) / 1_000);
  const minutes = step / 60_000;
  const sums = { finished: 0, failed: 0, retried: 0 };
  const series = SHOWN.map(([title, colour]) => {
    const values = new Array<number>(steps).fill(0);
    for (const span of spans) {
      const at = Math.floor((span.start.getTime() - from.getTime()) / step);
      if (at < 0 || at >= steps) continue;
      values[at] += span[title] / minutes;
      sums[title] += span[title];
    }
    return { title, colour, values };
  });
  const text = `${count(sums.finished, 'unit')} finished, ${sums.failed} failed, ${sums.retried} retried`;
  return { times, series, text };
}
