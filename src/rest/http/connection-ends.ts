import type { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/** What it takes to end a connection, in what it takes to end one request that waits on it. */
const PER_CONNECTION = 16;
/** So much of that is done in one turn of the event loop without anybody having to wait. */
const LEAST = 32 * PER_CONNECTION;
/** Where very much waits, this part of it is done in each turn, so that it does not become more and more; but no more than so much. */
const PART = 1 / 64;
const MOST = 4 * LEAST;

interface Step {
  readonly weight: number;
  readonly take: () => void;
}

/**
 * Spreads the ends of a server's connections over turns of the event loop. Whoever has thousands of them open may close them all at
 * once, of which the system tells in one turn; and with a connection Node ends all requests that wait on it.
 */
export class ConnectionEnds {
  /** What this turn has taken already. */
  private done = 0;
  private isAwaited = false;
  private waiting: Step[] = [];
  private isHurried = false;
  /** Of all that wait. */
  private weight = 0;

  /** @param requestsOf - how many requests of a connection are not answered yet */
  constructor(
    server: Server,
    private readonly requestsOf: (socket: Socket) => number,
  ) {
    // One function each for all connections.
    const push = this.push();
    const emit = this.emit();
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      socket.push = push;
      socket.emit = emit;
    });
  }

  /** The daemon is about to stop: all that waits is told now, and what comes later at once. */
  hurry(): void {
    this.isHurried = true;
    this.weight = 0;
    for (const { take } of this.waiting.splice(0)) take();
  }

  /** What a client has sent comes at once, but the end of it when it is its turn. */
  private push(): Socket['push'] {
    const add = this.add.bind(this);
    return function (this: Socket, chunk: unknown, encoding?: BufferEncoding): boolean {
      const own = Object.getPrototypeOf(this) as Socket;
      if (chunk !== null) return own.push.call(this, chunk, encoding);
      const take = (): void => {
        if (this.destroyed) return;
        own.push.call(this, null);
        this.read(0);
      };
      add({ weight: PER_CONNECTION, take });
      return false;
    };
  }

  /** A connection is closed at once, but that is told when it is its turn: it is then that Node ends its requests. */
  private emit(): Socket['emit'] {
    const { requestsOf } = this;
    const add = this.add.bind(this);
    return function (this: Socket, event: string | symbol, ...values: unknown[]): boolean {
      const own = Object.getPrototypeOf(this) as EventEmitter;
      const tell = (): boolean => own.emit.call(this, event, ...values);
      if (event !== 'close') return tell();
      add({ weight: PER_CONNECTION + requestsOf(this), take: () => void tell() });
      return true;
    };
  }

  private add(step: Step): void {
    if (this.isHurried) return step.take();
    if (this.waiting.length === 0 && this.done < LEAST) {
      this.done += step.weight;
      step.take();
    } else {
      this.waiting.push(step);
      this.weight += step.weight;
    }
    this.awaitNext();
  }

  private awaitNext(): void {
    if (this.isAwaited) return;
    this.isAwaited = true;
    setImmediate(this.begin);
  }

  private readonly begin = (): void => {
    this.isAwaited = false;
    const { waiting } = this;
    // Those that did not have to wait belong to this turn as well.
    const most = Math.min(Math.max(LEAST, this.weight * PART), MOST) - this.done;
    this.done = 0;
    if (waiting.length === 0) return;
    let taken = 0;
    while (taken < waiting.length && this.done < most) this.done += waiting[taken++].weight;
    this.weight -= this.done;
    for (const { take } of waiting.splice(0, taken)) take();
    if (waiting.length > 0) this.done = 0;
    this.awaitNext();
  };
}
