import type { CborValue, Encodable } from '../../cbor/index.js';
import { decodeValue, encode } from '../../cbor/index.js';
import type { EncodedData } from '../data.js';
import { CoordinateError, InvalidValueError } from '../errors.js';
import type { After } from './after.js';
import { parseAfter } from './after.js';
import type { RateLimit } from './rate-limit.js';
import { parseRateLimit, rateLimitNotation } from './rate-limit.js';
import type { RetryPolicy } from './retry.js';
import { parseRetry, retryNotation } from './retry.js';
import type { Schedule } from './schedule.js';
import { parseSchedule, scheduleNotation } from './schedule.js';
import { StrictFields } from './strict-fields.js';

/**
 * How the units of a work spec flow, beyond its control values: what its definition says under the key `flow`. Nobody changes
 * one: a spec that says so much has another one.
 */
export interface Flow {
  readonly retry?: RetryPolicy;
  readonly schedule?: Schedule;
  readonly rateLimit?: RateLimit;
  readonly after?: After;
}

/** The key of a definition that it stands under. */
export const FLOW_KEY = 'flow';
/** An encoded value of more bytes is not read. */
export const MOST_FLOW_BYTES = 64 * 1024;
/** Stands for such a value. */
export const LONG_FLOW: CborValue = Object.freeze([]) as never;

const LATER = ['collect', 'join'];
const KEYS = ['retry', 'schedule', 'rate_limit', 'after', ...LATER];

/**
 * Reads what stands under `flow`. Nothing is ignored: what is not understood is an error.
 * @param isContinuous - whether the spec is to make units by itself when it has none
 * @returns undefined where it says nothing
 * @throws InvalidValueError naming the field, as `flow.retry.attempts`
 */
export function parseFlow(value: CborValue, isContinuous = false): Flow | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === LONG_FLOW) throw new InvalidValueError(FLOW_KEY, `has more than ${MOST_FLOW_BYTES} bytes`);
  const fields = StrictFields.of(value, FLOW_KEY, KEYS);
  for (const key of LATER) {
    if (fields.value(key) !== undefined) fields.refuse(key, 'is not there yet in this version');
  }
  const part = <T>(key: string, parse: (value: CborValue, path: string) => T): T | undefined => {
    const said = fields.value(key);
    return said === undefined ? undefined : parse(said, fields.at(key));
  };
  const retry = part('retry', parseRetry);
  const schedule = part('schedule', parseSchedule);
  if (schedule && isContinuous) fields.refuse('schedule', 'can not be had by a work spec that is continuous');
  const rateLimit = part('rate_limit', parseRateLimit);
  const after = part('after', parseAfter);
  const says = retry ?? schedule ?? rateLimit ?? after;
  return says && Object.freeze({ retry, schedule, rateLimit, after });
}

/** A flow that was understood when it was set, as it is written; what is no longer understood is none. */
export function storedFlow(value: CborValue, isContinuous?: boolean): Flow | undefined {
  try {
    return parseFlow(value, isContinuous);
  } catch (error) {
    if (error instanceof InvalidValueError || error instanceof CoordinateError) return undefined;
    throw error;
  }
}

/** As a definition writes it, with all that it leaves unsaid; parts that it does not have are left out. */
export function flowNotation({ retry, schedule, rateLimit, after }: Flow): Record<string, unknown> {
  return {
    ...(retry && { retry: retryNotation(retry) }),
    ...(schedule && { schedule: scheduleNotation(schedule) }),
    ...(rateLimit && { rate_limit: rateLimitNotation(rateLimit) }),
    ...(after && { after: [...after] }),
  };
}

/** For a storage. */
export function encodeFlow(flow: Flow): EncodedData {
  return encode(flowNotation(flow) as Encodable);
}

/** What encodeFlow has written. @returns undefined where this version does not understand it */
export function decodeFlow(encoded: EncodedData): Flow | undefined {
  return storedFlow(decodeValue(encoded));
}
