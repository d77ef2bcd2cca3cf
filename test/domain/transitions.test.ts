import { describe, expect, it } from 'vitest';
import type { AttemptAction, AttemptStatus } from '../../src/domain/attempt.js';
import type { Standing } from '../../src/domain/transitions.js';
import { outcomeOf, standingOf, STANDINGS, TRANSITIONS } from '../../src/domain/transitions.js';

const ACTIONS: readonly AttemptAction[] = ['renew', 'expire', 'finish', 'fail', 'retry'];

/**
 * What is written in the rules, one word per cell: the attempt's status afterwards, with `hold`, `release` or `leave`
 * for its unit and `+chain` where output goes on; `same` = nothing changes, no error; `refused` = ErrNotPending;
 * `lost` = data stored, expired, ErrLostLease.
 */
const TABLE: Record<Standing, Record<AttemptAction, string>> = {
  'pending held': {
    renew: 'pending hold',
    expire: 'expired release',
    finish: 'finished hold +chain',
    fail: 'failed hold',
    retry: 'retryable release',
  },
  'pending detached': {
    renew: 'lost',
    expire: 'expired leave',
    finish: 'finished leave',
    fail: 'failed leave',
    retry: 'retryable leave',
  },
  late: {
    renew: 'pending hold',
    expire: 'same',
    finish: 'finished hold +chain',
    fail: 'failed hold',
    retry: 'retryable release',
  },
  expired: { renew: 'lost', expire: 'same', finish: 'refused', fail: 'refused', retry: 'refused' },
  finished: { renew: 'refused', expire: 'refused', finish: 'refused', fail: 'refused', retry: 'refused' },
  'failed held': {
    renew: 'refused',
    expire: 'refused',
    finish: 'finished hold +chain',
    fail: 'refused',
    retry: 'refused',
  },
  'failed detached': { renew: 'refused', expire: 'refused', finish: 'refused', fail: 'refused', retry: 'refused' },
  retryable: { renew: 'refused', expire: 'refused', finish: 'refused', fail: 'refused', retry: 'refused' },
};

function inWords(action: AttemptAction, standing: Standing, duration = 1): string {
  const { error, status, unit, chains } = outcomeOf(action, standing, duration);
  if (error === 'ErrNotPending') return status || chains || unit !== 'leave' ? 'refused, yet changed' : 'refused';
  if (error === 'ErrLostLease') return status === 'expired' && unit === 'leave' && !chains ? 'lost' : 'lost, yet odd';
  if (!status) return unit === 'leave' && !chains ? 'same' : 'same, yet changed';
  return `${status} ${unit}${chains ? ' +chain' : ''}`;
}

describe('the table of transitions', () => {
  const cells = STANDINGS.flatMap((standing) => ACTIONS.map((action) => ({ standing, action })));

  it.each(cells)('$action of an attempt that is $standing', ({ standing, action }) => {
    expect(inWords(action, standing)).toBe(TABLE[standing][action]);
  });

  it('covers every standing and every action, and nothing else', () => {
    expect(Object.keys(TRANSITIONS).sort()).toEqual([...ACTIONS].sort());
    for (const action of ACTIONS) expect(Object.keys(TRANSITIONS[action]).sort()).toEqual([...STANDINGS].sort());
    expect(Object.keys(TABLE).sort()).toEqual([...STANDINGS].sort());
  });
});

describe('a renewal by zero or less', () => {
  it.each([0, -1, -1e15])('expires what a longer one would keep: by %d', (duration) => {
    expect(inWords('renew', 'pending held', duration)).toBe('expired release');
    expect(inWords('renew', 'late', duration)).toBe('expired release');
  });

  it('is otherwise refused as a longer one is', () => {
    expect(inWords('renew', 'pending detached', 0)).toBe('lost');
    expect(inWords('renew', 'expired', 0)).toBe('lost');
    expect(inWords('renew', 'finished', 0)).toBe('refused');
    expect(inWords('renew', 'failed held', 0)).toBe('refused');
  });

  it('is told by the duration of a renewal only', () => {
    expect(inWords('finish', 'pending held', 0)).toBe('finished hold +chain');
    expect(inWords('retry', 'late', -5)).toBe('retryable release');
  });
});

describe('the standing of an attempt', () => {
  const table: [AttemptStatus, held: boolean, late: boolean, Standing][] = [
    ['pending', true, false, 'pending held'],
    ['pending', false, false, 'pending detached'],
    ['expired', false, true, 'late'],
    ['expired', false, false, 'expired'],
    ['finished', true, false, 'finished'],
    ['finished', false, false, 'finished'],
    ['failed', true, false, 'failed held'],
    ['failed', false, false, 'failed detached'],
    ['retryable', false, false, 'retryable'],
  ];
  it.each(table)('of status %s, held %s, late %s', (status, held, late, standing) => {
    expect(standingOf(status, held, late)).toBe(standing);
  });
});
