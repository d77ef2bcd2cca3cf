import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { SharedTurn } from '../../timing/shared-turn.js';
import { beginsChunk, ChunkedBody } from './chunked-body.js';
import type { HttpLoad } from './load.js';

declare module 'node:net' {
  interface Socket {
    /** What reads requests of it, for as long as its connection is one of HTTP; Node's own. */
    parser?: object | null;
  }
}

/** Of a long read the parser is given so many bytes at first, and then more or less, by how long they took it. */
const FIRST_BYTES = 1024;
const LEAST_BYTES = 256;
/** A request is short up to here, in bytes. */
const SHORT_BYTES = 2 * 1024;
/** Bytes that take the parser less than the one are too few at once, more than the other too many, in milliseconds. */
const SHORT_MS = 0.25;
const LONG_MS = 1;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const CHUNKED = Buffer.from('chunked');

/**
 * Has what arrives on the connections of a server go to Node's parser through a reader each, which joins chunks of a body and gives
 * the parser no more in one turn of the event loop than its time has room for: a read has up to 64 KiB, which may be thousands of
 * requests or chunks, and hundreds of connections may be read from in one turn. The parser remains the only judge of what a request is.
 *
 * The server must answer `clientError` itself.
 */
export class SocketReaders {
  /** Whose bytes the parser is being given. */
  private current: SocketReader | undefined;
  /** The request whose head the parser has read last of these bytes. */
  private begun: IncomingMessage | undefined;

  constructor(
    server: Server,
    readonly turn: SharedTurn,
    readonly load: Pick<HttpLoad, 'keep' | 'letGo' | 'shed'>,
  ) {
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      turn.arrived();
      const [parse, ...others] = socket.listeners('data') as ((bytes: Buffer) => void)[];
      // Of a connection that is not Node's own nobody knows who reads it.
      if (parse !== undefined && others.length === 0) new SocketReader(socket, parse, this);
    });
    server.prependListener('request', (request: IncomingMessage) => {
      if (this.current !== undefined) this.begun = request;
    });
    server.prependListener('clientError', (_error, socket) => {
      if (this.current?.socket === socket) this.current.isRefused = true;
    });
  }

  /** Gives the parser of a connection some bytes. @returns the last of the requests that it has read the head of meanwhile */
  give(reader: SocketReader, bytes: Buffer): IncomingMessage | undefined {
    const { current: before, begun: begunBefore } = this;
    this.current = reader;
    this.begun = undefined;
    try {
      reader.parse(bytes);
      return this.begun;
    } finally {
      this.current = before;
      // Nothing keeps a request when it is answered.
      this.begun = begunBefore;
    }
  }
}

/** Stands before Node's parser on one connection. */
class SocketReader {
  /** Whether the parser has found what it was given to be no HTTP. */
  isRefused = false;
  private body: ChunkedBody | undefined;
  /** Whether the next byte would be the last one of a head with a body behind it. */
  private isBeforeBody = false;
  /** Whether it reads no more for now, since the parser has not been given all that was read. */
  private isHolding = false;
  /** How many bytes that is, as they are counted. */
  private held = 0;
  /** Whether Node would have read on: not while a body or answers wait to be read. */
  private mayGoOn = true;
  /** Whether it is among those who wait for their turn, or has it. */
  private isWaiting = false;
  private isItsTurn = false;
  /** Whether the parser has been given some of what is held, or of what it was held with. */
  private hasBegun = false;
  private isWatched = false;
  /** A short piece that has come when very many had, and that the stream has not been given yet. */
  private early: Buffer | undefined;
  /** Gives the stream of the connection what has arrived. */
  private readonly push: (chunk: unknown, encoding?: BufferEncoding) => boolean;

  constructor(
    readonly socket: Socket,
    readonly parse: (bytes: Buffer) => void,
    private readonly all: SocketReaders,
  ) {
    // With a second listener the parser no longer reads by itself, past all listeners.
    socket.on('data', this.receive);
    socket.off('data', parse);
    this.push = socket.push.bind(socket);
    socket.push = this.arrive;
  }

  /** Keeps a short piece from the stream, which would take longer than to wait does, when very many have come in this turn. */
  private readonly arrive: Socket['push'] = (chunk: unknown, encoding) => {
    const { turn } = this.all;
    if (chunk instanceof Buffer && chunk.length <= SHORT_BYTES && this.early === undefined && !this.isHolding) {
      if (turn.isCrowded) {
        this.early = chunk;
        turn.hold(this.comeIn);
        return true;
      }
    } else this.comeIn();
    return this.push(chunk, encoding);
  };

  private readonly comeIn = (): void => {
    const { early, socket } = this;
    this.early = undefined;
    if (early !== undefined && !socket.destroyed) this.push(early);
  };

