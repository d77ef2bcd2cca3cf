import type { CborValue } from '../../cbor/index.js';
import { CborMap } from '../../cbor/index.js';
import { SECOND, type Micros } from '../time.js';
import { numberIn, StrictFields } from './strict-fields.js';

/** How the pause grows from one failure to the next. */
export const BACKOFFS = ['fixed', 'linear', 'exponential'] as const;
export type Backoff = (typeof BACKOFFS)[number];

/** What becomes of a unit whose attempt fails. */
export interface RetryPolicy {
  /** Failed attempts until a unit stays failed, the first included; counted since it was last added, re-added or cleared. */
  readonly attempts: number;
  readonly backoff: Backoff;
  /** The pause that `backoff` makes others of. */
  readonly delay: Micros;
  /** How many times longer each pause is, where they grow exponentially. */
  readonly factor: number;
  /** The longest pause. */
  readonly maxDelay: Micros;
  /** By which part of it a pause may be longer or shorter, by chance: 0 to 1. */
  readonly jitter: number;
  /** Causes that begin so fail for good. */
  readonly except: readonly string[];
  /** Whether leases that run out count, and back off, as failures do. */
  readonly expired: boolean;
}

export const MOST_ATTEMPTS = 1_000_000;
/** Some thirty years: the longest pause. */
export const MOST_SECONDS = 1e9;
const MOST_FACTOR = 1e6;
const MOST_EXCEPTIONS = 100;

const KEYS = ['attempts', 'backoff', 'delay', 'factor', 'max_delay', 'jitter', 'except', 'expired'];

/** A number of attempts, or a dictionary. @throws InvalidValueError */
export function parseRetry(value: CborValue, path: string): RetryPolicy {
  if (!(value instanceof CborMap))
    return policyOf(StrictFields.of(new CborMap([['attempts', value]]), path, KEYS), path);
  return policyOf(StrictFields.of(value, path, KEYS), `${path}.attempts`);
}

function policyOf(fields: StrictFields, attemptsAt: string): RetryPolicy {
  const attempts = fields.value('attempts');
  const except = fields.texts('except');
  if (except.length > MOST_EXCEPTIONS) fields.refuse('except', `must have ${MOST_EXCEPTIONS} causes at most`);
  if (except.includes('')) fields.refuse('except', 'must not have an empty cause, which would be any');
  return Object.freeze({
    attempts:
      attempts === undefined
        ? 1
        : numberIn(
            attempts,
            attemptsAt,
            `a whole number from 1 to ${MOST_ATTEMPTS}`,
            (number) => Number.isInteger(number) && number >= 1 && number <= MOST_ATTEMPTS,
          ),
    backoff: fields.oneOf('backoff', BACKOFFS),
    delay: seconds(fields, 'delay', 0),
    factor: fields.number('factor', 2, `a number from 1 to ${MOST_FACTOR}`, (n) => n >= 1 && n <= MOST_FACTOR),
    maxDelay: seconds(fields, 'max_delay', MOST_SECONDS),
    jitter: fields.number('jitter', 0, 'a number from 0 to 1', (n) => n >= 0 && n <= 1),
    except: Object.freeze(except),
    expired: fields.flag('expired'),
  });
}

function seconds(fields: StrictFields, key: string, fallback: number): Micros {
  const what = `a number of seconds from 0 to ${MOST_SECONDS}`;
  return Math.round(fields.number(key, fallback, what, (n) => n >= 0 && n <= MOST_SECONDS) * SECOND);
}

/** The policy as it is written. */
export function retryNotation(policy: RetryPolicy): Record<string, unknown> {
  return {
    attempts: policy.attempts,
    backoff: policy.backoff,
    delay: policy.delay / SECOND,
    factor: policy.factor,
    max_delay: policy.maxDelay / SECOND,
    jitter: policy.jitter,
    except: [...policy.except],
    expired: policy.expired,
  };
}
