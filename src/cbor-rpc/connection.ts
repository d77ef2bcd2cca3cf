import type { Socket } from 'node:net';
import type { CallerHere } from '../access/caller.js';
import { CborError, ItemScanner } from '../cbor/index.js';
import type { ByteName } from '../domain/names.js';
import type { ConnectionContext } from './connection-context.js';
import { RefusedMessage, type WriteAnswer } from './dispatcher.js';
import { Inbox } from '../structures/inbox.js';
import { CONNECTION_WEIGHT } from '../timing/few-a-turn.js';
import type { AnswerRoom } from './large-answer.js';
import { SMALL_BYTES } from './memory-gate.js';
import { Outbox, type OutboxOwner } from './outbox.js';
import type { Peer } from './peer.js';
import { beginsMessage } from './request.js';
import type { Promised } from '../domain/promised.js';
import type { CutReason } from './rpc-statistics.js';

/** Answers gathered beyond this go out before more requests are carried out. */
const WRITE_BYTES = 64 * 1024;
/** A message of more bytes may take a good part of a millisecond: it is begun only while this turn of the event loop has time for it. */
const LONG_BYTES = 2 * 1024;
/** How long a client may take to read the last error and close, before its connection is destroyed. */
const LINGER_MS = 2_000;
/** Time for the last answer to get to a client that is sent away. */
const DISMISSAL_MS = 50;
/** How many workers a connection is remembered to speak for. */
const MAX_WORKERS = 100;

/**
 * One client's connection. Its requests are carried out one after another, in the order they came: the next begins when
 * the answer to the last is written. While it waits, for a method, for the client to read its answers, or for others to
 * have their turn, it reads no more than the socket has at hand: a client is slowed down, and holds no memory but that.
 */
export class RpcConnection implements Peer, OutboxOwner {
  private readonly inbox = new Inbox();
  private readonly outbox: Outbox;
  private readonly scanner: ItemScanner;
  /** It has begun as a client of this interface does. */
  private recognised = false;
  /** How many reasons there are to carry out nothing more for now. */
  private holds = 0;
  /** No more is read from the socket, for good. */
  private stopped = false;
  private inputEnded = false;
  /** When the message at the start of the inbox began to arrive, in milliseconds; 0: it is not waited for. */
  private incompleteSince = 0;
  /** When the last word was written, in milliseconds; 0: not yet. */
  private closingSince = 0;
  /** A method is at work, or a list of requests: the message it is from is not counted as read. */
  private atWork = false;
  /** It has had a turn already for what has arrived. */
  private hasBegun = false;
  /** What the inbox takes, as far as it is counted. */
  private counted = 0;
  /** When something was last heard, in milliseconds, and how many bytes there had been then. */
  private heardAt = 0;
  private heardBytes = 0;
  /** Its client has been told to go. */
  private dismissed = false;
  leave: (() => void) | undefined;
  /** In whose name requests were made, while anybody wants to know. */
  readonly workers = new Set<ByteName>();

  constructor(
    private readonly socket: Socket,
    private readonly context: ConnectionContext,
    private speaker: CallerHere,
    /** The TCP connection, which is the socket itself where nothing is encrypted. */
    private readonly beneath: Socket = socket,
  ) {
    this.scanner = new ItemScanner({ maxBytes: context.options.maxMessageBytes });
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    this.outbox = new Outbox(socket, context, this);
    socket.on('end', () => context.ends.add(CONNECTION_WEIGHT, this.endInput));
    // A client that goes away is nothing to complain about; 'close' follows.
    socket.on('error', () => undefined);
  }

  get caller(): CallerHere {
    return this.speaker;
  }

  become(caller: CallerHere): void {
    // Leases are looked for where the workers speak now.
    if (caller.namespace !== this.speaker.namespace) this.workers.clear();
    this.speaker = caller;
  }

  /** Whether a method is at work, or an answer not yet handed to the system. */
  get inFlight(): boolean {
    return this.holds > 0 || this.socket.writableLength > 0;
  }

  get isGone(): boolean {
    return this.socket.destroyed;
  }

  get heldBytes(): number {
    return this.inbox.size;
  }

  speaksFor(worker: ByteName): void {
    if (this.context.options.idleTimeoutMs !== undefined && this.workers.size <= MAX_WORKERS) this.workers.add(worker);
  }

  dismiss(): void {
    this.dismissed = true;
  }

