import type { UnitCounts, WorkUnitStatus } from 'coordinate-client';
import { memo } from 'react';
import { percent, whole } from '../format/numbers.js';

/** In the order in which a unit goes through them. */
export const STATUSES: readonly WorkUnitStatus[] = ['finished', 'failed', 'pending', 'available', 'delayed'];

export function totalOf(counts: UnitCounts): number {
  return STATUSES.reduce((sum, status) => sum + counts[status], 0);
}

/** How units stand, as parts of a bar. What there is of is never too thin to be seen. */
export const CountsBar = memo(function CountsBar({ counts }: { readonly counts: UnitCounts }) {
  const total = totalOf(counts);
  const present = STATUSES.filter((status) => counts[status] > 0);
  const words = present.map((status) => `${whole(counts[status])} ${status} (${percent(counts[status], total)})`);
  const text = total === 0 ? 'no units' : words.join(', ');
  return (
    <div className="counts-bar" role="img" aria-label={text} title={words.join('\n') || text}>
      {present.map((status) => (
        <span key={status} className={`part status-${status}`} style={{ flexGrow: counts[status] / total }} />
      ))}
    </div>
  );
});
