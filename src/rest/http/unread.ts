import type { ServerResponse } from 'node:http';

/** How long who reads nothing is left alone when there is no room for other answers, in milliseconds. */
const PATIENCE_MS = 5_000;

/** An answer that is there for somebody to read. */
interface Unread {
  readonly bytes: number;
  /** When some of it was last taken. */
  takenAt: number;
}

/**
 * Bounds what is held of answers that are large and that clients have not read, however many they are. Where there is no
 * room for another, those are cut off that have taken nothing for longest.
 */
export class UnreadAnswers {
  bytes = 0;
  /** How many have been cut off. */
  cut = 0;
  /** Those first that have taken nothing for longest. */
  private readonly answers = new Map<ServerResponse, Unread>();

  constructor(private readonly maxBytes: number) {}

  /**
   * Counts an answer. One that is larger than all may be together is let through when it is the only one.
   * @param must - whether it is to be sent even if others that are being read have to go
   * @returns whether there is room for it
   */
  add(answer: ServerResponse, bytes: number, must: boolean): boolean {
    // Its end has been told already, and it will not end again.
    if (answer.destroyed) return true;
    const now = performance.now();
    for (const [slow, { takenAt }] of this.answers) {
      if (this.bytes + bytes <= this.maxBytes) break;
      if (!must && now - takenAt < PATIENCE_MS) return false;
      this.cut++;
      this.forget(slow);
      slow.destroy();
    }
    this.answers.set(answer, { bytes, takenAt: now });
    this.bytes += bytes;
    return true;
  }

  /** More of an answer has been asked for. */
  taken(answer: ServerResponse): void {
    const unread = this.answers.get(answer);
    if (!unread) return;
    unread.takenAt = performance.now();
    this.answers.delete(answer);
    this.answers.set(answer, unread);
  }

  /** An answer has been sent, or will never be. */
  forget(answer: ServerResponse): void {
    const unread = this.answers.get(answer);
    if (!unread) return;
    this.answers.delete(answer);
    this.bytes -= unread.bytes;
  }
}
