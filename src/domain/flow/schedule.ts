import type { CborValue } from '../../cbor/index.js';
import { CborMap } from '../../cbor/index.js';
import { SECOND, type Micros } from '../time.js';
import { wrongInCalendar } from './slots.js';
import { StrictFields } from './strict-fields.js';

/** What becomes of a slot while a unit of the spec is available, delayed or pending. */
export const OVERLAPS = ['skip', 'buffer', 'allow'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** When a spec makes units by the calendar. */
export interface Schedule {
  readonly cron: string;
  /** By its IANA name. */
  readonly timezone: string;
  readonly overlap: Overlap;
  /** Slots that were missed and are no older than this are made up for; 0: none. */
  readonly catchUp: Micros;
  /** Whether each of them is, and not only the latest. */
  readonly catchUpAll: boolean;
}

const KEYS = ['cron', 'timezone', 'overlap', 'catch_up', 'catch_up_all'];
const MOST_SECONDS = 1e9;

/** An expression, or a dictionary. @throws InvalidValueError */
export function parseSchedule(value: CborValue, path: string): Schedule {
  const isAlone = !(value instanceof CborMap);
  const fields = StrictFields.of(isAlone ? new CborMap([['cron', value]]) : value, path, KEYS);
  const cron = fields.text('cron');
  if (cron === undefined) return fields.refuse('cron', 'must be a string');
  const timezone = fields.text('timezone') ?? 'UTC';
  const wrong = wrongInCalendar({ cron, timezone });
  if (wrong) return fields.refuse(wrong.key, wrong.reason);
  const what = `a number of seconds from 0 to ${MOST_SECONDS}`;
  return Object.freeze({
    cron,
    timezone,
    overlap: fields.oneOf('overlap', OVERLAPS),
    catchUp: Math.round(fields.number('catch_up', 0, what, (n) => n >= 0 && n <= MOST_SECONDS) * SECOND),
    catchUpAll: fields.flag('catch_up_all'),
  });
}

/** The schedule as it is written. */
export function scheduleNotation(schedule: Schedule): Record<string, unknown> {
  return {
    cron: schedule.cron,
    timezone: schedule.timezone,
    overlap: schedule.overlap,
    catch_up: schedule.catchUp / SECOND,
    catch_up_all: schedule.catchUpAll,
  };
}
