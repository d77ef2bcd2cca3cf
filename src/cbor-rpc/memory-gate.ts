import type { RpcStatistics } from './rpc-statistics.js';

/** A connection, as far as memory goes. */
export interface Holder {
  /** What it holds of an unfinished message, in bytes. */
  readonly heldBytes: number;
  /** Reads on after it was held back. */
  readOn(): void;
  /** Ends without delay and gives back what it held. */
  makeRoom(): void;
}

/** An unfinished message this small is never held back; most arrive in one piece and are not counted at all. */
export const SMALL_BYTES = 4 * 1024;
/** What a connection that reads on may bring at once. */
const CHUNK_BYTES = 64 * 1024;
/** Connections are held back from this part of the limit on: all that are in the middle of growing may double by then. */
const FREE_PART = 1 / 3;
/** The answers to one message may take this part of the limit: two that ask for all they can get leave room for others. */
const ANSWER_PART = 1 / 4;

/**
 * Bounds the memory that clients can make the daemon hold, however many they are: unfinished messages, and answers that
 * are being made or that nobody reads. From a third of the limit on, those in the middle of a message are read from one at
 * a time; one that comes with more when the limit is reached is refused. Room for a large answer is taken before it is
 * made; of answers unread beyond the limit those go that have waited longest.
 */
export class MemoryGate {
  /** Most bytes of the answers to one message. */
  readonly maxAnswerBytes: number;
  /** Held back, in the order they came. */
  private readonly waiting = new Set<Holder>();
  /** The one that may go on beyond that, so that there is always one that comes to its end. */
  private favoured: Holder | undefined;
  /** What is unread, by who does not read it, those first that have waited longest. */
  private readonly unread = new Map<Holder, number>();

  /** @param maxMessageBytes a unit may be as large as the message that brought it, and can be had again */
  constructor(
    private readonly limit: number,
    private readonly statistics: RpcStatistics,
    maxMessageBytes = 0,
  ) {
    this.maxAnswerBytes = Math.max(limit * ANSWER_PART, maxMessageBytes + CHUNK_BYTES);
  }

  /** What a connection holds of unfinished messages has grown or shrunk to `bytes`. */
  holds(holder: Holder, before: number, bytes: number): void {
    this.statistics.bufferedBytes += bytes - before;
    if (bytes > SMALL_BYTES) return;
    if (this.favoured === holder) this.favoured = undefined;
    this.waiting.delete(holder);
    // Not at once: whoever says this may be in the middle of answering.
    if (this.waiting.size > 0) setImmediate(() => this.letOn());
  }

  /**
   * Whether a connection in the middle of a message may read on; `wait`: `readOn` will tell; `refuse`: there is no room
   * for what it sends.
   */
  mayRead(holder: Holder): 'read' | 'wait' | 'refuse' {
    const { statistics, limit } = this;
    if (statistics.bufferedBytes <= limit * FREE_PART || this.favoured === holder) return 'read';
    if (statistics.bufferedBytes > limit) return 'refuse';
    if (this.favoured === undefined) {
      this.favoured = holder;
      return 'read';
    }
    this.waiting.add(holder);
    statistics.heldBack++;
    return 'wait';
  }

  /** Whether it waits to read on. */
  isWaiting(holder: Holder): boolean {
    return this.waiting.has(holder);
  }

  /** Lets those read on for whom there is room; to be called now and then, since room is only an estimate. */
  letOn(): void {
    if (this.waiting.size === 0) return;
    let room = this.limit * FREE_PART - this.statistics.bufferedBytes;
    for (const holder of [...this.waiting]) {
      if (room <= 0 && this.favoured !== undefined) return;
      if (room <= 0) this.favoured = holder;
      // What it holds doubles when the next chunk does not fit.
      room -= holder.heldBytes + 2 * CHUNK_BYTES;
      this.waiting.delete(holder);
      holder.readOn();
    }
  }

  /** Takes room for what is about to be made. @returns whether there is some, after those that read least have made it */
  take(bytes: number): boolean {
    if (this.statistics.unreadBytes + bytes > this.limit) this.makeRoomFor(bytes);
    if (this.statistics.unreadBytes + bytes > this.limit) return false;
    this.statistics.unreadBytes += bytes;
    return true;
  }

  /** Gives back room that was taken. */
  giveBack(bytes: number): void {
    this.statistics.unreadBytes -= bytes;
  }

  /** A connection waits for its client to read this many bytes, or this many still. */
  unreadBy(holder: Holder, bytes: number): void {
    this.readBy(holder);
    this.unread.set(holder, bytes);
    this.statistics.unreadBytes += bytes;
    this.makeRoomFor(0);
  }

  /** Its client has read all of it, or is gone. */
  readBy(holder: Holder): void {
    this.statistics.unreadBytes -= this.unread.get(holder) ?? 0;
    this.unread.delete(holder);
  }

  private makeRoomFor(bytes: number): void {
    for (const slow of this.unread.keys()) {
      if (this.statistics.unreadBytes + bytes <= this.limit) return;
      slow.makeRoom();
    }
  }
}
