import type { Latency } from '../harness/load.js';

/** What must be reached: the ratio where the row has one, else the value. */
export interface Bar {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** CPU microseconds per operation, by process. */
export type CpuPerOperation = Readonly<Record<string, number>>;

/** One measured figure. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The value against something measured in the same run; the median of the rounds. */
  readonly ratio?: { readonly value: number; readonly of: string; readonly rounds?: readonly number[] };
  readonly bar?: Bar;
  readonly latency?: Latency;
  readonly cpu?: CpuPerOperation;
  readonly note?: string;
}

/** met; near: within 0.7 of the bar (or 1/0.7 of an upper limit); missed. */
export type Verdict = 'met' | 'near' | 'missed';

const NEAR = 0.7;

export function verdictOf({ bar, ratio, value }: Row): Verdict | undefined {
  if (!bar) return undefined;
  const measured = ratio ? ratio.value : value;
  // What has only one of the bounds is not measured against the other, also where it is 0.
  const below = bar.atMost === undefined ? Infinity : bar.atMost / measured;
  const above = bar.atLeast === undefined ? Infinity : measured / bar.atLeast;
  const share = Math.min(below, above);
  return share >= 1 ? 'met' : share >= NEAR ? 'near' : 'missed';
}

export function describeBar({ atLeast, atMost }: Bar): string {
  return atLeast !== undefined ? `≥ ${figure(atLeast)}` : `≤ ${figure(atMost ?? Infinity)}`;
}

/** A number with three significant digits, in groups of thousands. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
