import type { Counted, HistorySpan, HistoryWindow, SpanTimes } from '../../../../domain/history.js';
import { COUNTED, WORK_BOUNDS } from '../../../../domain/history.js';
import type { Schema } from '../../../../rest/openapi/schema.js';
import {
  always,
  link,
  listOf,
  moment,
  numberJson,
  plainJson,
  Representation,
  sometimes,
  wholeNumber,
} from '../../../../rest/schema/representation.js';
import { formatTime } from '../../../../rest/time.js';

export interface HistoryView {
  readonly url: string;
  readonly window: HistoryWindow;
  readonly spans: readonly HistorySpan[];
}

const numbers = (example: readonly number[], item: Schema): Schema => ({ type: 'array', items: item, example });
const count: Schema = { type: 'integer', format: 'int64', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
const seconds: Schema = { type: 'number', format: 'double', minimum: 0 };

const EXAMPLE_TIMES: SpanTimes = {
  seconds: 1.5,
  buckets: WORK_BOUNDS.map((_, i) => (i === 3 ? 1 : 0)).concat(0),
};

export const SPAN_TIMES = new Representation<SpanTimes>(
  'HistoryTimes',
  {
    seconds: always({ ...seconds, example: 1.5 }, 'All of them together, in seconds.', (times) =>
      numberJson(times.seconds),
    ),
    buckets: always(
      numbers(EXAMPLE_TIMES.buckets, count),
      'How many were no longer than each of `bounds` and longer than the one before it; the last: longer than all.',
      ({ buckets }) => JSON.stringify(buckets),
    ),
  },
  { description: 'Times, counted by size.' },
);

const ABOUT: Readonly<Record<Counted, string>> = {
  added: 'Work units that were added, or added again.',
  claimed: 'Work units that claims gave out.',
  finished: 'Attempts that finished.',
  failed: 'Attempts that failed.',
  retried: 'Attempts that were ended by `retry`.',
  expired: 'Attempts whose lease ran out.',
  released: 'Attempts that ended without a result before their lease did.',
};

const times = (about: string, of: (span: HistorySpan) => SpanTimes) =>
  sometimes(SPAN_TIMES.ref, about, (span: HistorySpan) => {
    const value = of(span);
    return value.buckets.some((one) => one > 0) ? SPAN_TIMES.json(value) : undefined;
  });

const SPAN = new Representation<HistorySpan>(
  'HistorySpan',
  {
    start: always(moment(), 'When it begins.', ({ start }) => plainJson(formatTime(start))),
    end: always(
      moment('2026-01-02T03:05:00Z'),
      'When it is over: a step later, or an hour where that is longer and it is not known any finer.',
      ({ end }) => plainJson(formatTime(end)),
    ),
    ...Object.fromEntries(
      COUNTED.map((counted) => [
        counted,
        sometimes(wholeNumber(3), ABOUT[counted], (span: HistorySpan) =>
          span[counted] === 0 ? undefined : String(span[counted]),
        ),
      ]),
    ),
    waited: times('How long the units that were claimed had been available.', ({ waited }) => waited),
    worked: times('How long the attempts took that finished, failed or were retried.', ({ worked }) => worked),
  },
  { description: 'What happened in a span of time. Counts of zero are left out.' },
);

export const HISTORY = new Representation<HistoryView>(
  'History',
  {
    url: always(link('/namespace/default/work_spec/crawl/history'), 'Link of the history.', ({ url }) =>
      plainJson(url),
    ),
    from: always(moment('2026-01-02T03:04:00Z'), 'Where it begins.', ({ window }) =>
      plainJson(formatTime(window.from)),
    ),
    to: always(moment('2026-01-02T04:04:00Z'), 'Where it ends.', ({ window }) => plainJson(formatTime(window.to))),
    step: always(wholeNumber(60_000_000_000), 'Length of a span, in nanoseconds.', ({ window }) =>
      String(window.step * 1000),
    ),
    bounds: always(numbers(WORK_BOUNDS, seconds), 'Upper bounds of the buckets of all times, in seconds.', () =>
      JSON.stringify(WORK_BOUNDS),
    ),
    spans: listOf('The spans in which something happened, oldest first.', SPAN, ({ spans }) => spans),
  },
  { description: 'What happened to work, span by span.' },
);

export const HISTORY_EXAMPLE = JSON.parse(
  HISTORY.json({
    url: '/namespace/default/work_spec/crawl/history',
    window: { from: 1_767_323_040_000_000, to: 1_767_326_640_000_000, step: 60_000_000 },
    spans: [
      {
        start: 1_767_323_040_000_000,
        end: 1_767_323_100_000_000,
        ...{ added: 3, claimed: 1, finished: 1, failed: 0, retried: 0, expired: 0, released: 0 },
        waited: EXAMPLE_TIMES,
        worked: EXAMPLE_TIMES,
      },
    ],
  }),
) as Record<string, unknown>;
