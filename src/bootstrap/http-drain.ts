import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { sendError } from '../rest/errors/exception.filter.js';
import { RestError } from '../rest/errors/rest-error.js';
import { PROBES } from '../rest/http/load.js';

const SHUTTING_DOWN = new RestError(503, 'shutting down', undefined, { 'retry-after': '1', connection: 'close' });
const UNLOGGED = { warn: () => undefined, error: () => undefined };

/**
 * Keeps count of the HTTP requests in flight. Once it is told to let no more in, probes are answered as before, and so is
 * what arrives on connections that were there; what comes on later connections hears 503.
 */
export class HttpDrain {
  private readonly answers = new Set<ServerResponse>();
  private known: ReadonlySet<Socket> | undefined;
  private awaited = new Set<ServerResponse>();
  private done: (() => void) | undefined;

  constructor(fastify: FastifyInstance) {
    fastify.addHook('onRequest', (request, reply, proceed) => {
      const answer = reply.raw;
      this.answers.add(answer);
      // Also when the client goes away before it is answered, which no hook of Fastify tells at the end.
      answer.once('close', () => this.forget(answer));
      if (!this.known || this.known.has(request.socket) || PROBES.has(request.url)) {
        proceed();
        return;
      }
      sendError(SHUTTING_DOWN, reply, UNLOGGED);
    });
  }

  /**
   * Lets no more in, and resolves when the requests that are in flight now are answered or given up by who sent them.
   * @param connections - those there are
   */
  async begin(connections: Iterable<Socket>): Promise<void> {
    this.known = new Set(connections);
    this.awaited = new Set(this.answers);
    if (this.awaited.size > 0) await new Promise<void>((resolve) => (this.done = resolve));
  }

  private forget(answer: ServerResponse): void {
    this.answers.delete(answer);
    if (this.awaited.delete(answer) && this.awaited.size === 0) this.done?.();
  }
}
