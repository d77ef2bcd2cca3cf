import { duration, exact, relative, useNow, useZone } from '../format/times.js';

/** A moment as seen from now; the exact one when pointed at. */
export function Time({ at, none = '–' }: { readonly at: Date | undefined; readonly none?: string }) {
  const now = useNow();
  const zone = useZone();
  if (at === undefined) return <span className="none">{none}</span>;
  return (
    <time dateTime={at.toISOString()} title={exact(at, zone)}>
      {relative(at, now)}
    </time>
  );
}

/** How long something has been so, or will be. */
export function Span({ from, to, none = '–' }: { readonly from?: Date; readonly to?: Date; readonly none?: string }) {
  const now = useNow();
  const zone = useZone();
  const moment = from ?? to;
  if (moment === undefined) return <span className="none">{none}</span>;
  const ms = Math.max(0, from === undefined ? moment.getTime() - now : (to?.getTime() ?? now) - from.getTime());
  return (
    <time dateTime={moment.toISOString()} title={exact(moment, zone)}>
      {duration(ms < 1_000 ? 0 : Math.round(ms / 1_000) * 1_000)}
    </time>
  );
}
