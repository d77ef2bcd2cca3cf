import type { ServerResponse } from 'node:http';
import type { Caller } from '../../../access/caller.js';
import { isPast } from '../../../access/identity.js';
import type { Micros } from '../../../domain/time.js';

/** So many times in a row somebody may be told more before they have read what they were told before. */
const PATIENCE = 5;

/** One client that listens. */
export class EventStream {
  private unread = 0;

  constructor(
    private readonly answer: ServerResponse,
    /** Keeps nothing for it of what it has not read. */
    readonly cut: () => void,
    private readonly caller: Caller,
    /** What it was told last, if it comes back. */
    readonly lastId: string | undefined,
  ) {}

  /** To be called now and then. @returns why it is not to be told more: its caller is nobody any more, or it does not read */
  isPast(now: Micros): 'over' | 'slow' | undefined {
    if (isPast(this.caller.identity, now)) return 'over';
    this.unread = this.answer.writableNeedDrain ? this.unread + 1 : 0;
    return this.unread > PATIENCE ? 'slow' : undefined;
  }

  /** The same, and ends it then. @returns whether it goes on */
  check(now: Micros): boolean {
    const why = this.isPast(now);
    if (why === 'over') this.end();
    if (why === 'slow') this.cut();
    return why === undefined;
  }

  write(frame: Buffer): void {
    this.answer.write(frame);
  }

  end(): void {
    this.answer.end();
  }
}
