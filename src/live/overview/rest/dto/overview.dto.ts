import { encode } from '../../../../cbor/index.js';
import type { Counted } from '../../../../domain/history.js';
import { COUNTED } from '../../../../domain/history.js';
import type { RecentWork, SpecOverview } from '../../../../domain/overview.js';
import { areSame, drainedAt, NO_RECENT_WORK, RATE_MINUTES, recentOf } from '../../../../domain/overview.js';
import type { Micros } from '../../../../domain/time.js';
import { MINUTE, SECOND } from '../../../../domain/time.js';
import { defineWorkSpec } from '../../../../domain/work-spec.js';
import type { Home } from '../../../../rest/links.js';
import { workSpecUrl } from '../../../../rest/links.js';
import type { Items, Listed } from '../../../../rest/schema/representation.js';
import {
  always,
  link,
  listOf,
  moment,
  nameSchema,
  plainJson,
  Representation,
  sometimes,
  wholeNumber,
} from '../../../../rest/schema/representation.js';
import { formatTime } from '../../../../rest/time.js';
import { WORK_SPEC_META } from '../../../../work-specs/rest/dto/work-spec-meta.dto.js';
import type { LinkedOverview } from './overview-texts.js';
import { OverviewTexts } from './overview-texts.js';
import { WORK_UNIT_COUNTS } from '../../../../work-specs/rest/dto/work-spec.dto.js';

/** A work spec with its link, at a moment. */
export interface SpecOverviewView extends LinkedOverview {
  /** Undefined: what changes by time alone is left out. */
  readonly now: Micros | undefined;
}

/** @param url - where it is known already */
export function viewSpecOverview(
  home: Home,
  spec: SpecOverview,
  now: Micros,
  url = workSpecUrl(home, spec.workSpec),
): SpecOverviewView {
  return { url, spec, now };
}

const ABOUT: Readonly<Record<Counted, string>> = {
  added: 'Work units added.',
  claimed: 'Work units given out by claims.',
  finished: 'Attempts finished.',
  failed: 'Attempts failed.',
  retried: 'Attempts ended by `retry`.',
  expired: 'Attempts whose lease ran out.',
  released: 'Attempts given back.',
};

/** What happened in the last minutes of one of RATE_MINUTES. */
interface RecentView {
  readonly recent: RecentWork;
  readonly minutes: number;
}

/** So exact is a rate: what is told again and again changes when there is something to see. */
const DIGITS = 3;

const RATES_OF = new Representation<RecentView>(
  'Rates',
  Object.fromEntries(
    COUNTED.map((counted) => [
      counted,
      sometimes(
        { type: 'number', format: 'double', minimum: 0, example: 2.5 },
        ABOUT[counted],
        ({ recent, minutes }: RecentView) => {
          const count = recentOf(recent, minutes, counted);
          if (count === 0) return undefined;
          return String(Number(((count * SECOND) / (RATE_MINUTES[minutes] * MINUTE)).toPrecision(DIGITS)));
        },
      ),
    ]),
  ),
  { description: 'How many there were per second; those of zero are left out.' },
);

const ratesOf = (minutes: number, about: string) =>
  always(RATES_OF.ref, about, (recent: RecentWork) => RATES_OF.json({ recent, minutes }));

const RATES = new Representation<RecentWork>(
  'RecentRates',
  {
    last_minute: ratesOf(0, 'In the last minute.'),
    last_5_minutes: ratesOf(1, 'In the last five.'),
    last_hour: ratesOf(2, 'In the last sixty.'),
  },
  { description: 'How fast it has been going lately.' },
);

/** What nothing happened to reads so. */
const NO_RATES = RATES.json(NO_RECENT_WORK);

const time = (about: string, of: (view: SpecOverviewView) => Micros | undefined) =>
  sometimes(moment(), about, (view: SpecOverviewView) => {
    const value = of(view);
    return value === undefined ? undefined : plainJson(formatTime(value));
  });

const TEXTS: OverviewTexts = new OverviewTexts(({ url, spec }) => SPEC_OVERVIEW.json({ url, spec, now: undefined }));

