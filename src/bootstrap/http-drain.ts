import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { sendError } from '../rest/errors/exception.filter.js';
import { RestError } from '../rest/errors/rest-error.js';
import { PROBES } from '../rest/http/load.js';
import type { Turns } from '../rest/http/turns.js';

const SHUTTING_DOWN = new RestError(503, 'shutting down', undefined, { 'retry-after': '1', connection: 'close' });
const UNLOGGED = { warn: () => undefined, error: () => undefined };

/**
 * Waits for the HTTP requests in flight. Once it is told to let no more in, probes are answered as before, and so is what
 * arrives on connections that were there; what comes on later connections hears 503.
 */
export class HttpDrain {
  private known: ReadonlySet<Socket> | undefined;

  constructor(
    fastify: FastifyInstance,
    private readonly turns: Turns,
  ) {
    fastify.addHook('onRequest', (request, reply, proceed) => {
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
    const awaited = new Set(this.turns.inFlight);
    if (awaited.size === 0) return;
    await new Promise<void>((resolve) => {
      this.turns.onEnd = (answer) => {
        if (awaited.delete(answer) && awaited.size === 0) resolve();
      };
    });
  }
}
