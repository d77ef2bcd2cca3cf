import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dueSlots,
  MOST_SLOTS,
  nextSlot,
  wrongInCalendar,
  type DueSlots,
  type SlotRule,
} from '../../../src/domain/flow/slots.js';
import { LAST_TIME, MINUTE, SECOND, type Micros } from '../../../src/domain/time.js';

const at = (text: string): Micros => Date.parse(text) * 1000;
const textOf = (moment: Micros): string => new Date(moment / 1000).toISOString().replace('.000Z', 'Z');
const HOUR = 60 * MINUTE;

function slotsOf(cron: string, timezone: string, from: string, until: string): string[] {
  const calendar = { cron, timezone };
  const slots: string[] = [];
  for (let slot = nextSlot(calendar, at(from)); slot <= at(until); slot = nextSlot(calendar, slot))
    slots.push(textOf(slot));
  return slots;
}

function due(rule: Partial<SlotRule>, next: Micros, now: Micros): DueSlots {
  const steps = dueSlots({ cron: '* * * * *', timezone: 'UTC', catchUp: 0, catchUpAll: false, ...rule }, next, now);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

describe('the slots of a calendar', () => {
  test.each([
    [
      'a time in the gap, at its end',
      '30 2 * * *',
      '2026-03-28T12:00Z',
      '2026-03-30T12:00Z',
      ['2026-03-29T01:00', '2026-03-30T00:30'],
    ],
    [
      'of several times in the gap, one',
      '30,45 2 * * *',
      '2026-03-28T12:00Z',
      '2026-03-29T12:00Z',
      ['2026-03-29T01:00'],
    ],
    [
      'one that the end of the gap is anyhow',
      '0 2,3 * * *',
      '2026-03-28T12:00Z',
      '2026-03-29T12:00Z',
      ['2026-03-29T01:00'],
    ],
    [
      'a fixed hour that comes twice, once',
      '30 2 * * *',
      '2026-10-24T12:00Z',
      '2026-10-26T12:00Z',
      ['2026-10-25T00:30', '2026-10-26T01:30'],
    ],
    [
      'one of a range, once',
      '30 1-3 * * *',
      '2026-10-24T22:30Z',
      '2026-10-25T12:00Z',
      ['2026-10-24T23:30', '2026-10-25T00:30', '2026-10-25T02:30'],
    ],
    [
      'of a wildcard, on and on',
      '*/30 * * * *',
      '2026-10-25T00:00Z',
      '2026-10-25T02:00Z',
      ['2026-10-25T00:30', '2026-10-25T01:00', '2026-10-25T01:30', '2026-10-25T02:00'],
    ],
    [
      'of a wildcard over the gap',
      '*/30 * * * *',
      '2026-03-29T00:00Z',
      '2026-03-29T02:00Z',
      ['2026-03-29T00:30', '2026-03-29T01:00', '2026-03-29T01:30', '2026-03-29T02:00'],
    ],
    [
      'of the last day of the month',
      '0 12 L * *',
      '2027-02-01T00:00Z',
      '2027-03-31T23:00Z',
      ['2027-02-28T11:00', '2027-03-31T10:00'],
    ],
    [
      'of seconds',
      '*/20 59 2 25 10 *',
      '2026-10-24T22:30Z',
      '2026-10-25T00:59:30Z',
      ['2026-10-25T00:59', '2026-10-25T00:59:20'],
    ],
  ])('%s', (_what, cron, from, until, slots) => {
    expect(slotsOf(cron, 'Europe/Berlin', from, until)).toEqual(
      slots.map((slot) => (slot.length === 16 ? `${slot}:00Z` : `${slot}Z`)),
    );
  });

  test('a gap at midnight, and one of half an hour', () => {
    expect(slotsOf('0 0 * * *', 'America/Santiago', '2026-09-05T12:00Z', '2026-09-07T12:00Z')).toEqual([
      '2026-09-06T04:00:00Z',
      '2026-09-07T03:00:00Z',
    ]);
    expect(slotsOf('15 2 * * *', 'Australia/Lord_Howe', '2026-10-02T16:00Z', '2026-10-04T16:00Z')).toEqual([
      '2026-10-03T15:30:00Z',
      '2026-10-04T15:15:00Z',
    ]);
  });

  test('none comes after the last moment that can be written', () => {
    expect(nextSlot({ cron: '* * * * *', timezone: 'UTC' }, LAST_TIME)).toBe(LAST_TIME);
  });

  test.each([
    ['@daily', 'UTC', 'cron', 'five fields'],
    ['* * * * * * 2027', 'UTC', 'cron', 'five fields'],
    ['* * * *', 'UTC', 'cron', 'five fields'],
    ['', 'UTC', 'cron', 'five fields'],
    ['? * * * *', 'UTC', 'cron', '"?"'],
    ['61 * * * *', 'UTC', 'cron', 'is not understood: Invalid value for minute: 61'],
    ['*/0 * * * *', 'UTC', 'cron', 'is not understood'],
    ['0 0 31 2 *', 'UTC', 'cron', 'must match a time, and there is none in 2024-2073'],
    ['0 0 31 2,4,6,9,11 +1', 'UTC', 'cron', 'must match a time, and there is none in 2024-2073'],
    [`${'0,'.repeat(200)}0 * * * *`, 'UTC', 'cron', 'at most 256'],
    ['* * * * *', 'Europe/Berlinx', 'timezone', 'IANA'],
    ['* * * * *', '', 'timezone', 'IANA'],
    ['* * * * *', '+02:00', 'timezone', 'IANA'],
  ])('%j in %j is no calendar', (cron, timezone, key, reason) => {
    const wrong = wrongInCalendar({ cron, timezone });
    expect(wrong?.key).toBe(key);
    expect(wrong?.reason).toContain(reason);
  });

  test.each([
    '0 3 * * 1-5',
    '*/5 * * * *',
    '0 0 29 2 *',
    '0 0 29 2 +1',
    '*/10 * * * * *',
    '0 0 * * MON',
    ' 0  0 1 jan * ',
  ])('%j is one', (cron) => expect(wrongInCalendar({ cron, timezone: 'Europe/Berlin' })).toBeUndefined());
});

const zone = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Santiago',
  'Africa/Casablanca',
);
const field = (most: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant('*'),
    fc.nat(most).map(String),
    fc.integer({ min: 2, max: 20 }).map((step) => `*/${step}`),
    fc.uniqueArray(fc.nat(most), { minLength: 2, maxLength: 3 }).map((list) => list.join(',')),
  );
