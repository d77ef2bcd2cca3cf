import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Slices } from '../../timing/slices.js';
import { errorJson } from '../errors/error-body.js';
import type { HttpLoad } from './load.js';
import { PromisedAnswers } from './promised.js';
import { SAFE_HEADERS } from './safe-headers.js';

/** Most requests of one connection that wait for their turn, as a client has that sends on without reading answers. */
const MAX_WAITING = 100;
/** So many more are refused in words; whoever sends on even then is cut off. */
const MAX_REFUSED = 100;
/** What a request that waits costs besides its head, in bytes: the objects that Node makes of it. */
const REQUEST_BYTES = 4096;

type CarryOut = (request: IncomingMessage, response: ServerResponse) => void;

/** A request that is there and not begun. */
interface Waiting {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly bytes: number;
}

/** The requests of one connection. */
interface Line {
  isBusy: boolean;
  refused: number;
  /** Made when there is something to put in: few clients send a request before the last one is answered. */
  waiting: Waiting[] | undefined;
}

/**
 * Carries the requests of a connection out one after another: the next is begun when the answer to the last has been
 * handed to the system, so that a client that does not read has one answer made for it, and none once it is gone. And
 * begins in one turn of the event loop no more requests of all clients than a slice of time has room for.
 */
export class Turns {
  /** The answers to all requests that are there, begun or not. */
  readonly inFlight = new Set<ServerResponse>();
  /** Answers of which what they say is taken back if nobody gets them. */
  readonly promised = new PromisedAnswers();
  /** Told when an answer is sent, or will never be. */
  onEnd: ((answer: ServerResponse) => void) | undefined;
  private readonly lines = new WeakMap<Socket, Line>();
  private readonly slice = new Slices();
  private isInTurn = false;
  /** Those for which this turn of the event loop had no time left. */
  private late: Waiting[] = [];
  private readonly closed: (this: ServerResponse) => void;

  constructor(
    private readonly load: HttpLoad,
    private readonly carryOut: CarryOut,
  ) {
    const ended = (response: ServerResponse): void => this.ended(response);
    // One function for all answers, which Node calls on each: no closure per request.
    this.closed = function () {
      ended(this);
    };
  }

  /** To be called with every request, when its head is there. */
  readonly take: CarryOut = (request, response) => {
    const { socket } = request;
    this.load.heads.begun(request);
    // What comes behind the answer that ends the connection is asked in vain: no answer to it would be sent.
    if (isEnding(socket)) return;
    let line = this.lines.get(socket);
    if (line === undefined) {
      line = { isBusy: false, refused: 0, waiting: undefined };
      this.lines.set(socket, line);
    }
    if (line.isBusy || line.refused > 0) return this.wait(line, request, response);
    line.isBusy = true;
    this.inFlight.add(response);
    response.on('close', this.closed);
    this.begin(request, response);
  };

  /** How many requests of a connection are not answered yet, or have been refused. */
  readonly requestsOf = (socket: Socket): number => {
    const line = this.lines.get(socket);
    return line === undefined ? 0 : Number(line.isBusy) + (line.waiting?.length ?? 0) + line.refused;
  };

  private begin(request: IncomingMessage, response: ServerResponse): void {
    if (!this.isInTurn) {
      this.isInTurn = true;
      this.slice.begin();
      setImmediate(this.endTurn);
    } else if (this.late.length > 0 || this.slice.isOver(Infinity)) {
      this.late.push({ request, response, bytes: 0 });
      if (this.late.length === 1) void this.catchUp();
      return;
    }
    this.carryOut(request, response);
  }

  private readonly endTurn = (): void => {
    this.isInTurn = false;
  };

  private async catchUp(): Promise<void> {
    const slices = new Slices();
    for (let done = 0; done < this.late.length; done++) {
      if (done === 0 || slices.isOver(Infinity)) await slices.next();
      const { request, response } = this.late[done];
      if (!response.closed && !isEnding(request.socket)) this.carryOut(request, response);
      // What it does without waiting for anything that is outside belongs to its slice.
      await microtasksDone();
    }
    this.late = [];
  }

  private wait(line: Line, request: IncomingMessage, response: ServerResponse): void {
    const { load } = this;
    line.waiting ??= [];
    if (line.waiting.length >= MAX_WAITING || line.refused > 0) {
      load.shed.pipelined++;
      // What comes behind a refusal that ends the connection is not looked at, and not kept for long.
      if (line.refused++ === 0) refuse(response);
      else if (line.refused > MAX_REFUSED) request.socket.destroy();
      return;
    }
    const bytes = headBytes(request);
    if (!load.keep(bytes)) {
      // To say so would only add to what it does not read.
      load.shed.no_room++;
      request.socket.destroy();
      return;
    }
    line.waiting.push({ request, response, bytes });
    this.inFlight.add(response);
  }

  private ended(response: ServerResponse): void {
    this.forget(response);
    const { socket } = response.req;
    const line = this.lines.get(socket);
    if (!line) return;
    line.isBusy = false;
    if (line.waiting === undefined || line.waiting.length === 0) return;
    if (isEnding(socket)) return this.drop(line);
    const next = line.waiting.shift()!;
    this.load.letGo(next.bytes);
    line.isBusy = true;
    next.response.on('close', this.closed);
    this.begin(next.request, next.response);
  }

  /** Nobody is there any more for what waits. Node forgets such answers without a word. */
  private drop(line: Line): void {
    const { waiting = [] } = line;
    line.waiting = undefined;
    for (const { response, bytes } of waiting) {
      this.load.letGo(bytes);
      response.destroyed = true;
      response.emit('close');
      this.forget(response);
    }
  }

  private forget(response: ServerResponse): void {
    this.inFlight.delete(response);
    this.load.unread.forget(response);
    this.promised.ended(response);
    this.onEnd?.(response);
  }
}

/** Whether nothing more goes out on a connection, whether or not those who wait have been told. */
function isEnding({ destroyed, writableEnded }: Socket): boolean {
  return destroyed || writableEnded;
}

function microtasksDone(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** Answers past the framework: all that a client hears that does not listen. */
function refuse(response: ServerResponse): void {
  const message = `more than ${MAX_WAITING} requests of this connection wait for their answers`;
  const body = errorJson({ error: 'error', message });
  response
    .writeHead(429, {
      ...SAFE_HEADERS,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'retry-after': '1',
      connection: 'close',
    })
    .end(body);
}

function headBytes({ url = '', rawHeaders }: IncomingMessage): number {
  let bytes = REQUEST_BYTES + url.length;
  for (const part of rawHeaders) bytes += part.length;
  return bytes;
}
