import type { CborValue } from '../../cbor/index.js';
import { InvalidValueError } from '../errors.js';
import { DAY, SECOND, type Micros } from '../time.js';
import { StrictFields } from './strict-fields.js';
import { fillTime } from './token-bucket.js';

/** How many units of a spec may be handed out in a time: a bucket of tokens. */
export interface RateLimit {
  /** So many tokens come in each `per`. May be fractional. */
  readonly units: number;
  readonly per: Micros;
  /** So many tokens the bucket holds: a whole number. */
  readonly burst: number;
}

const KEYS = ['units', 'per', 'burst'];
const MOST = 1e9;
const LONGEST: Micros = 36_525 * DAY;

/** @throws InvalidValueError */
export function parseRateLimit(value: CborValue, path: string): RateLimit {
  const fields = StrictFields.of(value, path, KEYS);
  const isPositive = (n: number): boolean => n > 0 && n <= MOST;
  const units = fields.number('units', NaN, `a number above 0, up to ${MOST}`, isPositive);
  if (Number.isNaN(units)) fields.refuse('units', 'is missing');
  const isShort = (n: number): boolean => n * SECOND >= 1 && n <= MOST;
  const per = fields.number('per', 1, `a number of seconds from 0.000001 to ${MOST}`, isShort);
  const isBurst = (n: number): boolean => Number.isInteger(n) && n >= 1 && n <= MOST;
  const burst = fields.number('burst', Math.ceil(units), `a whole number from 1 to ${MOST}`, isBurst);
  const limit = Object.freeze({ units, per: Math.round(per * SECOND), burst });
  // Else the moment at which it is full would be none that can be written.
  if (!(fillTime(limit) <= LONGEST)) throw new InvalidValueError(path, 'must let the bucket be full within 100 years');
  return limit;
}

/** The limit as it is written. */
export function rateLimitNotation({ units, per, burst }: RateLimit): Record<string, unknown> {
  return { units, per: per / SECOND, burst };
}
