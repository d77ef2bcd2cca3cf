import type { ServerResponse } from 'node:http';
import type { Caller } from '../../../access/caller.js';
import { isPast } from '../../../access/identity.js';
import type { Micros } from '../../../domain/time.js';
import { Slices } from '../../../timing/slices.js';
import type { Telling } from './event-frames.js';
import { CHARS_PER_STEP } from './event-frames.js';

/** So many times in a row it may be seen that somebody has read nothing. */
const PATIENCE = 5;
/** So many times in a row that they have not read all that they were told: what it is made of is kept for them. */
const LONG_PATIENCE = 60;

/** One client that listens. */
export class EventStream {
  private unread = 0;
  private behind = 0;
  /** What it is to be told next. */
  private readonly waiting: Telling[] = [];
  private isTelling = false;
  /** Whether it has read some of what is being told since that was last looked at. */
  private hasRead = false;

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
    const { writableNeedDrain: isUnread } = this.answer;
    this.unread = isUnread && !this.hasRead ? this.unread + 1 : 0;
    this.behind = isUnread ? this.behind + 1 : 0;
    this.hasRead = false;
    return this.unread > PATIENCE || this.behind > LONG_PATIENCE ? 'slow' : undefined;
  }

  /** The same, and ends it then. @returns whether it goes on */
  check(now: Micros): boolean {
    const why = this.isPast(now);
    if (why === 'over') this.end();
    if (why === 'slow') this.cut();
    return why === undefined;
  }

  /** What is large is made for it as it reads, and what comes after that waits until it has read it. */
  write(telling: Telling): void {
    // It has ended, and has not read all that it was told before.
    if (this.answer.destroyed || this.answer.writableEnded) return;
    if (typeof telling !== 'function' && !this.isTelling) {
      this.answer.write(telling);
      return;
    }
    this.waiting.push(telling);
    if (!this.isTelling) void this.tell();
  }

  private async tell(): Promise<void> {
    const { answer, waiting } = this;
    const slices = new Slices();
    this.isTelling = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      for (const piece of typeof next === 'function' ? next() : [next]) {
        if (answer.writableNeedDrain) {
          await drained(answer);
          this.hasRead = true;
        }
        // It will not be told anything more.
        if (answer.destroyed || answer.writableEnded) return;
        answer.write(piece);
        if (slices.isOver(1 + piece.length / CHARS_PER_STEP)) await slices.next();
      }
    }
    this.isTelling = false;
  }

  end(): void {
    this.answer.end();
  }
}

/** Resolves when what was written has been taken, or never will be. */
function drained(answer: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      answer.off('drain', done).off('close', done);
      resolve();
    };
    answer.on('drain', done).on('close', done);
  });
}
