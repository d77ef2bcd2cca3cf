import type { Micros } from '../domain/time.js';
import { LAST_TIME, ZERO_TIME } from '../domain/time.js';

const ZERO_TEXT = '0001-01-01T00:00:00Z';
const LAST_TEXT = '9999-12-31T23:59:59.999999Z';

/** A moment as RFC 3339 in UTC, with microseconds unless they are zero. */
export function formatTime(moment: Micros): string {
  if (moment === ZERO_TIME) return ZERO_TEXT;
  if (moment >= LAST_TIME) return LAST_TEXT;
  const seconds = Math.floor(moment / 1e6);
  const micros = moment - seconds * 1e6;
  const text = secondText(seconds);
  return micros === 0 ? `${text}Z` : `${text}.${String(micros).padStart(6, '0')}Z`;
}

/** The latest seconds that were written, by their lowest bits: moments of now, and of the ends of leases, come in swarms. */
const recent = Array.from({ length: 16 }, () => ({ seconds: NaN, text: '' }));

function secondText(seconds: number): string {
  const entry = recent[Math.abs(seconds) % recent.length];
  if (entry.seconds !== seconds) {
    entry.seconds = seconds;
    entry.text = new Date(seconds * 1000).toISOString().slice(0, 19);
  }
  return entry.text;
}

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * Reads RFC 3339 with any offset; digits beyond the microsecond, or beyond what is exact so far from now, are cut, so that
 * no moment comes to lie in the second after its own. @returns undefined when it is none
 */
export function parseTime(text: string): Micros | undefined {
  const parts = RFC_3339.exec(text);
  if (!parts) return undefined;
  const field = (index: number): number => Number(parts[index] ?? 0);
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(field) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  // A leap second is the first moment of the next minute.
  if (!isDay || hour > 23 || minute > 59 || second > 60 || field(9) > 23 || field(10) > 59) return undefined;
  const offset = (parts[8] === '-' ? -1 : 1) * (field(9) * 60 + field(10)) * 60;
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset;
  const micros = Number((parts[7] ?? '').slice(0, 6).padEnd(6, '0'));
  const moment = addMicros(seconds * 1e6, micros);
  return moment >= ZERO_TIME && moment <= LAST_TIME ? moment : undefined;
}

/** A whole second and microseconds after it; rounded down where a number is not exact to the microsecond. */
function addMicros(second: Micros, micros: Micros): Micros {
  const moment = second + micros;
  if (Number.isSafeInteger(moment)) return moment;
  const step = 2 ** (Math.floor(Math.log2(Math.abs(moment))) - 52);
  return second + Math.floor(micros / step) * step;
}

/** A span in nanoseconds as microseconds, away from zero: the shortest lease is still a lease. */
export function microsOfNanos(nanoseconds: number): Micros {
  return nanoseconds >= 0 ? Math.ceil(nanoseconds / 1000) : Math.floor(nanoseconds / 1000);
}
