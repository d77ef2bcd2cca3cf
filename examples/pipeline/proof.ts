import { isDeepStrictEqual } from 'node:util';
import type { ListedAttempt } from 'coordinate-client';
import { type Check, sameCount } from '../common/checks.js';
import { BURST, COUNT, MERGE, pauseAfter, SWEEP } from './specs.js';
import type { Totals } from './texts.js';

/** Times of attempts are told in milliseconds, of which one may be lost at each end. */
const ROUNDING_MS = 1;

/** What of an attempt is looked at. */
export type Tried = Pick<ListedAttempt, 'spec' | 'unit' | 'status' | 'startTime' | 'endTime'>;

/** What the history of attempts says of a run. */
export class Story {
  private readonly counts: readonly Tried[];

  /** @param attempts of all workers, in any order */
  constructor(private readonly attempts: readonly Tried[]) {
    this.counts = this.of(COUNT);
  }

  /** How many attempts at counting failed. */
  get failures(): number {
    return this.counts.filter(({ status }) => status === 'failed').length;
  }

  /** Each part has one attempt that finished, whatever else was tried. */
  countedOnce(parts: number): Check {
    const finished = this.counts.filter(({ status }) => status === 'finished').map(({ unit }) => String(unit));
    const { claim, holds } = sameCount('each part was counted once', new Set(finished).size, parts);
    return { claim, holds: holds && finished.length === parts };
  }

  /** What failed was tried again, and not before its pause was over. */
  rested(): Check {
    const failures = new Map<string, number>();
    const last = new Map<string, Tried>();
    let early = 0;
    for (const attempt of this.counts) {
      const unit = String(attempt.unit);
      const before = last.get(unit);
      if (before?.status === 'failed') {
        const times = (failures.get(unit) ?? 0) + 1;
        failures.set(unit, times);
        const pause = attempt.startTime.getTime() - before.endTime!.getTime();
        if (pause < pauseAfter(times) - ROUNDING_MS) early++;
      }
      last.set(unit, attempt);
    }
    const again = [...failures.values()].reduce((sum, times) => sum + times, 0);
    const claim = `retry: counts that failed and were tried again after their pause: ${again - early} of ${this.failures}`;
    return { claim, holds: early === 0 && again === this.failures };
  }

  /** Between any two moments no more was handed out than was in the bucket at first, and has fallen into it since. */
  limited(rate: number): Check {
    let least = Infinity;
    let most = 0;
    for (const [i, { startTime }] of this.counts.entries()) {
      const ahead = i - (startTime.getTime() / 1000) * rate;
      least = Math.min(least, ahead);
      most = Math.max(most, ahead - least + 1);
    }
    const claim = `rate_limit: never more than ${BURST} at once and ${rate} a second`;
    return { claim, holds: most <= BURST + (rate * ROUNDING_MS) / 1000 };
  }

  /** What comes after counting began when the last part was counted. */
  mergedLast(): Check {
    const ends = this.counts.map(({ endTime }) => endTime?.getTime() ?? Infinity);
    const lastEnd = ends.reduce((latest, end) => Math.max(latest, end), 0);
    const merges = this.of(MERGE);
    const holds = merges.length > 0 && merges.every(({ startTime }) => startTime.getTime() >= lastEnd);
    return { claim: 'after: nothing was merged before the last part was counted', holds };
  }

  /** @param slots those that were made, by their names */
  sweptOnce(slots: readonly string[]): Check {
    const finished = this.of(SWEEP).filter(({ status }) => status === 'finished');
    const { claim, holds } = sameCount('schedule: each slot ran once', finished.length, slots.length);
    return { claim, holds: holds && new Set(slots).size === slots.length };
  }

  private of(spec: string): Tried[] {
    const attempts = this.attempts.filter((attempt) => attempt.spec === spec);
    return attempts.sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
  }
}

/** A slot came while the first daemon was there, and one when it had been started again. */
export function sweptAround(slots: readonly string[], killed: Date, startedAgain: Date): Check {
  const moments = slots.map((slot) => Date.parse(slot));
  const before = moments.filter((moment) => moment < killed.getTime()).length;
  const later = moments.filter((moment) => moment > startedAgain.getTime()).length;
  return {
    claim: `schedule: slots before the daemon was killed, and after it was started again: ${before} and ${later}`,
    holds: before > 0 && later > 0,
  };
}

export function sameTotals(found: Totals, alone: Totals): Check {
  const of = ({ words, distinct, most, digest }: Totals) => ({ words, distinct, most, digest });
  const claim = `totals equal those of a single process: ${found.words.toLocaleString('en-US')} words, SHA-256 ${found.digest}`;
  return { claim, holds: isDeepStrictEqual(of(found), of(alone)) };
}
