import { beforeEach, describe, expect, it } from 'vitest';
import { decodeValue, encode } from '../../src/cbor/index.js';
import { changeAttempt, expireDetached, giveOut, startAttempt, undoAttempt } from '../../src/domain/attempt-rules.js';
import type { AttemptAction } from '../../src/domain/attempt.js';
import { isRefused } from '../../src/domain/claim-rules.js';
import { DEFAULT_LIFETIME, ZERO_TIME } from '../../src/domain/time.js';
import type { AttemptState } from '../../src/domain/transitions.js';
import { ATTEMPT_STATES, outcomeOf, stateOf } from '../../src/domain/transitions.js';
import { clearUnit, isIdle, putUnit, settle } from '../../src/domain/unit-rules.js';
import { PlainSpec, PlainUnit, unit } from './plain-units.js';

const ACTIONS: readonly AttemptAction[] = ['renew', 'expire', 'finish', 'fail', 'retry'];
const LEASE = 100;

let spec: PlainSpec;
let u: PlainUnit;
let now: number;

beforeEach(() => {
  spec = new PlainSpec();
  now = 1_000;
  putUnit(spec, unit('u'), now);
  u = spec.find('u')!;
});

const start = (worker = 'w') => {
  startAttempt(u, worker, spec.nextNumber(), LEASE, now);
  return u.latest!;
};
const change = (attempt: NonNullable<PlainUnit['latest']>, action: AttemptAction, details = {}) =>
  changeAttempt(u, attempt, attempt === u.latest && !isIdle(u.status), action, details, spec, now);
const seen = () => ({ status: u.status, moment: u.moment, tries: u.tries });

/** Brings an attempt into a state. */
function bringInto(state: AttemptState) {
  const attempt = start();
  if (state === 'late') settle(u, (now = attempt.expiration));
  else if (state === 'expired') change(attempt, 'expire');
  else if (state === 'finished') change(attempt, 'finish');
  else if (state === 'retryable') change(attempt, 'retry', { delay: 0 });
  else if (state.startsWith('failed')) change(attempt, 'fail');
  else if (state === 'stopped') change(attempt, 'cancel');
  if (state.endsWith('detached')) clearUnit(u, now);
  expect(stateOf(attempt.status, attempt === u.latest && !isIdle(u.status), attempt.late)).toBe(state);
  return attempt;
}

describe('a transition', () => {
  const cells = ATTEMPT_STATES.flatMap((state) => ACTIONS.map((action) => ({ state, action })));

  it.each(cells)('does what the table says: $action of an attempt that is $state', ({ state, action }) => {
    const attempt = bringInto(state);
    const before = { ...attempt };
    const unitBefore = seen();
    const told = spec.ends.length;
    now += 7;
    const { error, status, unit: effect } = outcomeOf(action, state, LEASE);
    expect(change(attempt, action, { data: encode({ own: 1 }), duration: LEASE, delay: 5 })?.name).toBe(error);
    expect(attempt.status).toBe(status ?? before.status);
    expect(attempt.ownData === undefined).toBe(status === undefined);
    if (status === undefined) expect({ ...attempt }).toEqual(before);
    else expect(attempt.late).toBe(false);
    const isOver = status !== undefined && status !== 'pending' && status !== before.status;
    expect(spec.ends.slice(told).map(({ end }) => end)).toEqual(isOver ? [now] : []);
    if (isOver) expect(attempt.end).toBe(now);
    const unitSeen = { hold: [status, status === 'pending' ? now + LEASE : now], release: ['available', now] };
    if (effect === 'leave') expect(seen()).toEqual(unitBefore);
    else if (status === 'retryable') expect([u.status, u.moment]).toEqual(['delayed', now + 5]);
    else expect([u.status, u.moment]).toEqual(unitSeen[effect]);
  });

  it('leaves the unit alone that another attempt holds', () => {
    const former = start();
    const second = start('v');
    const before = seen();
    now += 1;
    for (const action of ['renew', 'finish'] as const) change(former, action, { duration: LEASE });
    expect([former.status, second.status, seen()]).toEqual(['expired', 'pending', before]);
  });

  it('of an attempt that has run out where nobody looked finds it expired for good', () => {
    const former = start();
    start('v');
    now += 2 * LEASE;
    settle(u, now);
    expect(change(former, 'finish')?.name).toBe('ErrNotPending');
    expect([former.status, former.end, former.late]).toEqual(['expired', 1_000 + LEASE, false]);
    expect(spec.ends).toEqual([{ outcome: 'expired', start: 1_000, end: 1_000 + LEASE }]);
  });

  it('changes nothing when there is no room for its data or its output', () => {
    spec.next = new PlainSpec();
    u.data = encode({ output: ['o'] });
    const attempt = start();
    const before = [{ ...attempt }, seen()];
    spec.isFull = true;
    expect(() => change(attempt, 'finish')).toThrow('full');
    spec.next = undefined;
    expect(() => change(attempt, 'finish', { data: encode({}) })).toThrow('full');
    expect([{ ...attempt }, seen()]).toEqual(before);
    expect(change(attempt, 'finish')).toBeUndefined();
  });

  it('chains what the data say that are the unit’s in that moment, after it has finished', () => {
    spec.next = spec; // its own output may name the unit itself, which is then added anew
    u.data = encode({ output: ['of unit'] });
    const attempt = start();
    change(attempt, 'renew', { data: encode({ output: ['of attempt', 'u'] }), duration: LEASE });
    change(attempt, 'finish');
    expect([...spec.units.keys()]).toEqual(['u', 'of attempt']);
    expect([u.status, attempt.status]).toEqual(['available', 'finished']);
    startAttempt(u, 'w', spec.nextNumber(), LEASE, now);
    change(u.latest!, 'finish', { data: encode({ output: ['given'] }) });
    expect(spec.units.has('given')).toBe(true);
    expect(spec.units.has('of unit')).toBe(false);
  });
});

