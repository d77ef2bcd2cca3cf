import type { AttemptAction, AttemptStatus } from './attempt.js';

/**
 * Where an attempt stands, which is all that a transition depends on.
 *
 * *held*: it is its unit's active attempt. *detached*: it no longer is (cleared or superseded). *late*: its lease ran
 * out by itself while it was active, and its unit has had no other attempt, clear or re-add since.
 */
export type Standing =
  | 'pending held'
  | 'pending detached'
  | 'late'
  | 'expired'
  | 'finished'
  | 'failed held'
  | 'failed detached'
  | 'retryable';

export const STANDINGS: readonly Standing[] = [
  'pending held',
  'pending detached',
  'late',
  'expired',
  'finished',
  'failed held',
  'failed detached',
  'retryable',
];

export function standingOf(status: AttemptStatus, held: boolean, late: boolean): Standing {
  switch (status) {
    case 'pending':
      return held ? 'pending held' : 'pending detached';
    case 'expired':
      return late ? 'late' : 'expired';
    case 'failed':
      return held ? 'failed held' : 'failed detached';
    default:
      return status;
  }
}

/** What a transition does. */
export interface Outcome {
  /** What the caller hears; where a status comes with it, that and the data are stored nevertheless. */
  readonly error?: 'ErrNotPending' | 'ErrLostLease';
  /** The attempt's status afterwards; absent: nothing at all changes, data included. */
  readonly status?: AttemptStatus;
  /**
   * What becomes of the unit. `hold`: this attempt is its active one. `release`: it has none, and reads available or
   * delayed. `leave`: another attempt's business, or nobody's; the unit is not touched.
   */
  readonly unit: 'hold' | 'release' | 'leave';
  /** Whether the unit's output goes on into the next work spec. */
  readonly chains: boolean;
}

const refused: Outcome = { error: 'ErrNotPending', unit: 'leave', chains: false };
const unchanged: Outcome = { unit: 'leave', chains: false };
const lost: Outcome = { error: 'ErrLostLease', status: 'expired', unit: 'leave', chains: false };
const held = (status: AttemptStatus): Outcome => ({ status, unit: 'hold', chains: status === 'finished' });
const released = (status: AttemptStatus): Outcome => ({ status, unit: 'release', chains: false });
const alone = (status: AttemptStatus): Outcome => ({ status, unit: 'leave', chains: false });

/** The one table of attempt transitions. Both storage backends decide by it. */
export const TRANSITIONS: Readonly<Record<AttemptAction, Readonly<Record<Standing, Outcome>>>> = {
  renew: {
    'pending held': held('pending'),
    'pending detached': lost,
    late: held('pending'),
    expired: lost,
    finished: refused,
    'failed held': refused,
    'failed detached': refused,
    retryable: refused,
  },
  expire: {
    'pending held': released('expired'),
    'pending detached': alone('expired'),
    late: unchanged,
    expired: unchanged,
    finished: refused,
    'failed held': refused,
    'failed detached': refused,
    retryable: refused,
  },
  finish: {
    'pending held': held('finished'),
    'pending detached': alone('finished'),
    late: held('finished'),
    expired: refused,
    finished: refused,
    // A success reported late wins over a kill.
    'failed held': held('finished'),
    'failed detached': refused,
    retryable: refused,
  },
  fail: {
    'pending held': held('failed'),
    'pending detached': alone('failed'),
    late: held('failed'),
    expired: refused,
    finished: refused,
    'failed held': refused,
    'failed detached': refused,
    retryable: refused,
  },
  retry: {
    'pending held': released('retryable'),
    'pending detached': alone('retryable'),
    late: released('retryable'),
    expired: refused,
    finished: refused,
    'failed held': refused,
    'failed detached': refused,
    retryable: refused,
  },
};

const renewedToNothing = released('expired');

/** The outcome of an action. A renewal by zero or less gives the unit back for good instead of holding it. */
export function outcomeOf(action: AttemptAction, standing: Standing, duration: number): Outcome {
  const outcome = TRANSITIONS[action][standing];
  return action === 'renew' && duration <= 0 && outcome.unit === 'hold' ? renewedToNothing : outcome;
}
