import type { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { CONNECTION_WEIGHT, FewATurn } from '../../timing/few-a-turn.js';

/**
 * Spreads the ends of a server's connections over turns of the event loop. Whoever has thousands of them open may close them all at
 * once, of which the system tells in one turn; and with a connection Node ends all requests that wait on it.
 */
export class ConnectionEnds {
  private readonly ends = new FewATurn();

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
    this.ends.hurry();
  }

  /** What a client has sent comes at once, but the end of it when it is its turn. */
  private push(): Socket['push'] {
    const { ends } = this;
    return function (this: Socket, chunk: unknown, encoding?: BufferEncoding): boolean {
      const own = Object.getPrototypeOf(this) as Socket;
      if (chunk !== null) return own.push.call(this, chunk, encoding);
      const take = (): void => {
        if (this.destroyed) return;
        own.push.call(this, null);
        this.read(0);
      };
      ends.add(CONNECTION_WEIGHT, take);
      return false;
    };
  }

  /** A connection is closed at once, but that is told when it is its turn: it is then that Node ends its requests. */
  private emit(): Socket['emit'] {
    const { requestsOf, ends } = this;
    return function (this: Socket, event: string | symbol, ...values: unknown[]): boolean {
      const own = Object.getPrototypeOf(this) as EventEmitter;
      const tell = (): boolean => own.emit.call(this, event, ...values);
      if (event !== 'close') return tell();
      ends.add(CONNECTION_WEIGHT + requestsOf(this), () => withoutTraces(tell));
      return true;
    };
  }
}

/** Node makes an error of each request that ends with its connection, and finding out where it was made is most of what that takes. */
function withoutTraces(act: () => void): void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    act();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
