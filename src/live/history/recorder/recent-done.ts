import { HOUR } from '../../../domain/history.js';
import type { Micros } from '../../../domain/time.js';
import { MINUTE } from '../../../domain/time.js';

/** What a worker has done is counted by spans of this length: there are very many workers. */
export const DONE_SPAN: Micros = 5 * MINUTE;
/** How many of them an hour has. */
const SPANS = HOUR / DONE_SPAN;
/** One is not over, and one lies in part before the hour. */
const PLACES = SPANS + 1;

/** How many units a worker has finished lately. */
export class RecentDone {
  private readonly counts = new Uint32Array(PLACES);
  /** The latest span of those that are counted, in spans since 1970. */
  private latest = -PLACES;

  add(end: Micros): void {
    const span = Math.floor(end / DONE_SPAN);
    if (span <= this.latest - PLACES) return;
    if (span > this.latest) {
      for (let next = Math.max(this.latest, span - PLACES) + 1; next <= span; next++) this.counts[placeOf(next)] = 0;
      this.latest = span;
    }
    this.counts[placeOf(span)]++;
  }

  /** How many in the last hour. Of the span that lies in part before it as much counts as lies within, as if things had happened evenly. */
  within(now: Micros): number {
    const present = Math.floor(now / DONE_SPAN);
    const part = 1 - (now / DONE_SPAN - present);
    let sum = 0;
    for (
      let span = Math.max(present - SPANS, this.latest - PLACES + 1);
      span <= Math.min(present, this.latest);
      span++
    ) {
      sum += (span === present - SPANS ? part : 1) * this.counts[placeOf(span)];
    }
    return Math.round(sum);
  }
}

function placeOf(span: number): number {
  return ((span % PLACES) + PLACES) % PLACES;
}