  /** Whether it speaks for more workers than are remembered. */
  get speaksForMany(): boolean {
    return this.workers.size > MAX_WORKERS;
  }

  /** Reads nothing more. What has arrived is still answered. */
  stopReading(): void {
    this.stopped = true;
    this.socket.pause();
  }

  /** Ends the connection in a way that makes clients connect again: at an orderly end some wait for their answer. */
  reset(): void {
    this.beneath.resetAndDestroy();
    // Does not learn of it before the next turn.
    if (this.socket !== this.beneath) this.socket.destroy();
  }

  /** Ends the connection for a reason that is counted. */
  cut(reason: CutReason): void {
    this.context.statistics.cut[reason]++;
    this.reset();
  }

  makeRoom(): void {
    this.context.memory.readBy(this);
    this.cut('no_room');
  }

  readOn(): void {
    this.goOn();
  }

  /** The connection is gone: gives back what is counted. */
  closed(): void {
    this.leave?.();
    this.inbox.clear();
    this.count();
    this.outbox.closed();
  }

  mustGet(result: Promised): void {
    this.outbox.mustArrive(result);
  }

  send(pieces: readonly Buffer[], room: AnswerRoom, promised: readonly Promised[]): void {
    this.outbox.send(pieces, room, promised);
  }

  clogged(): void {
    this.holds++;
  }

  unclogged(): void {
    this.holds--;
    this.work();
  }

  /** How long nothing has been heard while nothing was to be done, in milliseconds. To be asked now and then. */
  idleFor(now: number): number {
    const { bytesRead } = this.socket;
    if (this.heardAt === 0 || bytesRead !== this.heardBytes || this.inFlight || !this.inbox.isEmpty) {
      this.heardAt = now;
      this.heardBytes = bytesRead;
    }
    return now - this.heardAt;
  }

  /** Counts its being idle from now on. @param now in milliseconds */
  spare(now: number): void {
    this.heardAt = now;
  }

  /** Closes the connection if its client takes too long. @param now in milliseconds */
  checkTime(now: number): void {
    if (this.closingSince > 0) {
      if (now - this.closingSince > LINGER_MS) this.socket.destroy();
    } else if (this.incompleteSince > 0) {
      const limit = this.context.options.incompleteMessageTimeoutMs;
      if (now - this.incompleteSince < limit) return;
      // Not the client's fault when it was not let finish.
      if (this.context.memory.isWaiting(this)) this.refuseForRoom();
      else this.refuse(`message incomplete after ${limit / 1000} s`, this.inbox);
    }
  }

  private receive(chunk: Buffer): void {
    this.context.statistics.bytesRead += chunk.length;
    // The end of what was refused is read and dropped: bytes left unread would reset the connection under the refusal.
    if (this.closingSince > 0) return;
    this.inbox.append(chunk);
    if (!this.recognised && this.turnedAway()) return;
    if (this.holds > 0) {
      // While it waits for work, only what is read tells whether its client is there.
      if (this.leave !== undefined && this.inbox.size <= SMALL_BYTES) return;
      this.socket.pause();
      this.count();
    } else if (this.context.gate.isClosed) this.waitForGate();
    else this.work();
  }

  /** Closes the connection of somebody who speaks another protocol, and who would not understand a word. */
  private turnedAway(): boolean {
    const { inbox } = this;
    const begins = beginsMessage(inbox.bytes, inbox.start, inbox.end);
    this.recognised = begins === true;
    if (begins !== false) return false;
    this.context.statistics.protocolErrors++;
    inbox.clear();
    this.socket.destroy();
    return true;
  }

  private readonly endInput = (): void => {
    if (this.socket.destroyed) return;
    this.inputEnded = true;
    this.leave?.();
    if (this.holds === 0) this.work();
  };

  /** Carries out what has arrived, as far as possible, and sends the answers in one go. */
  private work(writeAnswer?: WriteAnswer): void {
    try {
      writeAnswer?.(false);
      this.answerMessages();
    } catch (error) {
      if (error instanceof RefusedMessage) this.refuse(error.message, error);
      else if (error instanceof CborError) this.refuse(error.message, this.inbox);
      else return this.fail(error);
    }
    this.outbox.flush();
    if (this.dismissed && this.holds === 0) this.endDismissed();
    if (this.inbox.size !== this.counted) this.count();
    if (this.holds > 0 || this.closingSince > 0) return;
    if (this.inputEnded) return this.endOutput();
    if (this.incompleteSince > 0 && !this.mayReadOn()) return;
    if (!this.stopped && this.socket.isPaused()) this.socket.resume();
  }

