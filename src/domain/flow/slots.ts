import { Cron } from 'croner';
import { LAST_TIME, MILLISECOND, MINUTE, SECOND, type Micros } from '../time.js';

/** When the slots of a schedule are. */
export interface Calendar {
  /** Five fields, or six of which the first are seconds. */
  readonly cron: string;
  /** Of the IANA. */
  readonly timezone: string;
}

/** A calendar, and which of the slots that have gone by are made up for. */
export interface SlotRule extends Calendar {
  /** So old at most, as a span. */
  readonly catchUp: Micros;
  /** Each of them, where it is not the latest one alone. */
  readonly catchUpAll: boolean;
}

/** What has come due of a schedule. */
export interface DueSlots {
  /** Those to be made, in their order. */
  readonly slots: readonly Micros[];
  /** How many have gone by besides, counted up to MOST_SLOTS. */
  readonly missed: number;
  /** The first slot that lies ahead; LAST_TIME: none. */
  readonly next: Micros;
}

/** So many slots at most are made up for at once, the latest ones. */
export const MOST_SLOTS = 1_000;
/** A slot counts as on time for so long: a daemon may be busy, or be started anew. */
export const ON_TIME: Micros = MINUTE;

/** A time within these is looked for: 29 February falls on any day of the week once in 40 years at the latest. */
const ALL_YEARS = '2024-2073';
const FIRST_YEAR = new Date('2024-01-01T00:00:00Z');
const MOST_PATTERNS = 1_000;
const LONGEST_CRON = 256;
const LONGEST_ZONE = 64;
/** To reckon one slot takes as long as so many small steps. */
const STEPS_PER_SLOT = 64;

/** Hours that are lists or ranges are fixed as single ones are: one that comes twice runs once. */
const OPTIONS = { paused: true, fixedTimeRule: 'no-wildcard' } as const;

/** Says what is wrong with a calendar. @returns the key that is wrong, and what is said of it; undefined: nothing */
export function wrongInCalendar(calendar: Calendar): { key: 'cron' | 'timezone'; reason: string } | undefined {
  if (patterns.has(keyOf(calendar))) return undefined;
  const { cron, timezone } = calendar;
  if (!isZone(timezone)) return { key: 'timezone', reason: 'must be a time zone of the IANA, as Europe/Berlin' };
  const wrong = (reason: string): ReturnType<typeof wrongInCalendar> => ({ key: 'cron', reason });
  if (cron.length > LONGEST_CRON) return wrong(`must be at most ${LONGEST_CRON} characters`);
  const fields = cron.trim().split(/\s+/);
  if (fields.length < 5 || fields.length > 6) {
    return wrong('must be five fields (minute, hour, day, month, day of the week), or six with seconds before them');
  }
  // It stands for the moment at which the expression is read, which is another one at each daemon.
  if (cron.includes('?')) return wrong('must not have a field of "?"');
  // The library looks through centuries for what never comes, unless it is told in which years to look.
  const inYears = [...(fields.length === 5 ? ['0'] : []), ...fields, ALL_YEARS].join(' ');
  try {
    const first = new Cron(inYears, { ...OPTIONS, mode: '7-part', timezone }).nextRun(FIRST_YEAR);
    if (first === null) return wrong(`must match a time, and there is none in ${ALL_YEARS}`);
    patternOf(calendar);
    return undefined;
  } catch (error) {
    return wrong(`is not understood: ${(error as Error).message.replace(/^\w+: /, '')}`);
  }
}

function isZone(timezone: string): boolean {
  // What begins otherwise is an offset, which newer versions of Node take for a zone.
  if (!/^[A-Za-z]/.test(timezone) || timezone.length > LONGEST_ZONE) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return true;
  } catch {
    return false;
  }
}

/** Of calendars that are right: definitions are read again and again, and to read an expression takes a tenth of a millisecond. */
const patterns = new Map<string, Cron>();

function keyOf({ cron, timezone }: Calendar): string {
  return `${timezone} ${cron}`;
}

function patternOf(calendar: Calendar): Cron {
  const key = keyOf(calendar);
  let pattern = patterns.get(key);
  if (!pattern) {
    const { cron, timezone } = calendar;
    pattern = new Cron(cron.trim(), { ...OPTIONS, mode: '5-or-6-parts', timezone });
    if (patterns.size >= MOST_PATTERNS) patterns.clear();
    patterns.set(key, pattern);
  }
  return pattern;
}

/** The whole second that a moment is in, as the library takes it. */
function dateOf(moment: Micros): Date {
  return new Date(Math.floor(moment / SECOND) * 1000);
}

/** The first slot behind a moment; LAST_TIME where none comes. The calendar must be a right one. */
export function nextSlot(calendar: Calendar, moment: Micros): Micros {
  const date = dateOf(moment);
  if (Number.isNaN(date.getTime())) return LAST_TIME;
  const next = patternOf(calendar).nextRun(date);
  // The library gives the date back that it was given where its fields can't be told apart from the next ones.
  return next === null || next <= date ? LAST_TIME : next.getTime() * MILLISECOND;
}

/**
 * What has come due, in steps, each of which tells how many small ones it was.
 * @param next - the first slot that has not been looked at; it has come
 */
export function* dueSlots(rule: SlotRule, next: Micros, now: Micros): Generator<number, DueSlots> {
  const oldest = now - Math.max(rule.catchUp, ON_TIME);
  const second = nextSlot(rule, next);
  yield STEPS_PER_SLOT;
  // As it is nearly always.
  if (second > now)
    return next >= oldest ? { slots: [next], missed: 0, next: second } : { slots: [], missed: 1, next: second };

  // Slots are whole seconds: the one at the bound itself counts, one in the second that the bound lies within is too old.
  const from = Math.ceil(Math.max(next, oldest) / SECOND) * SECOND - SECOND;
  const slots = rule.catchUpAll ? yield* latestSlots(rule, from, now) : yield* latestSlot(rule, from, now);
  // Those before the first that is made.
  const end = slots[0] ?? now + 1;
  let missed = 0;
  for (let slot = next; slot < end && missed < MOST_SLOTS; slot = nextSlot(rule, slot)) {
    missed++;
    yield STEPS_PER_SLOT;
  }
  return { slots, missed, next: nextSlot(rule, now) };
}

/** The last slot behind `from` that is not behind `now`, found by halving. */
function* latestSlot(calendar: Calendar, from: Micros, now: Micros): Generator<number, Micros[]> {
  let latest = nextSlot(calendar, from);
  if (latest > now) return [];
  let end = now;
  while (end - latest >= SECOND) {
    const middle = latest + Math.floor((end - latest) / 2);
    const slot = nextSlot(calendar, middle);
    if (slot <= now) latest = slot;
    else end = middle;
    yield STEPS_PER_SLOT;
  }
  return [latest];
}

/** The last slots behind `from` that are not behind `now`, as many as are made up for. */
function* latestSlots(calendar: Calendar, from: Micros, now: Micros): Generator<number, Micros[]> {
  let slots: Micros[] = [];
  let end = now;
  // Of so many seconds there can't be too many; then of as many again, and so on.
  for (let span = MOST_SLOTS * SECOND; end > from && slots.length < MOST_SLOTS; span *= 2) {
    const begin = Math.max(from, end - span);
    const earlier: Micros[] = [];
    for (let slot = nextSlot(calendar, begin); slot <= end; slot = nextSlot(calendar, slot)) {
      earlier.push(slot);
      yield STEPS_PER_SLOT;
    }
    slots = [...earlier, ...slots];
    end = begin;
  }
  return slots.slice(-MOST_SLOTS);
}
