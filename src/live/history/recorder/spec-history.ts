import type { Micros } from '../../../domain/time.js';
import { MINUTE } from '../../../domain/time.js';
import type { WorkObserver } from '../../../domain/work-observer.js';
import type { HistoryRoom } from './history-room.js';
import { KeptSpans } from './kept-spans.js';
import { RecentCounts } from './recent-counts.js';
import type { SpanNumbers } from './span-numbers.js';
import type { SpanSums } from './span-sums.js';
import { WorkRecorder } from './work-recorder.js';

/** What happened to the work of one spec, in the memory of this process. */
export class SpecHistory {
  /** Who is to be told of what happens. */
  readonly recorder: WorkRecorder;
  private readonly spans = new KeptSpans();
  private recent: RecentCounts | undefined;
  private isGone = false;

  /** @param next - is told as well */
  constructor(
    next: WorkObserver,
    private readonly room: HistoryRoom,
  ) {
    this.recorder = new WorkRecorder(next, (start, numbers) => this.keep(start, numbers));
  }

  /** How many bytes it takes. */
  get reserved(): number {
    return this.spans.reserved + (this.recent ? RecentCounts.BYTES : 0);
  }

  private keep(start: Micros, numbers: SpanNumbers): void {
    if (this.isGone) return;
    (this.recent ??= new RecentCounts()).add(start, numbers);
    this.spans.addMinute(start, numbers);
    this.spans.forgetOld(start);
    this.room.used(this);
  }

  /** Lets go of what is older than is kept. */
  forgetOld(now: Micros): void {
    this.spans.forgetOld(now);
    this.room.changed(this);
  }

  /** Takes less room. @returns whether it has any left */
  shrink(): boolean {
    if (this.spans.shrink()) return true;
    this.recent = undefined;
    return false;
  }

  /** The spec is gone, and its history with it. */
  giveUp(): void {
    this.isGone = true;
    this.room.forget(this);
  }

  addTo(sums: SpanSums): void {
    this.spans.addTo(sums);
    const { present } = this.recorder;
    if (present) sums.add(present.start, MINUTE, present.numbers);
  }

  /** Whether something may have happened in the last hour. */
  get hasRecent(): boolean {
    return this.recent !== undefined || this.recorder.present !== undefined;
  }

  /** What happened in the last so many minutes, in the order of COUNTED, into `sums`. */
  countRecent(sums: number[], minutes: number, now: Micros): void {
    this.recent?.addTo(sums, minutes, now);
    const { present } = this.recorder;
    if (!present) return;
    const age = Math.floor(now / MINUTE) - present.start / MINUTE;
    if (age < 0 || age > minutes) return;
    const part = age === minutes ? 1 - (now / MINUTE - Math.floor(now / MINUTE)) : 1;
    for (let i = 0; i < sums.length; i++) sums[i] += part * present.numbers[i];
  }
}
