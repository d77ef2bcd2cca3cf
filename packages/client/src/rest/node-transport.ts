import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as PlainAgent, request as requestPlain } from 'node:http';
import { Agent as TlsAgent, request as requestTls } from 'node:https';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { ConnectionError } from '../connection-error.js';
import type { HttpAnswer, HttpRequest, HttpStream, Transport } from './transport.js';

/** How long it may take to connect before another address is tried, in milliseconds. */
const CONNECT_MS = 10_000;
/** How long the daemon may take to end a connection of which our side has ended, in milliseconds. */
const HEARD_OUT_MS = 2_000;

/** Requests by Node's own HTTP, over connections that are kept: a fraction of the processor time of fetch, and TLS as one likes. */
export class NodeTransport implements Transport {
  private readonly plain: PlainAgent;
  private readonly secure: TlsAgent;

  /** @param tls what Node's `tls.connect` takes, for https */
  constructor(tls: ConnectionOptions = {}) {
    const agent = { keepAlive: true, scheduling: 'lifo' } as const;
    this.plain = new PlainAgent(agent);
    this.secure = new TlsAgent({ ...agent, ...tls });
  }

  send(request: HttpRequest): Promise<HttpAnswer> {
    return this.ask(request, (response, resolve, fail, end) => {
      read(response, fail, (text) => {
        end();
        resolve({ ...headOf(response), text });
      });
    });
  }

  stream(request: HttpRequest): Promise<HttpStream> {
    return this.ask(request, (response, resolve) => {
      // Who does not read it any more, or gives up, ends it by the signal.
      resolve({ ...headOf(response), chunks: response.setEncoding('utf8') as AsyncIterable<string> });
    });
  }

  /** @param take - gives what is to be known of the answer; what it says after that is nobody's */
  private ask<T>(
    { url, method, headers, body, signal, isHeardOut = false }: HttpRequest,
    take: (
      response: IncomingMessage,
      resolve: (answer: T) => void,
      fail: (error: Error) => void,
      end: () => void,
    ) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const options = {
        method,
        headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      };
      const isTls = url.startsWith('https:');
      const request = isTls
        ? requestTls(url, { ...options, agent: this.secure })
        : requestPlain(url, { ...options, agent: this.plain });
      const connecting = new Connecting(request, isTls);
      const end = (): void => {
        connecting.done();
        signal.removeEventListener('abort', abort);
      };
      const fail = (error: Error): void => {
        end();
        if (signal.aborted) reject(signal.reason as Error);
        else reject(new ConnectionError(`${new URL(url).origin}: ${reasonOf(error)}`, connecting.isConnected, error));
      };
      const abort = (): void => {
        if (!isHeardOut || !connecting.isConnected) request.destroy();
        else connecting.hearOut();
      };
      signal.addEventListener('abort', abort, { once: true });
      request.on('error', fail);
      request.on('response', (response) => take(response, resolve, fail, end));
      if (signal.aborted) abort();
      else request.end(body);
    });
  }

  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }
}

/** Sees whether a request has a connection, and gives up where none comes about. */
class Connecting {
  isConnected = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly request: ClientRequest,
    isTls: boolean,
  ) {
    request.once('socket', (socket: Socket) => {
      if (!socket.connecting) {
        this.isConnected = true;
        return;
      }
      this.timer = setTimeout(() => request.destroy(new Error(`no answer in ${CONNECT_MS / 1000} s`)), CONNECT_MS);
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        this.isConnected = true;
        this.done();
      });
    });
  }

  /**
   * Ends our side alone. The daemon may not have read the request yet: once it has, and the end behind it, it ends its own side, and
   * an answer that it gave before comes ahead of that. A connection that is closed at once would lose the answer, and tell nothing.
   */
  hearOut(): void {
    this.request.socket?.end();
    this.timer = setTimeout(() => this.request.destroy(), HEARD_OUT_MS);
  }

  done(): void {
    clearTimeout(this.timer);
  }
}

function headOf({ statusCode = 0, headers }: IncomingMessage): Omit<HttpAnswer, 'text'> {
  return { status: statusCode, header: (name) => [headers[name]].flat()[0] };
}

function read(response: IncomingMessage, fail: (error: Error) => void, done: (text: string) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', fail);
  response.on('end', () => done((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString()));
}

/** Several addresses of a name that all refuse make an error without a message. */
function reasonOf(error: Error & { readonly errors?: readonly Error[] }): string {
  return error.message || (error.errors?.map(({ message }) => message).join(', ') ?? error.name);
}
