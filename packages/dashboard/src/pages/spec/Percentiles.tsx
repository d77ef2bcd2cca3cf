import type { History, Times } from 'coordinate-client';
import { whole } from '../../format/numbers.js';
import { duration } from '../../format/times.js';

const PARTS = [
  [0.5, 'half'],
  [0.9, '90%'],
  [0.99, '99%'],
] as const;

/** How long units wait before they are claimed, and how long attempts take, in the time that is shown. */
export function Percentiles({ history }: { readonly history: History }) {
  return (
    <section className="section" aria-label="Times">
      <h2>How long it takes</h2>
      <table className="small-table">
        <thead>
          <tr>
            <td />
            {PARTS.map(([part, title]) => (
              <th key={part} scope="col">
                {title} within
              </th>
            ))}
            <th scope="col">average</th>
          </tr>
        </thead>
        <tbody>
          <Line title="Waiting" of="waited" history={history} />
          <Line title="Working" of="worked" history={history} />
        </tbody>
      </table>
    </section>
  );
}

function Line({
  title,
  of,
  history: { spans, bounds },
}: {
  readonly title: string;
  readonly of: 'waited' | 'worked';
  readonly history: History;
}) {
  const all = sumOf(spans.flatMap((span) => span[of] ?? []));
  const count = all.buckets.reduce((sum, one) => sum + one, 0);
  return (
    <tr title={`${whole(count)} measured`}>
      <th scope="row">{title}</th>
      {PARTS.map(([part]) => (
        <td key={part}>{count === 0 ? '–' : shownQuantile(all.buckets, bounds, part * count)}</td>
      ))}
      <td>{count === 0 ? '–' : duration((all.seconds / count) * 1_000)}</td>
    </tr>
  );
}

function sumOf(times: readonly Times[]): { seconds: number; buckets: number[] } {
  const buckets: number[] = [];
  let seconds = 0;
  for (const one of times) {
    seconds += one.seconds;
    one.buckets.forEach((number, at) => (buckets[at] = (buckets[at] ?? 0) + number));
  }
  return { seconds, buckets: Array.from(buckets, (number) => number ?? 0) };
}

/** Within which time the first so many were done: between the bounds of the bucket in which the last of them is. */
function shownQuantile(buckets: readonly number[], bounds: readonly number[], rank: number): string {
  let below = 0;
  for (const [at, number] of buckets.entries()) {
    if (below + number >= rank && number > 0) {
      const lower = at === 0 ? 0 : bounds[at - 1];
      const upper = bounds[at];
      if (upper === undefined) return `> ${duration(lower * 1_000)}`;
      return duration((lower + ((upper - lower) * (rank - below)) / number) * 1_000);
    }
    below += number;
  }
  return '–';
}
