import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { RestError } from '../errors/rest-error.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request counts for, until its answer is sent. */
    counted: { atWork: boolean; bodyBytes: number } | undefined;
  }
}

/** Most requests of one connection at once, as a client has that sends on without waiting for answers. */
const MAX_PER_CONNECTION = 100;

/** Always answered: how the daemon is, is of most interest when it has too much to do. */
export const PROBES: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz', '/metrics']);

/** Plain counters of the HTTP interface's limits, for metrics to read. */
export class HttpLoad {
  openConnections = 0;
  /** Connections closed because too many were open. */
  refusedConnections = 0;
  /** Connections cut off: a request that did not arrive in time, an answer that was not read. */
  readonly cut = { stalled: 0, slow_reader: 0 };
  /** Requests answered 503 or 429 at once, by what there was too much of. */
  readonly shed = { requests: 0, connections: 0, pipelined: 0, no_room: 0 };
  /** Requests that are worked on: their bodies are there, their answers are not. */
  atWork = 0;
  /** Bytes of bodies that are there or on the way. */
  bodyBytes = 0;
  /** Connections beyond their number, which only get to hear that. */
  readonly surplus = new WeakSet<Socket>();
  private readonly perConnection = new WeakMap<Socket, number>();

  constructor(
    private readonly maxAtWork: number,
    private readonly maxBodyBytes: number,
  ) {}

  /**
   * Sheds what is too much: by the number of requests at work, since that is what memory and waiting time grow with. A
   * daemon that is merely slow for a moment sheds nothing.
   */
  watch(fastify: FastifyInstance): void {
    fastify.decorateRequest('counted', undefined);
    fastify.addHook('onRequest', (request, _reply, done) => {
      done(this.refusal(request));
    });
    fastify.addHook('preHandler', (request, _reply, done) => {
      if (this.atWork >= this.maxAtWork && !isProbe(request)) return done(this.overloaded());
      if (request.counted !== undefined) {
        request.counted.atWork = true;
        this.atWork++;
      }
      done();
    });
    fastify.addHook('onSend', (request, _reply: FastifyReply, _payload, done) => {
      this.release(request);
      done();
    });
  }

  /** Bytes of a body have come. @returns why they are too much */
  addBody(request: FastifyRequest, bytes: number): RestError | undefined {
    if (request.counted === undefined) return undefined;
    request.counted.bodyBytes += bytes;
    this.bodyBytes += bytes;
    if (this.bodyBytes <= this.maxBodyBytes) return undefined;
    this.shed.no_room++;
    return tooMuch(503, 'there is no room for this body now, try again later', true);
  }

  private refusal(request: FastifyRequest): RestError | undefined {
    const { socket } = request.raw;
    if (!isProbe(request)) {
      if (this.surplus.has(socket)) {
        this.shed.connections++;
        return tooMuch(503, 'too many connections, try again later', true);
      }
      if (this.atWork >= this.maxAtWork) return this.overloaded();
    }
    const others = this.perConnection.get(socket) ?? 0;
    if (others >= MAX_PER_CONNECTION) {
      this.shed.pipelined++;
      return tooMuch(429, `more than ${MAX_PER_CONNECTION} requests of this connection wait for their answers`);
    }
    this.perConnection.set(socket, others + 1);
    request.counted = { atWork: false, bodyBytes: 0 };
    return undefined;
  }

  private overloaded(): RestError {
    this.shed.requests++;
    return tooMuch(503, 'too many requests are being worked on, try again later');
  }

  private release(request: FastifyRequest): void {
    const { counted } = request;
    if (counted === undefined) return;
    request.counted = undefined;
    const { socket } = request.raw;
    this.perConnection.set(socket, (this.perConnection.get(socket) ?? 1) - 1);
    if (counted.atWork) this.atWork--;
    this.bodyBytes -= counted.bodyBytes;
  }
}

function isProbe(request: FastifyRequest): boolean {
  return PROBES.has(request.routeOptions.url);
}

function tooMuch(status: 429 | 503, message: string, close = false): RestError {
  return new RestError(status, message, undefined, { 'retry-after': '1', ...(close ? { connection: 'close' } : {}) });
}
