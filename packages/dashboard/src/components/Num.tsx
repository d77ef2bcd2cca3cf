import { compact, whole } from '../format/numbers.js';

/** A number beside others; all of it when pointed at. Nothing is a dash, so that something stands out. */
export function Num({ value, tone }: { readonly value: number; readonly tone?: 'failed' }) {
  if (value === 0) return <span className="none">0</span>;
  const shown = compact(value);
  const all = whole(value);
  return (
    <span className={tone && `tone-${tone}`} title={shown === all ? undefined : all}>
      {shown}
    </span>
  );
}
