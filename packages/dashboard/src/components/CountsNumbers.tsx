import type { UnitCounts } from 'coordinate-client';
import type { ReactNode } from 'react';
import { compact, percent, whole } from '../format/numbers.js';
import { STATUSES, totalOf } from './CountsBar.js';

/** How many units there are of each status, and which part of all that is. */
export function CountsNumbers({
  counts,
  around = (_, text) => text,
  children,
}: {
  readonly counts: UnitCounts;
  /** What is shown in place of a bare number. */
  readonly around?: (status: (typeof STATUSES)[number], text: string) => ReactNode;
  /** What stands beside them in the same way. */
  readonly children?: ReactNode;
}) {
  const total = totalOf(counts);
  return (
    <dl className="totals-numbers">
      {STATUSES.map((status) => (
        <div key={status} title={whole(counts[status])}>
          <dt>
            <span className={`dot status-${status}`} aria-hidden="true" />
            {status}
          </dt>
          <dd className={status === 'failed' && counts.failed > 0 ? 'tone-failed' : undefined}>
            {around(status, compact(counts[status]))}
          </dd>
          <dd className="muted">{percent(counts[status], total)}</dd>
        </div>
      ))}
      {children}
    </dl>
  );
}
