import fc from 'fast-check';
import { expect, test } from 'vitest';
import { definedSlots, slotsDueAt, takeSlots } from '../../../src/domain/flow/slot-rules.js';
import { OVERLAPS, type Schedule } from '../../../src/domain/flow/schedule.js';
import { dueSlots } from '../../../src/domain/flow/slots.js';
import { MINUTE, ZERO_TIME } from '../../../src/domain/time.js';
import { atOnce } from '../../../src/storage/memory/pace.js';

const START = Date.parse('2026-11-27T01:59:30Z') * 1000;

const looks = fc.array(fc.record({ minutes: fc.integer({ min: -5, max: 12 }), isBusy: fc.boolean() }), {
  maxLength: 15,
});

test('whenever it is looked, and however the clock is set, each slot is made once, missed or buffered', () => {
  fc.assert(
    fc.property(
      looks,
      fc.constantFrom(...OVERLAPS),
      fc.constantFrom(0, 4 * MINUTE, 60 * MINUTE),
      fc.boolean(),
      (history, overlap, catchUp, catchUpAll) => {
        const schedule: Schedule = { cron: '* * * * *', timezone: 'UTC', overlap, catchUp, catchUpAll };
        let slots = definedSlots(schedule, { schedule: undefined, slots: undefined }, START)!;
        const first = slots.next;
        const made: string[] = [];
        let now = START;
        for (const { minutes, isBusy } of history) {
          now += minutes * MINUTE;
          if (slotsDueAt(slots) > now) continue;
          const due = slots.next <= now ? atOnce(dueSlots(schedule, slots.next, now)) : undefined;
          const step = takeSlots(schedule, slots, due, isBusy);
          if (!step) continue;
          if (overlap !== 'allow' && isBusy) expect(step.units).toEqual([]);
          made.push(...step.units.map(({ name }) => name));
          slots = step.state;
          expect(slots.next).toBeGreaterThan(now);
          const waiting = slots.buffered === ZERO_TIME ? 0 : 1;
          expect(made.length + slots.missed + waiting).toBe((slots.next - first) / MINUTE);
        }
        expect(made).toEqual([...new Set(made)].sort());
      },
    ),
  );
});
