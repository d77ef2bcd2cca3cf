import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

type Handler = (this: FastifyInstance, request: FastifyRequest, reply: FastifyReply) => unknown;

/**
 * A route's handler that nobody waits for. Nest's handlers send their answers themselves, errors included, and then return
 * the reply, which as a promise is settled when all of it is sent: to wait for that, as Nest and Fastify would, costs more
 * than a third of the whole request in listeners.
 *
 * @param answerError - for what a handler throws after all
 */
export function withoutWaiting(handler: Handler, answerError: (error: unknown, reply: FastifyReply) => void): Handler {
  return function (request, reply) {
    (reply as { then?: unknown }).then = undefined;
    const answered = handler.call(this, request, reply);
    if (answered instanceof Promise) answered.catch((error: unknown) => answerError(error, reply));
  };
}