  /** Gives the parser what has arrived for as long as there is time. */
  private readonly receive = (bytes: Buffer): void => {
    let rest = bytes;
    let most = FIRST_BYTES;
    let begun = 0;
    // Whoever has waited goes on, if only a little. To wait would cost more than a request that is all there is.
    let mayAtOnce = this.isItsTurn || isOneRequest(bytes);
    this.isItsTurn = false;
    this.isRefused = false;
    while (rest.length > 0) {
      if (!mayAtOnce && this.all.turn.isOver) return this.hold(rest);
      mayAtOnce = false;
      rest = rest.subarray(this.step(rest, most));
      this.hasBegun = true;
      if (this.isRefused) this.isBeforeBody = false;
      if (this.isRefused || this.socket.destroyed) break;
      if (this.socket.parser === null) return this.leave(rest);
      if (rest.length === 0) break;
      if (!this.isHolding) this.mayGoOn = !this.socket.isPaused();
      if (!this.mayGoOn) return this.hold(rest);
      const now = performance.now();
      if (begun > 0 && now - begun < SHORT_MS) most *= 4;
      else if (now - begun > LONG_MS && begun > 0) most = Math.max(LEAST_BYTES, most / 2);
      begun = now;
    }
    this.release();
  };

  /** Gives the parser the first of some bytes, at most so many where they are not chunks. @returns how many it has had */
  private step(bytes: Buffer, most: number): number {
    if (this.body !== undefined) {
      const { given, taken } = this.body.take(bytes);
      if (this.body.isOver) this.body = undefined;
      if (given.length > 0) this.all.give(this, given);
      return taken;
    }
    if (this.isBeforeBody) {
      this.isBeforeBody = false;
      if (isChunked(this.all.give(this, bytes.subarray(0, 1)))) this.body = new ChunkedBody();
      return 1;
    }
    const body = startOfBody(bytes, most);
    this.isBeforeBody = body > 0;
    const taken = body > 0 ? body - 1 : Math.min(most, bytes.length);
    this.all.give(this, taken === bytes.length ? bytes : bytes.subarray(0, taken));
    return taken;
  }

  /** Puts back what there is no time for, or what Node would not have read yet, and reads no more meanwhile. */
  private hold(rest: Buffer): void {
    const { socket, mayGoOn } = this;
    if (!this.isHolding) {
      this.isHolding = true;
      socket.pause();
      // Node has a socket go on when a request is complete or a body has been read, and stop when much is unread. Until the last byte
      // that is held has been given to the parser, that only says whether it may be.
      socket.pause = () => {
        this.mayGoOn = false;
        return socket;
      };
      socket.resume = () => {
        this.mayGoOn = true;
        if (!this.isWaiting) this.waitForTurn();
        return socket;
      };
      if (!this.isWatched) socket.once('close', this.forget);
      this.isWatched = true;
    }
    // There the end of all that is sent waits behind it.
    socket.unshift(rest);
    this.isWaiting = false;
    if (!this.count(socket.readableLength)) {
      this.all.load.shed.no_room++;
      socket.destroy();
    } else if (mayGoOn) this.waitForTurn();
  }

  /** @returns whether there is room for so many bytes that are held */
  private count(bytes: number): boolean {
    const { load } = this.all;
    load.letGo(this.held);
    const hasRoom = load.keep(bytes);
    this.held = hasRoom ? bytes : 0;
    return hasRoom;
  }

  private readonly forget = (): void => {
    this.isHolding = false;
    this.isWaiting = false;
    this.count(0);
  };

  private waitForTurn(): void {
    this.isWaiting = true;
    this.all.turn.hold(this.goOn, this.hasBegun);
  }

  private readonly goOn = (): void => {
    if (this.isHolding && this.mayGoOn) {
      this.isItsTurn = true;
      this.socket.read();
    } else this.isWaiting = false;
  };

  /** All is given to the parser: goes on reading if Node would. */
  private release(): void {
    const { socket, isHolding, mayGoOn } = this;
    this.hasBegun = false;
    if (!isHolding) return;
    this.forget();
    Reflect.deleteProperty(socket, 'pause');
    Reflect.deleteProperty(socket, 'resume');
    this.mayGoOn = true;
    if (mayGoOn && !socket.destroyed) socket.resume();
  }

  /** The connection is one of another protocol from here on, and has another reader. */
  private leave(rest: Buffer): void {
    this.socket.off('data', this.receive);
    this.socket.push = this.push;
    this.release();
    if (rest.length > 0) this.socket.unshift(rest);
  }
}

/**
 * Where something that may be a chunk follows what may be the end of a head, within so many bytes, or is to come behind the last of
 * them; -1: nowhere. Only the parser knows whether it is one.
 */
function startOfBody(bytes: Buffer, most: number): number {
  const { length } = bytes;
  const looked = most < length ? bytes.subarray(0, most) : bytes;
  for (let at = looked.indexOf(END_OF_HEAD); at >= 0; at = looked.indexOf(END_OF_HEAD, at + 2)) {
    const start = at + END_OF_HEAD.length;
    if (start === length ? bytes.includes(CHUNKED) : beginsChunk(bytes, start)) return start;
  }
  return -1;
}

/** Whether there is nothing but a short request, with a body or without: what ends a head may end the last chunk as well. */
function isOneRequest(bytes: Buffer): boolean {
  if (bytes.length > SHORT_BYTES) return false;
  const first = bytes.indexOf(END_OF_HEAD);
  const second = first < 0 ? -1 : bytes.indexOf(END_OF_HEAD, first + END_OF_HEAD.length);
  return second < 0 || second + END_OF_HEAD.length === bytes.length;
}

/** Whether nothing but chunks may follow the head of a request. */
function isChunked(request: IncomingMessage | undefined): boolean {
  if (request === undefined || request.httpVersion !== '1.1' || request.headers.upgrade !== undefined) return false;
  return request.headers['transfer-encoding']?.toLowerCase() === 'chunked';
}
