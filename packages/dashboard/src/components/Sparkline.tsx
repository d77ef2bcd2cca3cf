import { memo } from 'react';
import { whole } from '../format/numbers.js';

const WIDTH = 96;
const HEIGHT = 22;

/** What happened in each minute, as a line without numbers. */
export const Sparkline = memo(function Sparkline({
  values,
  what,
}: {
  readonly values: readonly number[] | undefined;
  readonly what: string;
}) {
  const most = Math.max(1, ...(values ?? []));
  const sum = values?.reduce((all, value) => all + value, 0) ?? 0;
  if (values === undefined || sum === 0) return <span className="sparkline-none" aria-hidden="true" />;
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map(
    (value, at) => `${(at * step).toFixed(1)},${(HEIGHT - 1 - (value / most) * (HEIGHT - 3)).toFixed(1)}`,
  );
  const text = `${whole(sum)} ${what} in the last hour, ${whole(most)} in the busiest minute`;
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={text}
    >
      <title>{text}</title>
      <polygon className="area" points={`0,${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`} />
      <polyline points={points.join(' ')} />
    </svg>
  );
});
