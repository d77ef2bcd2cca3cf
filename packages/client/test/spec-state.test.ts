import { describe, expect, it } from 'vitest';
import { SPEC_STATES, standingOf, type WorkSpecOverview } from '../src/index.js';
import { NOTHING } from '../src/rest/history.js';
import { NO_UNITS } from '../src/rest/unit-query.js';

const NOW = new Date('2026-11-29T12:00:00Z');
const at = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);

interface Parts extends Partial<Omit<WorkSpecOverview, 'counts' | 'rates' | 'meta'>> {
  readonly counts?: Partial<WorkSpecOverview['counts']>;
  readonly meta?: Partial<WorkSpecOverview['meta']>;
  readonly lastMinute?: Partial<typeof NOTHING>;
  readonly last5Minutes?: Partial<typeof NOTHING>;
}

/** A work spec of which nothing is said but this. */
function spec({ counts, meta, lastMinute, last5Minutes, ...parts }: Parts): WorkSpecOverview {
  return {
    name: 's',
    paused: false,
    workers: 0,
    oldestAvailable: undefined,
    limitedUntil: undefined,
    waitingFor: [],
    lastClaim: undefined,
    drainedAt: undefined,
    ...parts,
    counts: { ...NO_UNITS, ...counts },
    rates: {
      lastMinute: { ...NOTHING, ...lastMinute },
      last5Minutes: { ...NOTHING, ...last5Minutes },
      lastHour: NOTHING,
    },
    meta: {
      priority: 0,
      weight: 20,
      paused: false,
      continuous: false,
      canBeContinuous: false,
      minMemoryGb: 0,
      interval: 0,
      nextContinuous: undefined,
      maxRunning: 0,
      maxAttemptsReturned: 0,
      maxRetries: 0,
      nextWorkSpecName: '',
      runtime: '',
      flow: undefined,
      nextSlot: undefined,
      lastSlot: undefined,
      bufferedSlot: undefined,
      missedSlots: 0,
      availableCount: 0,
      pendingCount: 0,
      ...meta,
    },
  };
}

const some = { available: 2 };
const rows: readonly (readonly [what: string, parts: Parts, state: string, why: string])[] = [
  ['nothing in it', {}, 'empty', ''],
  ['all done', { counts: { finished: 1 } }, 'done', ''],
  ['all failed long ago', { counts: { failed: 1 } }, 'done', ''],
  ['paused, whatever else', { paused: true, counts: some, last5Minutes: { failed: 1 } }, 'paused', 'nothing is handed out until it is resumed'],
  ['a tenth failing', { counts: some, workers: 1, last5Minutes: { failed: 1, finished: 9 } }, 'running', ''],
  ['more than a tenth failing', { counts: some, workers: 1, last5Minutes: { failed: 2, finished: 14 } }, 'failing', '13% of what ended in the last 5 minutes failed'],
  ['after others', { counts: some, waitingFor: ['a', 'b'] }, 'blocked', 'comes after a, b'],
  ['after others, with nothing to be done', { waitingFor: ['a'] }, 'empty', ''],
  ['max_running reached', { counts: { available: 1, pending: 3 }, workers: 1, meta: { maxRunning: 3 } }, 'limited', 'max_running is 3'],
  ['max_running reached, and nothing left', { counts: { pending: 3 }, workers: 1, meta: { maxRunning: 3 } }, 'running', ''],
  ['max_running not reached', { counts: { available: 1, pending: 2 }, workers: 1, meta: { maxRunning: 3 } }, 'running', ''],
  ['a rate limit', { counts: some, limitedUntil: at(1) }, 'limited', 'rate_limit until 2026-11-29T12:01:00.000Z'],
  ['a rate limit that is over', { counts: some, limitedUntil: NOW, workers: 1 }, 'running', ''],
  ['nobody yet', { counts: some, oldestAvailable: at(-5) }, 'waiting', 'nobody has claimed it yet'],
  ['nobody for five minutes', { counts: some, oldestAvailable: at(-5.1) }, 'starving', 'nobody has claimed it for 5 minutes'],
  ['nobody for long, but for one', { counts: some, oldestAvailable: at(-60), last5Minutes: { claimed: 1 } }, 'waiting', 'nobody has claimed it yet'],
  ['claimed in the last minute', { counts: some, oldestAvailable: at(-60), lastMinute: { claimed: 1 } }, 'running', ''],
  ['a worker at it', { counts: some, oldestAvailable: at(-60), workers: 1 }, 'running', ''],
  ['a weight of nothing', { counts: some, oldestAvailable: at(-6), meta: { weight: -1 } }, 'starving', 'a weight of -1 is never handed out'],
  ['needs of its own', { counts: some, oldestAvailable: at(-90), meta: { minMemoryGb: 8, runtime: 'gpu' } }, 'starving', 'nobody of the workers that have 8 GB and runtime gpu has claimed it for 90 minutes'],
  ['the last in work', { counts: { pending: 1 }, workers: 1 }, 'running', ''],
  ['not before its time', { counts: { delayed: 1 } }, 'delayed', 'what is left may not be done yet'],
  ['a schedule', { counts: { finished: 3 }, meta: { nextSlot: at(5) } }, 'scheduled', ''],
  ['a schedule with work', { counts: { pending: 1 }, workers: 1, meta: { nextSlot: at(5) } }, 'running', ''],
  ['continuous, later', { meta: { continuous: true, nextContinuous: at(5) } }, 'scheduled', ''],
  ['continuous, due', { meta: { continuous: true, nextContinuous: NOW } }, 'waiting', 'the next claim makes a unit'],
  ['continuous, never run', { meta: { continuous: true } }, 'waiting', 'the next claim makes a unit'],
  ['no longer continuous', { meta: { continuous: false, nextContinuous: at(5) } }, 'empty', ''],
]; // prettier-ignore

describe('a work spec', () => {
  it.each(rows)('with %s', (_, parts, state, why) => {
    expect(standingOf(spec(parts), NOW)).toMatchObject({ state, why });
  });

  it('has each state in one of these', () => {
    expect(new Set(rows.map(([, , state]) => state))).toEqual(new Set(SPEC_STATES));
  });

  it('says when its next unit comes', () => {
    const nextSlot = (meta: Parts['meta']): Date | undefined => standingOf(spec({ meta }), NOW).nextSlot;
    expect(nextSlot({})).toBeUndefined();
    expect(nextSlot({ nextSlot: at(1) })).toEqual(at(1));
    expect(nextSlot({ continuous: true, nextContinuous: at(2) })).toEqual(at(2));
    expect(nextSlot({ continuous: false, nextContinuous: at(2) })).toBeUndefined();
  });

  const high: Parts = { name: 'high', counts: some, meta: { priority: 1 } };
  it.each<readonly [what: string, other: Parts, isAbove: boolean]>([
    ['has work', high, true],
    ['has none', { ...high, counts: { pending: 1 } }, false],
    ['has the same priority', { ...high, meta: { priority: 0 } }, false],
    ['is paused', { ...high, paused: true }, false],
    ['comes after others', { ...high, waitingFor: ['x'] }, false],
    ['is at its limit', { ...high, counts: { available: 1, pending: 1 }, meta: { priority: 1, maxRunning: 1 } }, false],
    ['is of no weight', { ...high, meta: { priority: 1, weight: 0 } }, false],
  ])('waits for one of a higher priority that %s', (_, other, isAbove) => {
    const own = spec({ counts: some });
    const why = isAbove ? 'high has a higher priority and work left' : 'nobody has claimed it yet';
    expect(standingOf(own, NOW, [own, spec(other)])).toMatchObject({ state: 'waiting', why });
  });
});