  private answerMessages(): void {
    const { inbox, scanner } = this;
    if (!inbox.isEmpty && this.context.turn.isCrowded) return this.waitForTurn();
    while (this.holds === 0 && !inbox.isEmpty && !this.dismissed) {
      const { bytes, start } = inbox;
      const end = scanner.scan(bytes, start, inbox.end);
      if (end < 0) {
        this.hasBegun = false;
        this.incompleteSince ||= Date.now();
        return;
      }
      this.incompleteSince = 0;
      if (end - start > LONG_BYTES && this.context.turn.isOver) return this.waitForTurn();
      const later = this.context.dispatcher.answer(bytes, start, end, this);
      inbox.takeUntil(end);
      this.hasBegun = !inbox.isEmpty;
      if (later) return this.waitFor(later);
      if (inbox.isEmpty) return;
      if (this.context.out.length > WRITE_BYTES) this.outbox.flush();
      if (this.context.turn.isOver) return this.waitForTurn();
    }
  }

  private waitFor(later: Promise<WriteAnswer>): void {
    this.holds++;
    this.atWork = true;
    void later.then((writeAnswer) => {
      this.holds--;
      this.atWork = false;
      if (!this.socket.destroyed) this.work(writeAnswer);
      else writeAnswer(true);
    }, this.failLater);
  }

  private waitForTurn(): void {
    this.holds++;
    // Hundreds that wait for their turn need not read more in each before it. Whoever has sent little sends no more, as a rule.
    if (this.inbox.size > SMALL_BYTES) this.socket.pause();
    this.context.turn.hold(this.goOn, this.hasBegun);
  }

  private waitForGate(): void {
    this.holds++;
    this.context.gate.hold(this.goOn);
  }

  private readonly goOn = (): void => {
    this.holds--;
    if (!this.socket.destroyed) this.work();
  };

  /** Tells how much memory the inbox takes. */
  private count(): void {
    if (this.atWork) return;
    const { memory } = this.context;
    const { size } = this.inbox;
    memory.holds(this, this.counted, size);
    this.counted = size;
  }

  /** Whether there is room for more of a message that has begun. */
  private mayReadOn(): boolean {
    if (this.counted <= SMALL_BYTES) return true;
    const answer = this.context.memory.mayRead(this);
    if (answer === 'read') return true;
    if (answer === 'refuse') {
      this.refuseForRoom();
    } else {
      this.holds++;
      this.socket.pause();
    }
    return false;
  }

  private refuseForRoom(): void {
    this.context.statistics.cut.no_room++;
    this.refuse('the daemon has no room for this message now, try again later', this.inbox);
  }

  /** The client has asked all it wanted, and all of it is answered. */
  private endOutput(): void {
    if (this.inbox.isEmpty) this.socket.end();
    else this.refuse('the connection ended inside a message', this.inbox);
  }

  /** Answers what cannot be answered otherwise, and closes the connection. */
  private refuse(reason: string, { bytes, start, end }: Pick<Inbox, 'bytes' | 'start' | 'end'>): void {
    const { inbox } = this;
    this.context.statistics.protocolErrors++;
    this.context.dispatcher.refuse(bytes, start, end, reason, this);
    inbox.clear();
    this.count();
    this.incompleteSince = 0;
    this.closingSince = Date.now();
    this.outbox.flush();
    this.socket.end();
    this.socket.resume();
  }

  private readonly failLater = (error: unknown): void => {
    this.holds--;
    this.atWork = false;
    this.fail(error);
  };

  /** Waits until the last answer is there: a reset would overtake it. An orderly end lets the Python client wait for ten seconds. */
  private endDismissed(): void {
    if (this.closingSince > 0) return;
    this.inbox.clear();
    this.incompleteSince = 0;
    this.closingSince = Date.now();
    setTimeout(() => this.reset(), DISMISSAL_MS).unref();
  }

  /** Something is wrong with the daemon: what was written may be incomplete, so that this connection has to go. */
  private fail(error: unknown): void {
    this.context.onDefect(error);
    this.context.out.clear();
    this.reset();
  }
}