describe('an attempt that starts', () => {
  it('holds the unit from any state, and ends the lateness of the one before', () => {
    for (const state of ATTEMPT_STATES) {
      const former = bringInto(state);
      const attempt = start('v');
      expect(former.late).toBe(false);
      expect([u.status, u.moment, attempt.status, attempt.end]).toEqual(['pending', now + LEASE, 'pending', ZERO_TIME]);
    }
  });

  it('is taken back as if it had not been, while it is pending and the latest', () => {
    const former = bringInto('retryable');
    const before = seen();
    const attempt = start();
    undoAttempt(u, former.number, now);
    expect(u.latest).toBe(attempt);
    undoAttempt(u, attempt.number, now);
    expect([u.latest, seen()]).toEqual([former, before]);
    change(start(), 'finish');
    undoAttempt(u, u.latest!.number, now);
    expect(u.status).toBe('finished');
  });

  it('is delayed when it is taken back from a unit that was added again to run later', () => {
    const attempt = start();
    putUnit(spec, unit('u', { notBefore: now + 50 }), now);
    undoAttempt(u, attempt.number, now);
    expect(seen()).toEqual({ status: 'delayed', moment: now + 50, tries: 0 });
  });
});

describe('a unit that is given out', () => {
  it('fails on the spot once it has had max_retries attempts, and says why the last one failed', () => {
    expect(giveOut(u, 'w', spec.nextNumber(), LEASE, 1, now)).toBe(true);
    change(u.latest!, 'retry', { data: encode({ traceback: 'it broke' }), delay: 0 });
    expect(giveOut(u, 'w', spec.nextNumber(), LEASE, 1, now)).toBe(false);
    const refused = u.latest!;
    const why = encode({ traceback: 'too many retries', last: 'it broke' });
    expect(decodeValue(refused.data)).toEqual(decodeValue(why));
    expect(isRefused(refused, () => refused.data)).toBe(true);
    expect(seen()).toEqual({ status: 'failed', moment: now, tries: 2 });
    expect(spec.ends.at(-1)).toEqual({ outcome: 'failed', start: now, end: now });
    clearUnit(u, now);
    expect(giveOut(u, 'w', spec.nextNumber(), DEFAULT_LIFETIME, 1, now)).toBe(true);
  });
});

describe('an attempt that is not its unit’s active one', () => {
  it('expires when it is looked at, at the end of its lease and without being late', () => {
    const attempt = start();
    clearUnit(u, now);
    expireDetached(attempt, attempt.expiration - 1);
    expect(attempt.status).toBe('pending');
    expireDetached(attempt, attempt.expiration + 9);
    expect([attempt.status, attempt.end, attempt.late]).toEqual(['expired', attempt.expiration, false]);
    expect(spec.ends).toEqual([]);
  });
});
