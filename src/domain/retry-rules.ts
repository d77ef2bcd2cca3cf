import { decodeValue, mapEntry } from '../cbor/index.js';
import type { EncodedData } from './data.js';
import type { Flow } from './flow/flow.js';
import type { RetryPolicy } from './flow/retry.js';
import { flagOf } from './loose-values.js';
import type { Random } from './scheduler/draw.js';
import type { Micros } from './time.js';

// What a work spec's policy of retrying makes of failures, and of leases that run out where those count as such.

/** The cause of a unit whose last try was a lease that ran out. */
export const LEASE_RAN_OUT = 'lease ran out';

/** A policy, and the chance that spreads its pauses. */
export interface Retrying {
  readonly policy: RetryPolicy;
  readonly random: Random;
}

/** @returns undefined where a spec has no policy: failures are for good, as ever */
export function retryingOf(flow: Flow | undefined, random: Random): Retrying | undefined {
  const policy = flow?.retry;
  return policy && { policy, random };
}

/** How long a unit rests that has failed so often. */
export function pauseAfter({ policy, random }: Retrying, failures: number): Micros {
  const { backoff, delay, factor, maxDelay, jitter } = policy;
  if (delay === 0) return 0;
  const growth = backoff === 'fixed' ? 1 : backoff === 'linear' ? failures : factor ** (failures - 1);
  const pause = Math.min(delay * growth, maxDelay);
  return Math.max(0, Math.round(jitter === 0 ? pause : pause * (1 + jitter * (2 * random() - 1))));
}

/** A unit, as far as its failures go. */
interface Counted {
  readonly failures: number;
}

/**
 * What is to become of a unit that has just failed: its failure has been counted.
 * @returns how long it rests before it is tried again; undefined: it stays failed
 */
export function pauseOf({ failures }: Counted, cause: string, retrying: Retrying): Micros | undefined {
  const { attempts, except } = retrying.policy;
  if (failures >= attempts || except.some((beginning) => cause.startsWith(beginning))) return undefined;
  return pauseAfter(retrying, failures);
}

/** Of a lease: whatever its unit has failed before, it fails for good if that runs out. */
const LAST_LEASE = Number.MIN_SAFE_INTEGER;

/**
 * What is to follow if a lease that begins now runs out, as UnitPort.lapse has it: drawn with the lease, so that it is the same
 * whoever finds that it has.
 */
export function lapseOf({ failures }: Counted, retrying: Retrying | undefined): Micros | undefined {
  if (!retrying?.policy.expired) return undefined;
  const { attempts, except } = retrying.policy;
  if (attempts === 1 || except.some((beginning) => LEASE_RAN_OUT.startsWith(beginning))) return LAST_LEASE;
  const pause = pauseAfter(retrying, Math.min(failures + 1, attempts - 1));
  return failures + 1 < attempts ? pause : withoutTries(pause);
}

/** The same of a lease whose unit has no tries left, and back. */
function withoutTries(pause: Micros): Micros {
  return -1 - pause;
}

/** How long the unit rests after a lease that has run out; undefined: it has no tries left. */
export function pauseOfLapse(lapse: Micros): Micros | undefined {
  return lapse < 0 ? undefined : lapse;
}

/** What is to follow once the failures before the lease no longer count. */
export function lapseAnew(lapse: Micros | undefined): Micros | undefined {
  return lapse === undefined || lapse >= 0 || lapse === LAST_LEASE ? lapse : withoutTries(lapse);
}

/** Values of more bytes are none that say yes. */
const MOST_BYTES = 64;

/** Whether data of a failure say by `final` that it is one. */
export function saysFinal(data: EncodedData | undefined): boolean {
  const value = data && mapEntry(data, 'final');
  return value !== undefined && value.length <= MOST_BYTES && flagOf(decodeValue(value)) === true;
}
