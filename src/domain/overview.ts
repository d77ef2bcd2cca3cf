import type { CauseId } from './cause.js';
import type { Counted } from './history.js';
import { COUNTED } from './history.js';
import type { ByteName } from './names.js';
import type { Micros } from './time.js';
import { laterBy, MINUTE } from './time.js';
import type { WorkSpecMeta } from './work-spec.js';
import type { WorkUnitCounts } from './work-unit.js';
import { WORK_UNIT_STATUSES } from './work-unit.js';

/** Rates are told of the last so many minutes. */
export const RATE_MINUTES = [1, 5, 60] as const;

/**
 * What happened to the work of a spec in the last minutes, for each of RATE_MINUTES the counts in the order of COUNTED. Of the minute
 * that lies in part before them so much is counted as lies within, as if things had happened evenly in it.
 */
export type RecentWork = readonly (readonly number[])[];

/** How a work spec stands, and how it is getting on. */
export interface SpecOverview {
  readonly workSpec: string;
  readonly counts: WorkUnitCounts;
  readonly meta: WorkSpecMeta;
  /** Since when the unit has been available that has been so longest; undefined: none is. */
  readonly availableSince: Micros | undefined;
  /** When a claim last gave out a unit; undefined: not in the time that a history is kept for. */
  readonly lastClaim: Micros | undefined;
  /** How many workers have a pending attempt at a unit of it. */
  readonly workers: number;
  readonly recent: RecentWork;
  /** Until when its rate limit lets nothing be handed out; undefined: something may be. */
  readonly limitedUntil: Micros | undefined;
  /** Those that it comes after which still have something to be done. */
  readonly waitingFor: readonly string[];
}

/** That a unit has failed, and is failed still. */
export interface Failure {
  readonly workSpec: string;
  readonly workUnit: ByteName;
  /** Whose attempt it was that failed. */
  readonly worker: ByteName;
  readonly at: Micros;
  /** Its cause, as the groups of failures have it. */
  readonly failure: CauseId;
  readonly cause: string;
}

/** How the work specs of a namespace stand at a moment, sorted by name. */
export interface NamespaceOverview {
  readonly now: Micros;
  readonly specs: readonly SpecOverview[];
}

/** Nothing has happened. */
export const NO_RECENT_WORK: RecentWork = RATE_MINUTES.map(() => COUNTED.map(() => 0));

/** Whether two looks saw a spec in the same state, whatever the time: it may be made of one what was made of the other. */
export function isSameOverview(one: SpecOverview, other: SpecOverview): boolean {
  return (
    one === other ||
    (one.meta === other.meta &&
      one.workSpec === other.workSpec &&
      one.workers === other.workers &&
      one.availableSince === other.availableSince &&
      one.lastClaim === other.lastClaim &&
      one.limitedUntil === other.limitedUntil &&
      WORK_UNIT_STATUSES.every((status) => one.counts[status] === other.counts[status]) &&
      areSame(one.waitingFor, other.waitingFor) &&
      (one.recent === other.recent || one.recent.every((counts, i) => areSame(counts, other.recent[i]))))
  );
}

/** Whether two lists have the same in them, in the same order. */
export function areSame<T>(some: readonly T[], others: readonly T[]): boolean {
  return some === others || (some.length === others.length && some.every((one, i) => one === others[i]));
}

const PLACE = new Map(COUNTED.map((counted, at) => [counted, at]));
/** The place of five minutes in RATE_MINUTES. */
export const FIVE_MINUTES = 1;
/** By which of RATE_MINUTES it is guessed when all is done. */
const GUESSED_BY = FIVE_MINUTES;
/** From which part of what ended on a work spec is failing. coordinate-client says the same of one. */
const FAILING = 0.1;

/** How many there were of something in the last minutes of one of RATE_MINUTES. */
export function recentOf(recent: RecentWork, minutes: number, counted: Counted): number {
  return recent[minutes][PLACE.get(counted)!];
}

/** When no unit is left to do if it goes on as in the last minutes; undefined where none is left, or nothing was done. */
export function drainedAt({ counts, recent }: SpecOverview, now: Micros): Micros | undefined {
  const left = counts.available + counts.delayed + counts.pending;
  const done = recentOf(recent, GUESSED_BY, 'finished') + recentOf(recent, GUESSED_BY, 'failed');
  if (left === 0 || done <= 0) return undefined;
  return laterBy(Math.round((left / done) * RATE_MINUTES[GUESSED_BY] * MINUTE), now);
}

/** Whether more than a tenth of what ended in the last five minutes has failed, of a work spec that is not paused. */
export function isFailing({ recent, meta }: Pick<SpecOverview, 'recent' | 'meta'>): boolean {
  const failed = recentOf(recent, FIVE_MINUTES, 'failed');
  const ended = failed + recentOf(recent, FIVE_MINUTES, 'finished');
  return !meta.paused && ended > 0 && failed > ended * FAILING;
}
