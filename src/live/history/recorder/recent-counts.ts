import { COUNTED } from '../../../domain/history.js';
import type { Micros } from '../../../domain/time.js';
import { MINUTE } from '../../../domain/time.js';
import type { SpanNumbers } from './span-numbers.js';

/** The longest span, in minutes, that rates are told of. */
const MOST_MINUTES = 60;
/** One is not over, and one lies in part before the span. */
const PLACES = MOST_MINUTES + 2;
const WIDTH = COUNTED.length;

/** The counts of the last hour by the minute, so that rates can be told without a look at all that is kept. */
export class RecentCounts {
  /** How many bytes one takes. */
  static readonly BYTES = PLACES * (WIDTH + 1) * 4;
  private readonly counts = new Uint32Array(PLACES * WIDTH);
  /** Which minute has a place, counted since 1970. */
  private readonly minutes = new Int32Array(PLACES).fill(-1);

  add(start: Micros, numbers: SpanNumbers): void {
    const minute = Math.floor(start / MINUTE);
    const place = ((minute % PLACES) + PLACES) % PLACES;
    const at = place * WIDTH;
    if (this.minutes[place] !== minute) this.counts.fill(0, at, at + WIDTH);
    this.minutes[place] = minute;
    for (let i = 0; i < WIDTH; i++) this.counts[at + i] += numbers[i];
  }

  /**
   * Adds to `sums`, in the order of COUNTED, what happened in the last so many minutes. Of the minute that lies in part before
   * them it takes as much as lies within, as if things had happened evenly.
   */
  addTo(sums: number[], minutes: number, now: Micros): void {
    const present = Math.floor(now / MINUTE);
    const partBefore = now / MINUTE - present;
    for (let place = 0; place < PLACES; place++) {
      const age = present - this.minutes[place];
      if (!(age >= 0 && age <= minutes)) continue;
      const part = age === minutes ? 1 - partBefore : 1;
      const at = place * WIDTH;
      for (let i = 0; i < WIDTH; i++) sums[i] += part * this.counts[at + i];
    }
  }
}
