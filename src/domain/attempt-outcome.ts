import type { AttemptStatus } from './attempt.js';
import type { Micros } from './time.js';

/**
 * How an attempt came to its end: as its status says, but that one whose lease ran out (`expired`) is told from one that
 * ended unfinished before that (`released`: its worker gave the unit back, or found that it is no longer its own).
 */
export const ATTEMPT_OUTCOMES = ['finished', 'failed', 'retried', 'expired', 'released'] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** How an attempt ends that gets `status` at `end`. One that was stopped counts as what clients see of it. */
export function attemptOutcome(
  status: Exclude<AttemptStatus, 'pending'>,
  end: Micros,
  expiration: Micros,
): AttemptOutcome {
  if (status === 'expired') return end < expiration ? 'released' : 'expired';
  if (status === 'finished') return status;
  return status === 'retryable' || status === 'recalled' ? 'retried' : 'failed';
}
