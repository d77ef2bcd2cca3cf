import type { Socket } from 'node:net';
import type { ConnectionContext } from './connection-context.js';
import type { AnswerRoom } from './large-answer.js';
import type { Holder } from './memory-gate.js';
import type { Promised } from '../domain/promised.js';
import type { CutReason } from './rpc-statistics.js';

/** Whose answers they are. */
export interface OutboxOwner extends Holder {
  /** Its client must read first: nothing more is to be carried out. */
  clogged(): void;
  /** Its client has read all there was. */
  unclogged(): void;
  cut(reason: CutReason): void;
}

/**
 * What goes out on one connection. The system takes mostly all of it at once; what it does not take is kept, and counted, until the
 * client reads.
 */
export class Outbox {
  private isClogged = false;
  /** Pieces of an answer that are written as the client reads, and how many bytes they have. */
  private queue: Buffer[] = [];
  private queuedBytes = 0;
  /** What answers say that are not on their way yet, and is to be revoked if they never get there. */
  private readonly promised: Promised[] = [];
  /** Told when a write is done, where what is written is encrypted first: that never happens in place. */
  private readonly onWritten: (() => void) | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly context: ConnectionContext,
    private readonly owner: OutboxOwner,
  ) {
    if (context.options.tls === undefined) socket.on('drain', () => this.unclog());
    else this.onWritten = () => this.unclog();
  }

  /** What an answer says that is now being written: it is revoked if that does not get to the client. */
  mustArrive(result: Promised): void {
    this.promised.push(result);
  }

  /** Sends what is written, in place where the system takes all of it at once, as it mostly does. */
  flush(): void {
    const { socket } = this;
    const { out, statistics } = this.context;
    if (out.length === 0) return;
    statistics.bytesWritten += out.length;
    if (this.onWritten !== undefined) {
      const bytes = Buffer.from(out.view());
      out.clear();
      socket.write(bytes, this.onWritten);
      this.clog(bytes.length);
      return;
    }
    socket.write(out.view());
    if (socket.writableLength === 0) {
      out.clear();
      if (this.promised.length > 0) this.arrived();
      return;
    }
    const bytes = out.capacity;
    out.abandon();
    this.clog(bytes);
  }

  /** Sends an answer in pieces, each when the client has read those before. @param promised as `mustArrive`, of this answer */
  send(pieces: readonly Buffer[], room: AnswerRoom, promised: readonly Promised[]): void {
    this.flush();
    this.promised.push(...promised);
    for (const piece of pieces) {
      this.queue.push(piece);
      this.queuedBytes += piece.length;
    }
    // From here on it is counted as unread.
    room.giveBack();
    if (this.isClogged) this.context.memory.unreadBy(this.owner, this.queuedBytes + this.socket.writableLength);
    else this.writeQueue();
  }

  /** The connection is gone: gives back what is counted. */
  closed(): void {
    this.queue = [];
    this.context.memory.readBy(this.owner);
    for (const result of this.promised.splice(0)) result.revoke();
  }

  /** The system has taken all there was. What it would not take because the client is gone counts as written, too, for Node. */
  private arrived(): void {
    if (this.socket.errored === null) this.promised.length = 0;
  }

  private clog(bytes: number): void {
    if (this.isClogged) return;
    this.isClogged = true;
    this.owner.clogged();
    // Begins anew whenever the system takes some of it.
    this.socket.setTimeout(this.context.options.unreadAnswerTimeoutMs, this.giveUpReader);
    this.context.memory.unreadBy(this.owner, bytes);
  }

  /** Writes as much of an answer in pieces as the system takes. */
  private writeQueue(): void {
    const { socket, queue } = this;
    let next = 0;
    while (next < queue.length && socket.writableLength === 0 && !socket.destroyed) {
      const piece = queue[next++];
      this.queuedBytes -= piece.length;
      this.context.statistics.bytesWritten += piece.length;
      if (this.onWritten === undefined) socket.write(piece);
      else socket.write(piece, this.onWritten);
    }
    this.queue = queue.slice(next);
    if (socket.destroyed) return;
    const unread = this.queuedBytes + socket.writableLength;
    if (unread === 0) this.arrived();
    else if (this.isClogged) this.context.memory.unreadBy(this.owner, unread);
    else this.clog(unread);
  }

  private unclog(): void {
    if (!this.isClogged) return;
    if (this.queue.length > 0) {
      this.writeQueue();
      if (this.socket.destroyed || this.queuedBytes + this.socket.writableLength > 0) return;
    }
    this.isClogged = false;
    this.arrived();
    this.socket.setTimeout(0, this.giveUpReader);
    this.context.memory.readBy(this.owner);
    this.owner.unclogged();
  }

  private readonly giveUpReader = (): void => {
    this.owner.cut('slow_reader');
  };
}
