import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendError } from '../rest/errors/exception.filter.js';
import { RestError } from '../rest/errors/rest-error.js';

/** What whoever decides where requests go asks for: it is to hear that they are not to come here any more. */
const PROBES = new Set(['/readyz', '/healthz', '/metrics']);

const SHUTTING_DOWN = new RestError(503, 'shutting down', undefined, { 'retry-after': '1', connection: 'close' });
const UNLOGGED = { error: () => undefined };

/**
 * Keeps count of the HTTP requests in flight. Once it is told to let no more in, probes are answered as before, and so is
 * what arrives on connections that were there; what comes on later connections hears 503.
 */
export class HttpDrain {
  private readonly requests = new Set<FastifyRequest>();
  private known: ReadonlySet<Socket> | undefined;
  private awaited = new Set<FastifyRequest>();
  private done: (() => void) | undefined;

  constructor(fastify: FastifyInstance) {
    fastify.addHook('onRequest', (request, reply, proceed) => {
      this.requests.add(request);
      if (!this.known || this.known.has(request.socket) || PROBES.has(request.url)) {
        proceed();
        return;
      }
      sendError(SHUTTING_DOWN, reply, UNLOGGED);
    });
    fastify.addHook('onResponse', (request, _reply, proceed) => {
      this.requests.delete(request);
      if (this.awaited.delete(request) && this.awaited.size === 0) this.done?.();
      proceed();
    });
  }

  /**
   * Lets no more in, and resolves when the requests that are in flight now have been answered.
   * @param connections - those there are
   */
  async begin(connections: Iterable<Socket>): Promise<void> {
    this.known = new Set(connections);
    this.awaited = new Set(this.requests);
    if (this.awaited.size > 0) await new Promise<void>((resolve) => (this.done = resolve));
  }
}
