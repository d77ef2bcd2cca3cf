import type { components } from '../generated/bodies.js';
import type { Happening } from './history.js';
import { NOTHING } from './history.js';
import type { UnitCounts } from './unit-query.js';
import { NO_UNITS } from './unit-query.js';
import type { WorkSpecMeta } from './work-spec-meta.js';
import { metaOf } from './work-spec-meta.js';

type Bodies = components['schemas'];

/** How the work of a namespace stands, and how it is getting on. */
export interface NamespaceOverview {
  /** The moment that it is of. */
  readonly time: Date;
  readonly specs: readonly WorkSpecOverview[];
}

/** What happened per second. */
export type Rates = Readonly<Record<Happening, number>>;

export interface WorkSpecOverview {
  readonly name: string;
  readonly paused: boolean;
  readonly counts: UnitCounts;
  /** Workers that have a pending attempt at a unit of it. */
  readonly workers: number;
  /** Since when the unit has been available that has been so longest; absent: none is. */
  readonly oldestAvailable: Date | undefined;
  /** Until when nothing of it is handed out, by its rate limit; absent: something may be. */
  readonly limitedUntil: Date | undefined;
  /** The work specs that it comes after which still have something to be done. */
  readonly waitingFor: readonly string[];
  /** When a claim last gave out a unit. */
  readonly lastClaim: Date | undefined;
  readonly rates: { readonly lastMinute: Rates; readonly last5Minutes: Rates; readonly lastHour: Rates };
  readonly meta: WorkSpecMeta;
  /** When all that is left will be done if it goes on so; absent where nothing is left or was done. */
  readonly drainedAt: Date | undefined;
}

export function overviewOf({ time, work_specs }: Bodies['NamespaceOverview']): NamespaceOverview {
  return { time: new Date(time), specs: work_specs.map(specOverview) };
}

export function specOverview(json: Bodies['WorkSpecOverview']): WorkSpecOverview {
  const { last_minute, last_5_minutes, last_hour } = json.rates;
  return {
    name: json.name,
    paused: json.paused,
    counts: { ...NO_UNITS, ...json.counts },
    workers: json.workers,
    oldestAvailable: momentOf(json.oldest_available),
    limitedUntil: momentOf(json.limited_until),
    waitingFor: json.waiting_for ?? [],
    lastClaim: momentOf(json.last_claim),
    rates: {
      lastMinute: { ...NOTHING, ...last_minute },
      last5Minutes: { ...NOTHING, ...last_5_minutes },
      lastHour: { ...NOTHING, ...last_hour },
    },
    meta: metaOf(json.meta),
    drainedAt: momentOf(json.drained_at),
  };
}

function momentOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}
