import { HISTORY_KEPT, HOUR, MINUTES_KEPT } from '../../../domain/history.js';
import type { Micros } from '../../../domain/time.js';
import { MINUTE } from '../../../domain/time.js';
import { SpanLog } from './span-log.js';
import type { SpanNumbers } from './span-numbers.js';
import { addNumbers, noNumbers } from './span-numbers.js';
import type { SpanSums } from './span-sums.js';

const hourOf = (moment: Micros): Micros => Math.floor(moment / HOUR) * HOUR;

/** What happened to the work of one spec, as far as it is kept: hours, and the minutes that came after them. */
export class KeptSpans {
  private readonly hours = new SpanLog(HOUR);
  private readonly minutes = new SpanLog(MINUTE);

  /** How many bytes it takes. */
  get reserved(): number {
    return this.hours.reserved + this.minutes.reserved;
  }

  addMinute(start: Micros, numbers: SpanNumbers): void {
    if (start > this.minutes.last && start >= this.hours.last + HOUR) this.minutes.append(start, numbers);
    // The clock was set back.
    else if (start < this.hours.last + HOUR) addInto(this.hours, hourOf(start), numbers);
    else addInto(this.minutes, start, numbers);
  }

  /** Lets go of what is older than is kept. */
  forgetOld(now: Micros): void {
    if (now - MINUTES_KEPT >= this.minutes.first + HOUR) this.makeHours(hourOf(now - MINUTES_KEPT));
    this.hours.dropBefore(hourOf(now - HISTORY_KEPT));
  }

  /**
   * Takes less room: minutes become hours, then the older half of the hours goes.
   * @returns whether there was something to do it with
   */
  shrink(): boolean {
    const hour = hourOf(this.minutes.last);
    if (this.minutes.first < hour) this.makeHours(hour);
    else if (this.hours.size > 0) this.hours.dropBefore((this.hours.first + this.hours.last) / 2 + 1);
    else if (this.minutes.size > 0) this.minutes.clear();
    else return false;
    this.hours.fit();
    this.minutes.fit();
    return true;
  }

  addTo(sums: SpanSums): void {
    for (const log of [this.hours, this.minutes]) {
      for (const { start, numbers } of log.spans()) sums.add(start, log.length, numbers);
    }
  }

  /** Minutes before the beginning of an hour are kept as hours from now on. */
  private makeHours(before: Micros): void {
    let start = -Infinity;
    const sum = noNumbers();
    const close = (): void => {
      if (start > -Infinity) this.hours.append(start, sum);
      sum.fill(0);
    };
    this.minutes.dropBefore(before, (minute) => {
      const hour = hourOf(minute.start);
      if (hour !== start) close();
      start = hour;
      addNumbers(sum, minute.numbers);
    });
    close();
  }
}

/** Adds to a span that need not be the last one: the log is written anew. */
function addInto(log: SpanLog, start: Micros, numbers: SpanNumbers): void {
  const spans = Array.from(log.spans(), (span) => ({ start: span.start, numbers: span.numbers.slice() }));
  const same = spans.find((span) => span.start === start);
  if (same) addNumbers(same.numbers, numbers);
  else spans.push({ start, numbers: numbers.slice() });
  log.clear();
  for (const span of spans.sort((a, b) => a.start - b.start)) log.append(span.start, span.numbers);
}
