import { COUNTED } from '../../../domain/history.js';
import type { RecentWork } from '../../../domain/overview.js';
import { NO_RECENT_WORK, RATE_MINUTES } from '../../../domain/overview.js';
import type { Micros } from '../../../domain/time.js';
import { MINUTE } from '../../../domain/time.js';
import { LAST_CLAIMS, SPANS, WORK_IN_SPANS } from '../sql/overview.sql.js';
import type { ConnectionPool } from '../wire/connection-pool.js';
import { int8Column } from '../wire/columns.js';
import type { Row } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { numbersOf, numbersOrNoneOf, textParameter } from '../wire/values.js';

/** What is remembered is so of so many namespaces: those that were asked for last. */
const MOST = 20;

/** Minutes by their age, of which all count alike for each of the rates. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** The last hour in spans: each of the rates ends with a minute that lies in part before it. The latest comes first. */
const ALL_SPANS: readonly Span[] = RATE_MINUTES.flatMap((minutes, i) => {
  const whole = { from: i === 0 ? 0 : RATE_MINUTES[i - 1] + 1, to: minutes - 1 };
  return [whole, { from: minutes, to: minutes }];
});
/** Daemons write down what happens some seconds afterwards: minutes that ended a minute ago have all that they will have. */
const FRESH = ALL_SPANS.filter(({ from }) => from <= 1);
const OVER = ALL_SPANS.filter(({ from }) => from > 1);

/** What happened lately to the work of a spec. */
export interface Lately {
  readonly recent: RecentWork;
  /** When a claim last gave out a unit; undefined: not in the time that a history is kept for. */
  readonly lastClaim: Micros | undefined;
}

/** What happened to the work of a spec in some spans: for each, in their order, the counts in the order of COUNTED. */
interface Work {
  readonly counts: (readonly number[] | undefined)[];
  lastClaim: Micros | undefined;
}

/** By the history ids of specs. */
type WorkOf = Map<number, Work>;

/**
 * What happened lately to the work of the specs of namespaces. Most of the last hour is over for good: it is read once in a minute, however
 * often somebody asks.
 */
export class RecentWorkReader {
  private readonly over = new Map<string, { readonly present: Micros; readonly work: WorkOf }>();

  constructor(private readonly pool: ConnectionPool) {}

  /** @returns by the history ids of the specs, of those of which there is something to tell */
  async read(namespace: string, now: Micros): Promise<Map<number, Lately>> {
    const present = Math.floor(now / MINUTE) * MINUTE;
    const [fresh, over] = await Promise.all([
      this.readSpans(namespace, present, FRESH),
      this.readOver(namespace, present),
    ]);
    const part = (now - present) / MINUTE;
    const all = new Map<number, Lately>();
    for (const [historyId, work] of over) all.set(historyId, lately(fresh.get(historyId), work, part));
    for (const [historyId, work] of fresh) if (!over.has(historyId)) all.set(historyId, lately(work, undefined, part));
    return all;
  }

  private async readOver(namespace: string, present: Micros): Promise<WorkOf> {
    const known = this.over.get(namespace);
    if (known?.present === present) return known.work;
    const [work, [[ids, moments]]] = await Promise.all([
      this.readSpans(namespace, present, OVER),
      this.pool.query(statement(LAST_CLAIMS, textParameter(namespace))),
    ]);
    const claimed = numbersOf(moments);
    numbersOf(ids).forEach((historyId, i) => (workOf(work, historyId).lastClaim = claimed[i]));
    this.over.delete(namespace);
    this.over.set(namespace, { present, work });
    for (const oldest of this.over.keys()) if (this.over.size > MOST) this.over.delete(oldest);
    return work;
  }

  private async readSpans(namespace: string, present: Micros, spans: readonly Span[]): Promise<WorkOf> {
    const starts = spans.map(({ to }) => present - to * MINUTE).reverse();
    const end = present - (spans[0].from - 1) * MINUTE;
    const [row] = await this.pool.query(statement(WORK_IN_SPANS, textParameter(namespace), int8Column(starts), end));
    return readWork(row, spans.length);
  }
}

function readWork(row: Row, spans: number): WorkOf {
  const numbers = numbersOf(row[SPANS.spans]);
  const lastClaims = numbersOrNoneOf(row[SPANS.lastClaims]);
  const columns = COUNTED.map((_, i) => numbersOf(row[SPANS.counts + i]));
  const all: WorkOf = new Map();
  numbersOf(row[SPANS.historyIds]).forEach((historyId, i) => {
    const work = workOf(all, historyId);
    // Their numbers begin with the oldest one.
    work.counts[spans - numbers[i]] = columns.map((column) => column[i]);
    work.lastClaim = later(work.lastClaim, lastClaims[i]);
  });
  return all;
}

function workOf(all: WorkOf, historyId: number): Work {
  const known = all.get(historyId) ?? { counts: [], lastClaim: undefined };
  all.set(historyId, known);
  return known;
}

/** @param partBefore - how much of a minute that lies in part before a rate's does so */
function lately(fresh: Work | undefined, over: Work | undefined, partBefore: number): Lately {
  const counts = [...FRESH.map((_, i) => fresh?.counts[i]), ...OVER.map((_, i) => over?.counts[i])];
  return {
    recent: counts.every((each) => each === undefined) ? NO_RECENT_WORK : sumsOf(counts, partBefore),
    lastClaim: later(fresh?.lastClaim, over?.lastClaim),
  };
}

function sumsOf(counts: readonly (readonly number[] | undefined)[], partBefore: number): RecentWork {
  const sums = RATE_MINUTES.map(() => COUNTED.map(() => 0));
  counts.forEach((each, i) => {
    if (each === undefined) return;
    const { from } = ALL_SPANS[i];
    RATE_MINUTES.forEach((minutes, rate) => {
      if (from > minutes) return;
      const part = from === minutes ? 1 - partBefore : 1;
      const own = sums[rate];
      for (let at = 0; at < own.length; at++) own[at] += each[at] * part;
    });
  });
  return sums;
}

function later(one: Micros | undefined, other: Micros | undefined): Micros | undefined {
  return one === undefined || (other !== undefined && other > one) ? other : one;
}
