import { describe, expect, it } from 'vitest';
import type { AttemptAction, AttemptStatus } from '../../src/domain/attempt.js';
import type { AttemptState } from '../../src/domain/transitions.js';
import { outcomeOf, stateOf, ATTEMPT_STATES, TRANSITIONS } from '../../src/domain/transitions.js';

const ACTIONS: readonly AttemptAction[] = ['renew', 'expire', 'finish', 'fail', 'retry', 'cancel', 'recall'];

/**
 * What is written in the rules, one word per cell: the attempt's status afterwards, with `hold`, `release` or `leave`
 * for its unit and `+chain` where output goes on; `same` = nothing changes, no error; `refused` = ErrNotPending;
 * `lost` = data stored, expired, ErrLostLease; `told` = ErrLostLease, and nothing changes.
 */
const OVER = {
  renew: 'refused',
  expire: 'refused',
  finish: 'refused',
  fail: 'refused',
  retry: 'refused',
  cancel: 'refused',
  recall: 'refused',
} as const;
const TABLE: Record<AttemptState, Record<AttemptAction, string>> = {
  'pending active': {
    renew: 'pending hold',
    expire: 'expired release',
    finish: 'finished hold +chain',
    fail: 'failed hold',
    retry: 'retryable release',
    cancel: 'cancelled hold',
    recall: 'recalled release',
  },
  'pending detached': {
    renew: 'lost',
    expire: 'expired leave',
    finish: 'finished leave',
    fail: 'failed leave',
    retry: 'retryable leave',
    cancel: 'cancelled leave',
    recall: 'recalled leave',
  },
  late: {
    renew: 'pending hold',
    expire: 'same',
    finish: 'finished hold +chain',
    fail: 'failed hold',
    retry: 'retryable release',
    cancel: 'cancelled hold',
    recall: 'recalled release',
  },
  expired: { ...OVER, renew: 'lost', expire: 'same' },
  finished: OVER,
  'failed active': { ...OVER, finish: 'finished hold +chain' },
  'failed detached': OVER,
  retryable: OVER,
  stopped: { ...OVER, renew: 'told', cancel: 'same', recall: 'same' },
};

function inWords(action: AttemptAction, state: AttemptState, duration = 1): string {
  const { error, status, unit, chains } = outcomeOf(action, state, duration);
  if (error === 'ErrNotPending') return status || chains || unit !== 'leave' ? 'refused, yet changed' : 'refused';
  if (error === 'ErrLostLease' && !status) return unit === 'leave' && !chains ? 'told' : 'told, yet changed';
  if (error === 'ErrLostLease') return status === 'expired' && unit === 'leave' && !chains ? 'lost' : 'lost, yet odd';
  if (!status) return unit === 'leave' && !chains ? 'same' : 'same, yet changed';
  return `${status} ${unit}${chains ? ' +chain' : ''}`;
}

describe('the table of transitions', () => {
  const cells = ATTEMPT_STATES.flatMap((state) => ACTIONS.map((action) => ({ state, action })));

  it.each(cells)('$action of an attempt that is $state', ({ state, action }) => {
    expect(inWords(action, state)).toBe(TABLE[state][action]);
  });

  it('covers every state and every action, and nothing else', () => {
    expect(Object.keys(TRANSITIONS).sort()).toEqual([...ACTIONS].sort());
    for (const action of ACTIONS) expect(Object.keys(TRANSITIONS[action]).sort()).toEqual([...ATTEMPT_STATES].sort());
    expect(Object.keys(TABLE).sort()).toEqual([...ATTEMPT_STATES].sort());
  });
});

describe('a renewal by zero or less', () => {
  it.each([0, -1, -1e15])('expires what a longer one would keep: by %d', (duration) => {
    expect(inWords('renew', 'pending active', duration)).toBe('expired release');
    expect(inWords('renew', 'late', duration)).toBe('expired release');
  });

  it('is otherwise refused as a longer one is', () => {
    expect(inWords('renew', 'pending detached', 0)).toBe('lost');
    expect(inWords('renew', 'expired', 0)).toBe('lost');
    expect(inWords('renew', 'finished', 0)).toBe('refused');
    expect(inWords('renew', 'failed active', 0)).toBe('refused');
  });

  it('is told by the duration of a renewal only', () => {
    expect(inWords('finish', 'pending active', 0)).toBe('finished hold +chain');
    expect(inWords('retry', 'late', -5)).toBe('retryable release');
  });
});

describe('the state of an attempt', () => {
  const table: [AttemptStatus, isActive: boolean, late: boolean, AttemptState][] = [
    ['pending', true, false, 'pending active'],
    ['pending', false, false, 'pending detached'],
    ['expired', false, true, 'late'],
    ['expired', false, false, 'expired'],
    ['finished', true, false, 'finished'],
    ['finished', false, false, 'finished'],
    ['failed', true, false, 'failed active'],
    ['failed', false, false, 'failed detached'],
    ['retryable', false, false, 'retryable'],
    ['cancelled', true, false, 'stopped'],
    ['cancelled', true, true, 'stopped'],
    ['cancelled', false, false, 'stopped'],
    ['recalled', false, false, 'stopped'],
  ];
  it.each(table)('of status %s, active %s, late %s', (status, isActive, late, state) => {
    expect(stateOf(status, isActive, late)).toBe(state);
  });
});
