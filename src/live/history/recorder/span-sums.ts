import type { HistorySpan, HistoryWindow } from '../../../domain/history.js';
import type { Micros } from '../../../domain/time.js';
import type { SpanNumbers } from './span-numbers.js';
import { addNumbers, noNumbers, spanOf } from './span-numbers.js';

/** Adds up what happened in a window, step by step. */
export class SpanSums {
  private readonly sums = new Map<Micros, { end: Micros; readonly numbers: SpanNumbers }>();

  constructor(private readonly window: HistoryWindow) {}

  /** @param length - of the span: where it is longer than a step it stays whole */
  add(start: Micros, length: Micros, numbers: SpanNumbers): void {
    const { from, to, step } = this.window;
    if (start < from || start >= to) return;
    const begin = length < step ? Math.floor(start / step) * step : start;
    const end = begin + Math.max(length, step);
    const sum = this.sums.get(begin);
    if (!sum) {
      const own = noNumbers();
      own.set(numbers);
      this.sums.set(begin, { end, numbers: own });
      return;
    }
    addNumbers(sum.numbers, numbers);
    sum.end = Math.max(sum.end, end);
  }

  /** Those in which something happened, oldest first. */
  spans(): HistorySpan[] {
    return [...this.sums].sort(([a], [b]) => a - b).map(([start, { end, numbers }]) => spanOf(start, end, numbers));
  }
}
