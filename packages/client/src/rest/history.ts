import type { components } from '../generated/bodies.js';
import type { Duration } from '../duration.js';
import { nanoseconds } from '../duration.js';
import type { CallOptions } from '../waiting.js';
import type { RestClient } from './rest-client.js';

type Bodies = components['schemas'];

export interface HistoryQuery extends CallOptions {
  readonly from?: Date;
  readonly to?: Date;
  /** Length of a span. */
  readonly step?: Duration;
}

/** What happened to work, span by span. */
export interface History {
  readonly from: Date;
  readonly to: Date;
  /** Length of a span, in milliseconds. */
  readonly step: number;
  /** Upper bounds of the buckets of all times, in seconds. */
  readonly bounds: readonly number[];
  /** The spans in which something happened, oldest first. */
  readonly spans: readonly HistorySpan[];
}

export type Happening = 'added' | 'claimed' | 'finished' | 'failed' | 'retried' | 'expired' | 'released';

export interface HistorySpan extends Readonly<Record<Happening, number>> {
  readonly start: Date;
  readonly end: Date;
  /** How long units had waited that were claimed: absent where none was. */
  readonly waited?: Times;
  /** How long attempts took that ended. */
  readonly worked?: Times;
}

export interface Times {
  /** Their sum. */
  readonly seconds: number;
  /** How many there are in each bucket; the last one has those beyond all bounds. */
  readonly buckets: readonly number[];
}

/** The daemon leaves out what did not happen. */
export const NOTHING: Readonly<Record<Happening, number>> = {
  added: 0,
  claimed: 0,
  finished: 0,
  failed: 0,
  retried: 0,
  expired: 0,
  released: 0,
};

/** @param path of what it is the history of */
export async function readHistory(
  client: RestClient,
  path: string,
  { from, to, step, ...options }: HistoryQuery,
): Promise<History> {
  const query = [
    ...(from === undefined ? [] : [`from=${encodeURIComponent(from.toISOString())}`]),
    ...(to === undefined ? [] : [`to=${encodeURIComponent(to.toISOString())}`]),
    ...(step === undefined ? [] : [`step=${nanoseconds(step)}`]),
  ];
  const { value } = await client.call<Bodies['History']>({ method: 'GET', path: `${path}/history`, query }, options);
  return {
    from: new Date(value.from),
    to: new Date(value.to),
    step: value.step / 1e6,
    bounds: value.bounds,
    spans: value.spans.map(({ start, end, ...happened }) => {
      return { ...NOTHING, ...happened, start: new Date(start), end: new Date(end) };
    }),
  };
}
