import type { AttemptAction, AttemptStatus } from './attempt.js';

/**
 * The state of an attempt in its life, which is all that a transition depends on.
 *
 * *active*: it is its unit's active attempt. *detached*: it no longer is (cleared or superseded). *late*: its lease ran
 * out by itself while it was active, and its unit has had no other attempt, clear or re-add since. *stopped*: somebody else
 * has cancelled or recalled it; nothing that its worker says of it counts from then on.
 */
export type AttemptState =
  | 'pending active'
  | 'pending detached'
  | 'late'
  | 'expired'
  | 'finished'
  | 'failed active'
  | 'failed detached'
  | 'retryable'
  | 'stopped';

export const ATTEMPT_STATES: readonly AttemptState[] = [
  'pending active',
  'pending detached',
  'late',
  'expired',
  'finished',
  'failed active',
  'failed detached',
  'retryable',
  'stopped',
];

export function stateOf(status: AttemptStatus, isActive: boolean, late: boolean): AttemptState {
  switch (status) {
    case 'pending':
      return isActive ? 'pending active' : 'pending detached';
    case 'expired':
      return late ? 'late' : 'expired';
    case 'failed':
      return isActive ? 'failed active' : 'failed detached';
    case 'cancelled':
    case 'recalled':
      return 'stopped';
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
/** The worker hears that it has lost the unit; what it sends is not kept. */
const stopped: Outcome = { error: 'ErrLostLease', unit: 'leave', chains: false };
const lost: Outcome = { error: 'ErrLostLease', status: 'expired', unit: 'leave', chains: false };
const held = (status: AttemptStatus): Outcome => ({ status, unit: 'hold', chains: status === 'finished' });
const released = (status: AttemptStatus): Outcome => ({ status, unit: 'release', chains: false });
const alone = (status: AttemptStatus): Outcome => ({ status, unit: 'leave', chains: false });

/** The one table of attempt transitions; attempt-rules.ts carries out what it says. */
export const TRANSITIONS: Readonly<Record<AttemptAction, Readonly<Record<AttemptState, Outcome>>>> = {
  renew: {
    'pending active': held('pending'),
    'pending detached': lost,
    late: held('pending'),
    expired: lost,
    finished: refused,
    'failed active': refused,
    'failed detached': refused,
    retryable: refused,
    stopped: stopped,
  },
  expire: {
    'pending active': released('expired'),
    'pending detached': alone('expired'),
    late: unchanged,
    expired: unchanged,
    finished: refused,
    'failed active': refused,
    'failed detached': refused,
    retryable: refused,
    stopped: refused,
  },
  finish: {
    'pending active': held('finished'),
    'pending detached': alone('finished'),
    late: held('finished'),
    expired: refused,
    finished: refused,
    // A success reported late wins over a kill.
    'failed active': held('finished'),
    'failed detached': refused,
    retryable: refused,
    stopped: refused,
  },
  fail: {
    'pending active': held('failed'),
    'pending detached': alone('failed'),
    late: held('failed'),
    expired: refused,
    finished: refused,
    'failed active': refused,
    'failed detached': refused,
    retryable: refused,
    stopped: refused,
  },
  retry: {
    'pending active': released('retryable'),
    'pending detached': alone('retryable'),
    late: released('retryable'),
    expired: refused,
    finished: refused,
    'failed active': refused,
    'failed detached': refused,
    retryable: refused,
    stopped: refused,
  },
  cancel: {
    'pending active': held('cancelled'),
    'pending detached': alone('cancelled'),
    late: held('cancelled'),
    expired: refused,
    finished: refused,
    'failed active': refused,
    'failed detached': refused,
    retryable: refused,
    // Who did not hear the answer asks again.
    stopped: unchanged,
  },
  recall: {
    'pending active': released('recalled'),
    'pending detached': alone('recalled'),
    late: released('recalled'),
    expired: refused,
    finished: refused,
    'failed active': refused,
    'failed detached': refused,
    retryable: refused,
    stopped: unchanged,
  },
};

const renewedToNothing = released('expired');

/** The outcome of an action. A renewal by zero or less gives the unit back for good instead of holding it. */
export function outcomeOf(action: AttemptAction, state: AttemptState, duration: number): Outcome {
  const outcome = TRANSITIONS[action][state];
  return action === 'renew' && duration <= 0 && outcome.unit === 'hold' ? renewedToNothing : outcome;
}