const MEMBERS = {
  url: always(link('/namespace/default/work_spec/crawl'), 'Link of the work spec.', ({ url }: SpecOverviewView) =>
    plainJson(url),
  ),
  name: always(nameSchema('crawl'), 'Its name.', ({ spec }: SpecOverviewView) => JSON.stringify(spec.workSpec)),
  paused: always({ type: 'boolean', example: false }, 'Whether it gives out nothing.', ({ spec }: SpecOverviewView) =>
    String(spec.meta.paused),
  ),
  counts: always(WORK_UNIT_COUNTS.ref, 'Units per status.', ({ spec }: SpecOverviewView) =>
    WORK_UNIT_COUNTS.json(spec.counts),
  ),
  workers: always(
    wholeNumber(2),
    'Workers that have a pending attempt at a unit of it.',
    ({ spec }: SpecOverviewView) => String(spec.workers),
  ),
  oldest_available: time(
    'Since when the unit has been available that has been so longest; absent: none is.',
    ({ spec }) => spec.availableSince,
  ),
  limited_until: time(
    'Until when nothing of it is handed out, by its rate limit; absent: something may be.',
    ({ spec }) => spec.limitedUntil,
  ),
  waiting_for: sometimes(
    { type: 'array', items: nameSchema('fetch'), example: ['fetch'] },
    'The work specs that it comes after which still have something to be done: nothing of it is handed out before. Absent: none.',
    ({ spec }: SpecOverviewView) => (spec.waitingFor.length === 0 ? undefined : JSON.stringify(spec.waitingFor)),
  ),
  last_claim: time('When a claim last gave out a unit.', ({ spec }) => spec.lastClaim),
  rates: always(RATES.ref, 'How fast it has been going lately.', ({ spec: { recent } }: SpecOverviewView) =>
    recent === NO_RECENT_WORK ? NO_RATES : RATES.json(recent),
  ),
  meta: always(WORK_SPEC_META.ref, 'Its control values.', ({ spec }: SpecOverviewView) =>
    TEXTS.ofMeta(spec.meta, spec.counts),
  ),
};

/** What may be long of it, and what never changes. */
const APART: ReadonlySet<string> = new Set(['url', 'name', 'waiting_for', 'meta']);
const COMPARED = Object.entries(MEMBERS).flatMap(([name, member]) => (APART.has(name) ? [] : [member]));

/** All of it that is short and does not change by time alone: where it is as before, there may still be other control values. */
export function shortState(view: SpecOverviewView): string {
  return COMPARED.map((member) => member.json(view)).join(',');
}

/** Whether two work specs of the same short state have the same control values, and wait for the same. */
export function standAlike(one: SpecOverview, other: SpecOverview): boolean {
  if (!areSame(one.waitingFor, other.waitingFor)) return false;
  return one.meta === other.meta || TEXTS.ofMeta(one.meta, one.counts) === TEXTS.ofMeta(other.meta, other.counts);
}

const SPEC_OVERVIEW = new Representation<SpecOverviewView>(
  'WorkSpecOverview',
  {
    ...MEMBERS,
    drained_at: time(
      'When all that is left will be done if it goes on as in the last five minutes; absent where nothing is left or was done.',
      ({ spec, now }) => (now === undefined ? undefined : drainedAt(spec, now)),
    ),
  },
  { description: 'How a work spec stands and how it is getting on.' },
);

/** All of it, as JSON. */
export function specOverviewJson(view: SpecOverviewView): string {
  const { spec, now } = view;
  const changesByTime = now !== undefined && drainedAt(spec, now) !== undefined;
  return changesByTime ? SPEC_OVERVIEW.json(view) : TEXTS.of(view);
}

/** As lists have it. */
export const LISTED_OVERVIEW: Listed<SpecOverviewView> = {
  ref: SPEC_OVERVIEW.ref,
  json: specOverviewJson,
  weight: SPEC_OVERVIEW.weight,
  pieces: SPEC_OVERVIEW.pieces,
  hasWeight: SPEC_OVERVIEW.hasWeight,
};

export interface OverviewView {
  readonly url: string;
  readonly now: Micros;
  readonly specs: Items<SpecOverviewView>;
}

export const OVERVIEW = new Representation<OverviewView>(
  'NamespaceOverview',
  {
    url: always(link('/namespace/default/overview'), 'Link of the overview.', ({ url }) => plainJson(url)),
    time: always(moment(), 'The moment that it is of.', ({ now }) => plainJson(formatTime(now))),
    work_specs: listOf('The work specs, by name.', LISTED_OVERVIEW, ({ specs }) => specs),
  },
  { description: 'How the work of a namespace stands.' },
);

const EXAMPLE_NOW = 1_767_323_045_678_901;

export const OVERVIEW_EXAMPLE = JSON.parse(
  OVERVIEW.json({
    url: '/namespace/default/overview',
    now: EXAMPLE_NOW,
    specs: [
      {
        url: '/namespace/default/work_spec/crawl',
        now: EXAMPLE_NOW,
        spec: {
          workSpec: 'crawl',
          counts: { available: 120, delayed: 0, pending: 4, finished: 900, failed: 0 },
          meta: defineWorkSpec(encode({ name: 'crawl' })).meta,
          availableSince: EXAMPLE_NOW - 90 * SECOND,
          lastClaim: EXAMPLE_NOW - SECOND,
          workers: 2,
          recent: RATE_MINUTES.map((minutes) => [0, 60 * minutes, 60 * minutes, 0, 0, 0, 0]),
          limitedUntil: undefined,
          waitingFor: [],
        },
      },
    ],
  }),
) as Record<string, unknown>;
