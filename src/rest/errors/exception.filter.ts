import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { StorageUnavailableError } from '../../domain/errors.js';
import type { MediaType } from '../http/negotiation.js';
import { SAFE_HEADERS } from '../http/safe-headers.js';
import { RestError } from './rest-error.js';
import { answerOf, errorJson, INTERNAL_ERROR } from './error-body.js';

/** Turns whatever is thrown, the framework's errors included, into the one form of error answers. */
@Catch()
export class RestExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger('REST');

  catch(error: unknown, host: ArgumentsHost): void {
    sendError(error, host.switchToHttp().getResponse<FastifyReply>(), this.logger);
  }
}

/** Answers with an error. One that is no client's fault is logged; its client hears only that it happened. */
export function sendError(error: unknown, reply: FastifyReply, logger: Pick<Logger, 'warn' | 'error'>): void {
  if (hasLeft(error, reply)) return;
  const answer = answerOf(error) ?? INTERNAL_ERROR;
  // No place in the program is to blame for a storage that is away, and what is refused on purpose is no failure.
  if (error instanceof StorageUnavailableError) logger.warn(error.message);
  else if (answer.status >= 500 && !(error instanceof RestError))
    logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (answer.status === 403) reply.request.server.audit?.denied(reply.request, error);
  if (reply.sent) return;
  // Of what the router refuses no hook hears.
  void reply.headers(SAFE_HEADERS);
  for (const [name, value] of Object.entries(answer.headers ?? {})) void reply.header(name, value);
  void reply
    .code(answer.status)
    .header('content-type', typeOf(reply))
    .serializer(identity)
    .send(errorJson(answer.body));
}

/** Whether all that is wrong is that the client has gone before it had the whole of an answer that is made while it is read. */
function hasLeft(error: unknown, { raw }: FastifyReply): boolean {
  return raw.destroyed && error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** With a serializer of its own, Fastify sends a text as it is, and its type without a charset. */
export function identity(payload: unknown): string {
  return payload as string;
}

/** A URL that the router refuses never becomes a whole request. */
function typeOf(reply: FastifyReply): MediaType {
  return reply.request.answerType || 'application/json';
}
