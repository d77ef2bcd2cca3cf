const exact = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

/** All of a whole number: 1,234,567. */
export function whole(value: number | bigint): string {
  return exact.format(value);
}

/** What fits beside others: 123,456 and 1.23M. */
export function compact(value: number): string {
  return Math.abs(value) < 1_000_000 ? exact.format(value) : short.format(value);
}

/** So many of something: 1 unit, 12 units. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${whole(value)} ${value === 1 ? one : many}`;
}

/** What happens per second, of the size of it: 0.02, 3.4, 1,250. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 0.01) return '<0.01';
  return compactRate(perSecond);
}

function compactRate(value: number): string {
  if (value >= 10_000) return short.format(value);
  if (value >= 100) return exact.format(value);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** A part of a whole: 12.3%; never 100% of less than all, never 0% of something. */
export function percent(part: number, of: number): string {
  if (of === 0 || part === 0) return '0%';
  if (part === of) return '100%';
  const value = (100 * part) / of;
  return `${Math.min(99.9, Math.max(0.1, value)).toFixed(value < 10 || value > 99 ? 1 : 0)}%`;
}

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(value: number): string {
  const size = value < 1 ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log2(value) / 10));
  const number = value / 1024 ** size;
  return `${size === 0 || number >= 100 ? exact.format(number) : number.toPrecision(3)} ${BYTES[size]}`;
}
