import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { ConnectionError } from '../connection-error.js';
import { FrameReader } from './frames.js';

/** Where a daemon listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** @param text `HOST:PORT`, `[IPV6]:PORT`, or `HOST` for port 5932 @throws RangeError */
export function parseAddress(text: string): Address {
  const parts = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text);
  const port = Number(parts?.[3] ?? 5932);
  if (!parts || port > 65535) throw new RangeError(`not an address: ${text.slice(0, 100)}`);
  return { host: parts[1] ?? (parts[2] || '127.0.0.1'), port };
}

/** How long it may take to connect before another address is tried, in milliseconds. */
const CONNECT_MS = 10_000;

/** A connection on which nothing comes for so long is looked at, in milliseconds. */
const KEEP_ALIVE_MS = 10_000;

interface Waiting {
  readonly frame: Uint8Array;
  readonly resolve: (message: Uint8Array) => void;
  readonly reject: (error: ConnectionError) => void;
}

/** One connection. Requests may be sent without waiting; answers come in the order of the requests. */
export class RpcConnection {
  private readonly waiting: Waiting[] = [];
  private readonly frames = new FrameReader();
  private broken: ConnectionError | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly name: string,
  ) {
    socket.setNoDelay(true);
    // A machine that is gone without a word is noticed by that.
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', (error) => this.end(error));
    socket.on('close', () => this.end());
  }

  /** @throws ConnectionError */
  static async open({ host, port }: Address, tls: ConnectionOptions | undefined): Promise<RpcConnection> {
    const signal = AbortSignal.timeout(CONNECT_MS);
    const socket = tls ? connectTls({ servername: host, ...tls, host, port }) : connectPlain({ host, port });
    const name = `${host}:${port}`;
    try {
      await once(socket, tls ? 'secureConnect' : 'connect', { signal });
    } catch (error) {
      socket.destroy();
      const reason = signal.aborted ? `no answer in ${CONNECT_MS / 1000} s` : (error as Error).message;
      throw new ConnectionError(`cannot connect to ${name}: ${reason}`, false, error);
    }
    return new RpcConnection(socket, name);
  }

  get isBroken(): boolean {
    return this.broken !== undefined;
  }

  /** @returns the content of the frame that answers it @throws ConnectionError */
  send(frame: Uint8Array): Promise<Uint8Array> {
    if (this.broken) return Promise.reject(this.broken);
    return new Promise((resolve, reject) => {
      this.waiting.push({ frame, resolve, reject });
      this.socket.write(frame);
    });
  }

  /** Whether what was sent is the first that waits for its answer. */
  isFirst(frame: Uint8Array): boolean {
    return this.waiting[0]?.frame === frame;
  }

  close(): void {
    this.end(undefined, `the connection to ${this.name} was closed`);
    this.socket.destroy();
  }

  private receive(chunk: Uint8Array): void {
    try {
      for (const message of this.frames.take(chunk)) this.waiting.shift()?.resolve(message);
    } catch (error) {
      this.end(error as Error);
      this.socket.destroy();
    }
  }

  private end(
    cause?: Error,
    message = `the connection to ${this.name} ended${cause ? `: ${cause.message}` : ''}`,
  ): void {
    this.broken ??= new ConnectionError(message, true, cause);
    for (const each of this.waiting.splice(0)) each.reject(this.broken);
  }
}
