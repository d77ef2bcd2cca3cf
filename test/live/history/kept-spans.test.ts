import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HISTORY_KEPT, HOUR, MINUTES_KEPT } from '../../../src/domain/history.js';
import { MINUTE } from '../../../src/domain/time.js';
import { HistoryRoom } from '../../../src/live/history/recorder/history-room.js';
import { KeptSpans } from '../../../src/live/history/recorder/kept-spans.js';
import { SpanLog } from '../../../src/live/history/recorder/span-log.js';
import { noNumbers, SPAN_LENGTH } from '../../../src/live/history/recorder/span-numbers.js';
import { SpanSums } from '../../../src/live/history/recorder/span-sums.js';
import { SpecHistory } from '../../../src/live/history/recorder/spec-history.js';
import { NO_OBSERVERS } from '../../../src/domain/work-observer.js';

const BASE = 500_000 * HOUR;
const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER, step: MINUTE };

const numbers = fc
  .array(fc.tuple(fc.nat(SPAN_LENGTH - 1), fc.oneof(fc.nat(200), fc.nat(2 ** 31))), { maxLength: 12 })
  .map((some) => {
    const all = noNumbers();
    for (const [at, value] of some) all[at] = value;
    return all;
  });

describe('a log of spans', () => {
  it('gives back what was put in, and lets go of the oldest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 5_000 }), numbers), { maxLength: 40 }),
        fc.nat(60_000),
        (steps, cut) => {
          const log = new SpanLog(MINUTE);
          const put: { start: number; numbers: number[] }[] = [];
          let start = BASE;
          for (const [step, some] of steps) {
            start += step * MINUTE;
            log.append(start, some);
            put.push({ start, numbers: Array.from(some) });
          }
          const read = () =>
            Array.from(log.spans(), (span) => ({ start: span.start, numbers: Array.from(span.numbers) }));
          expect(read()).toEqual(put);
          const before = BASE + cut * MINUTE;
          const gone: number[] = [];
          log.dropBefore(before, (span) => gone.push(span.start));
          expect(gone).toEqual(put.flatMap((span) => (span.start < before ? [span.start] : [])));
          const left = put.filter((span) => span.start >= before);
          expect(read()).toEqual(left);
          expect([log.size, log.first]).toEqual([left.length, left[0]?.start ?? Infinity]);
          log.fit();
          log.append(start + 9_000 * MINUTE, noNumbers());
          expect(read().slice(0, -1)).toEqual(left);
        },
      ),
    );
  });

  it('takes few bytes of a minute in which a few hundred units went by', () => {
    const log = new SpanLog(MINUTE);
    const busy = noNumbers();
    for (const [at, value] of [
      [0, 300],
      [1, 300],
      [2, 295],
      [3, 5],
      [7, 61.5],
      [8, 2400.25],
      [11, 200],
      [12, 100],
      [29, 300],
    ]) {
      busy[at] = value;
    }
    for (let minute = 0; minute < 2_880; minute++) log.append(BASE + minute * MINUTE, busy);
    log.fit();
    expect(log.reserved / 2_880).toBeLessThan(40);
  });
});

describe('kept spans', () => {
  it('lose nothing of what is added up, whatever the order in which it came, as long as it is kept', () => {
    const moves = fc.array(fc.integer({ min: -200, max: 400 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(moves, (steps) => {
        const kept = new KeptSpans();
        const one = noNumbers();
        one[0] = 1;
        let minute = 1_000;
        const hours = new Map<number, number>();
        for (const step of steps) {
          minute = Math.max(0, minute + step);
          const start = BASE + minute * MINUTE;
          kept.addMinute(start, one);
          kept.forgetOld(start);
          const hour = Math.floor(start / HOUR) * HOUR;
          hours.set(hour, (hours.get(hour) ?? 0) + 1);
        }
        const sums = new SpanSums({ ...ALL, step: HOUR });
        kept.addTo(sums);
        const sorted = [...hours].sort(([a], [b]) => a - b);
        expect(sums.spans().map(({ start, added }) => [start, added])).toEqual(sorted);
      }),
    );
  });

  it('are minutes for two days, hours for sixty, and nothing after that', () => {
    const kept = new KeptSpans();
    const one = noNumbers();
    one[1] = 1;
    const spans = () => {
      const sums = new SpanSums(ALL);
      kept.addTo(sums);
      return sums.spans();
    };
    for (let minute = 0; minute < 120; minute++) kept.addMinute(BASE + minute * MINUTE, one);
    kept.forgetOld(BASE + MINUTES_KEPT);
    expect(spans()).toHaveLength(120);
    kept.forgetOld(BASE + MINUTES_KEPT + HOUR);
    expect(
      spans()
        .map(({ start, end, claimed }) => [start - BASE, end - start, claimed])
        .slice(0, 2),
    ).toEqual([
      [0, HOUR, 60],
      [HOUR, MINUTE, 1],
    ]);
    kept.forgetOld(BASE + HISTORY_KEPT + HOUR);
    expect(spans().map(({ start }) => start - BASE)).toEqual([HOUR]);
    kept.forgetOld(BASE + HISTORY_KEPT + 2 * HOUR);
    expect(spans()).toEqual([]);
  });
});

describe('the room for histories', () => {
  it('is kept by telling those more coarsely that have been used least', () => {
    const room = new HistoryRoom(40_000);
    const histories = Array.from({ length: 4 }, () => new SpecHistory(NO_OBSERVERS.workOf('', ''), room));
    let most = 0;
    const use = (which: number, minutes: number, from: number): void => {
      for (let minute = from; minute < from + minutes; minute++) {
        histories[which].recorder.added(1, BASE + minute * MINUTE);
        most = Math.max(most, room.reserved);
      }
    };
    for (const which of [0, 1, 2, 3]) use(which, 2_000, 0);
    use(3, 800, 2_000);
    expect(most).toBeLessThan(42_000);
    const shown = histories.map((history) => {
      const sums = new SpanSums(ALL);
      history.addTo(sums);
      const spans = sums.spans();
      return {
        minutes: spans.filter(({ start, end }) => end - start === MINUTE).length,
        added: spans.reduce((sum, { added }) => sum + added, 0),
      };
    });
    expect(shown[3]).toEqual({ minutes: 2_800, added: 2_800 });
    expect(shown[0].minutes).toBeLessThan(61);
    for (const history of histories) history.giveUp();
    expect(room.reserved).toBe(0);
  });
});