const calendars = fc.record({
  cron: fc
    .tuple(field(59), field(23), fc.constantFrom('*', '1-7'), fc.constant('*'), fc.constantFrom('*', '0', '1-5'))
    .map((fields) => fields.join(' ')),
  timezone: zone,
});
/** Of a year and a half, so that many lie near a change of the clocks. */
const moments = fc
  .integer({ min: 0, max: 550 * 24 * 3600 })
  .map((seconds) => at('2026-01-01T00:00Z') + seconds * SECOND);

describe('whatever the calendar', () => {
  test('the next slot lies ahead, and none lies before it', () => {
    fc.assert(
      fc.property(calendars, moments, fc.double({ min: 0, max: 1, noNaN: true }), (calendar, moment, part) => {
        const slot = nextSlot(calendar, moment);
        expect(slot).toBeGreaterThan(moment);
        const between = moment + Math.floor((slot - SECOND - moment) * part);
        expect(nextSlot(calendar, between)).toBe(slot);
      }),
      { numRuns: 100 },
    );
  });

  test('what is due are the slots since the next one: those young enough are made, the latest or each, the others missed', () => {
    fc.assert(
      fc.property(
        calendars,
        moments,
        fc.integer({ min: 0, max: 3 * 24 * 3600 }),
        fc.constantFrom(0, 30, 3600, 86_400),
        fc.boolean(),
        (calendar, from, seconds, catchUp, catchUpAll) => {
          const next = nextSlot(calendar, from);
          const now = next + seconds * SECOND;
          const all: Micros[] = [];
          let ahead = next;
          for (; ahead <= now && all.length < 300; ahead = nextSlot(calendar, ahead)) all.push(ahead);
          fc.pre(ahead > now);
          const young = all.filter((slot) => slot >= now - Math.max(catchUp, 60) * SECOND);
          const slots = catchUpAll ? young : young.slice(-1);
          const result = due({ ...calendar, catchUp: catchUp * SECOND, catchUpAll }, next, now);
          expect(result).toEqual({ slots, missed: all.length - slots.length, next: ahead });
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a thousand at most are made up for, the latest ones, and no more are counted as missed', () => {
    const next = at('2026-01-01T00:00Z');
    const now = next + 24 * HOUR;
    const { slots, missed, next: ahead } = due({ catchUp: 48 * HOUR, catchUpAll: true }, next, now);
    expect(slots).toHaveLength(MOST_SLOTS);
    expect(slots[0]).toBe(now - (MOST_SLOTS - 1) * MINUTE);
    expect(slots.at(-1)).toBe(now);
    expect(missed).toBe(1441 - MOST_SLOTS);
    expect(ahead).toBe(now + MINUTE);
    expect(due({ catchUp: 24 * HOUR }, next, now + 30 * 24 * HOUR)).toMatchObject({
      slots: [now + 30 * 24 * HOUR],
      missed: MOST_SLOTS,
    });
  });
});
