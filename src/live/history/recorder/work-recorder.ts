import type { AttemptOutcome } from '../../../domain/attempt-outcome.js';
import { WORK_BOUNDS } from '../../../domain/history.js';
import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import { MINUTE, SECOND } from '../../../domain/time.js';
import type { WorkObserver } from '../../../domain/work-observer.js';
import { bucketOf } from '../../../timing/tally.js';
import type { SpanNumbers } from './span-numbers.js';
import { AT, noNumbers, SPAN_LENGTH } from './span-numbers.js';

/** Takes what was counted of a minute. The numbers are to be used at once: the next minute is counted in them. */
export type KeepMinute = (start: Micros, numbers: SpanNumbers) => void;

/** What has happened is dated by the clock of the storage. Set back by more than that, it begins a minute of its own. */
const SET_BACK: Micros = 2 * MINUTE;

/**
 * Counts what happens to the work of one spec, minute by minute, and passes it on to who looks on besides. Every claim and
 * every end comes by here: it costs a few additions, and makes nothing.
 *
 * A lease that ran out in a minute before the one that is being counted is counted in this one: somebody has only noticed now.
 */
export class WorkRecorder implements WorkObserver {
  /** When a claim last gave out a unit, 0: not yet. */
  lastClaim: Micros = 0;
  private numbers: SpanNumbers | undefined;
  private start: Micros = Infinity;
  private end: Micros = -Infinity;
  private isEmpty = true;

  constructor(
    private readonly next: WorkObserver,
    private readonly keep: KeepMinute,
  ) {}

  added(units: number, now: Micros): void {
    this.next.added(units, now);
    this.at(now)[AT.added] += units;
  }

  claimed(since: Micros, now: Micros): void {
    this.next.claimed(since, now);
    this.lastClaim = now;
    const numbers = this.at(now);
    const seconds = now > since ? (now - since) / SECOND : 0;
    numbers[AT.claimed]++;
    numbers[AT.waitedSeconds] += seconds;
    numbers[AT.waited + bucketOf(WORK_BOUNDS, seconds)]++;
  }

  ended(outcome: AttemptOutcome, start: Micros, end: Micros, worker: ByteName): void {
    this.next.ended(outcome, start, end, worker);
    const numbers = outcome === 'expired' ? this.atLatest(end) : this.at(end);
    numbers[AT[outcome]]++;
    if (outcome === 'expired' || outcome === 'released') return;
    const seconds = end > start ? (end - start) / SECOND : 0;
    numbers[AT.workedSeconds] += seconds;
    numbers[AT.worked + bucketOf(WORK_BOUNDS, seconds)]++;
  }

  /** What has been counted of the minute that is not over yet; undefined: nothing. */
  get present(): { readonly start: Micros; readonly numbers: SpanNumbers } | undefined {
    return this.isEmpty ? undefined : { start: this.start, numbers: this.numbers! };
  }

  /** Hands over what has been counted since the last time. */
  handOver(): void {
    if (this.isEmpty) return;
    this.keep(this.start, this.numbers!);
    this.numbers!.fill(0, 0, SPAN_LENGTH);
    this.isEmpty = true;
  }

  private at(now: Micros): SpanNumbers {
    if (now >= this.end || now < this.start - SET_BACK) this.begin(now);
    this.isEmpty = false;
    return this.numbers!;
  }

  private atLatest(moment: Micros): SpanNumbers {
    if (moment >= this.end) this.begin(moment);
    this.isEmpty = false;
    return this.numbers!;
  }

  private begin(now: Micros): void {
    this.handOver();
    this.numbers ??= noNumbers();
    this.start = Math.floor(now / MINUTE) * MINUTE;
    this.end = this.start + MINUTE;
  }
}
