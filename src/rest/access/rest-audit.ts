import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Audit, AuditLine } from '../../access/audit.js';
import { CallerHere } from '../../access/caller.js';
import { DeniedError } from '../../access/errors.js';
import { OPEN } from '../../access/need.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Tells the log of requests that were not let; absent: nobody does. */
    audit?: RestAudit;
  }
}

/** What one of the things that a request asks for at once is, and what it is about. */
export type AuditPart = Pick<AuditLine, 'action' | 'namespace' | 'object'>;

/** What the log says of HTTP requests that change much, or were not let. */
export class RestAudit {
  constructor(private readonly audit: Audit) {}

  /** A request was refused, or a part of it. */
  denied(request: FastifyRequest, error: unknown): void {
    const right = error instanceof DeniedError ? error.right : undefined;
    const reason = error instanceof Error ? error.message : undefined;
    this.audit.deny(right, { ...lineOf(request), reason });
  }

  /**
   * One of the things that a request asks for at once has been carried out.
   * @param right - what it needs @param part - what it is @param error - why it was not done
   */
  part(request: FastifyRequest, right: string, part: AuditPart, error?: unknown): void {
    if (error instanceof DeniedError) {
      this.audit.deny(error.right, { ...lineOfPart(request, part), reason: error.message });
    } else if (this.audit.concerns(right)) {
      this.audit.change(error === undefined ? 'ok' : 'error', lineOfPart(request, part));
    }
  }

  /** A request has been answered. */
  answered(request: FastifyRequest, { statusCode }: FastifyReply): void {
    const { needs } = request.routeOptions.config;
    if (needs === undefined || needs === OPEN || !this.audit.concerns(needs.right)) return;
    // What is refused for want of a right has a line already.
    if (statusCode === 401 || statusCode === 403 || statusCode === 429) return;
    this.audit.change(statusCode < 400 ? 'ok' : 'error', lineOf(request));
  }
}

function lineOf(request: FastifyRequest): AuditLine {
  const { caller, method, url, routeOptions, headers } = request;
  const id = headers['x-request-id'];
  return {
    door: 'rest',
    caller: caller?.name ?? 'nobody',
    plugin: caller?.identity.plugin,
    address: caller?.address ?? request.socket.remoteAddress ?? '-',
    action: `${method} ${routeOptions.url ?? '-'}`,
    namespace: caller instanceof CallerHere ? caller.namespace : undefined,
    object: url.split('?', 1)[0],
    request: typeof id === 'string' ? id : undefined,
  };
}

function lineOfPart(request: FastifyRequest, { action, ...about }: AuditPart): AuditLine {
  const line = lineOf(request);
  return { ...line, ...about, action: `${line.action} ${action}` };
}
