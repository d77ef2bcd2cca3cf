import { Controller } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Caller } from '../../access/caller.js';
import { Callers } from '../../access/callers.js';
import { OPEN } from '../../access/need.js';
import { SECOND } from '../../domain/time.js';
import { noSessionCookie, sessionCookie } from '../../rest/access/session-cookie.js';
import { isFromBrowser } from '../../rest/access/web-rules.js';
import { RestError } from '../../rest/errors/rest-error.js';
import { Created, NoContent } from '../../rest/http/answers.js';
import type { RestAdapter } from '../../rest/http/rest-adapter.js';
import { Route } from '../../rest/openapi/route.js';
import { SessionsService } from '../sessions.service.js';
import { NEW_SESSION, SESSION, SESSION_EXAMPLE } from './dto/session.dto.js';

/** Who somebody is here, and the session of their browser. */
@Controller()
export class SessionController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly callers: Callers,
    private readonly host: HttpAdapterHost<RestAdapter>,
  ) {}

  @Route('GET', 'session', {
    id: 'getSession',
    summary: 'Ask who one is here, and what one may do',
    needs: OPEN,
    tag: 'Sessions',
    answer: { status: 200, description: 'Who it is.', schema: SESSION.ref, example: SESSION_EXAMPLE },
  })
  get(caller: Caller, request: FastifyRequest): string {
    return this.viewed(caller, request, request.sessionId);
  }

  @Route('POST', 'session', {
    id: 'beginSession',
    summary: 'Sign in by a token, in a browser',
    needs: OPEN,
    description:
      'Begins a session of at most twelve hours, whose cookie the browser sends along with requests of pages of this server. ' +
      'What its holder may do follows the token. A session that the browser had before ends.',
    tag: 'Sessions',
    body: { schema: NEW_SESSION.ref, example: { token: 'coord_…' } },
    answer: { status: 201, description: 'Who it is.', schema: SESSION.ref, example: SESSION_EXAMPLE, location: true },
    errors: [409],
  })
  async begin({ address }: Caller, request: FastifyRequest): Promise<Created> {
    this.mustBeOwn(request);
    if (this.callers.sessions === undefined) throw new RestError(409, 'nobody is asked here who they are');
    const { token } = NEW_SESSION.parse(request.body);
    const signedIn = await this.callers.signInByToken(token, address);
    const { id, identity, lifetime } = await this.sessions.begin(signedIn, address, request.sessionId);
    const json = this.viewed(new Caller(identity, address), request, id);
    return new Created(json, `${request.basePath}/session`, {
      'cache-control': 'no-store',
      'set-cookie': sessionCookie(id, Math.ceil(lifetime / SECOND), this.isSecure(request)),
    });
  }

  @Route('DELETE', 'session', {
    id: 'endSession',
    summary: 'Sign out',
    needs: OPEN,
    description: 'Ends the session of the browser for good, on all daemons. At the issuer one stays signed in.',
    tag: 'Sessions',
    answer: 204,
    headers: { 'Set-Cookie': 'Takes the cookie away.' },
  })
  async end({ identity, address }: Caller, request: FastifyRequest): Promise<NoContent> {
    this.mustBeOwn(request);
    if (request.sessionId !== undefined) await this.sessions.end(request.sessionId, identity, address);
    return new NoContent({ 'set-cookie': noSessionCookie(this.isSecure(request)) });
  }

  private viewed(
    caller: Caller,
    { basePath }: Pick<FastifyRequest, 'basePath'>,
    sessionId: string | undefined,
  ): string {
    const { callers } = this;
    return SESSION.json({
      caller,
      basePath,
      ends: sessionId === undefined ? undefined : this.sessions.endOf(sessionId),
      isAsked: callers.entries !== undefined,
      hasOpenId: callers.openId !== undefined,
    });
  }

  /** Pages of -cors-origin have no sessions here: they bring tokens. @throws RestError (403) */
  private mustBeOwn(request: FastifyRequest): void {
    if (!isFromBrowser(request) || this.host.httpAdapter.web.isOwnPage(request)) return;
    throw new RestError(403, 'only pages of this server begin and end sessions');
  }

  private isSecure({ raw }: FastifyRequest): boolean {
    return this.host.httpAdapter.proxies.isSecure(raw);
  }
}
