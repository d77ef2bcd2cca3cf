import { Controller } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../access/caller.js';
import { Callers } from '../../access/callers.js';
import { OPEN } from '../../access/need.js';
import { SECOND } from '../../domain/time.js';
import { sessionCookie } from '../../rest/access/session-cookie.js';
import { RestError } from '../../rest/errors/rest-error.js';
import type { Page } from '../../rest/http/answers.js';
import { queryOf } from '../../rest/http/path.js';
import type { RestAdapter } from '../../rest/http/rest-adapter.js';
import { RETURN_TO } from '../../rest/openapi/parameters.js';
import { Route } from '../../rest/openapi/route.js';
import { IssuerUnreachableError, OpenId, SignInFailedError } from '../open-id.js';
import { SessionsService } from '../sessions.service.js';
import { failed, goesOn, leadTo } from './pages.js';
import { returnAddress } from './return-address.js';
import { awayIn, signInCookie } from './sign-in-cookie.js';

const PAGE = { type: 'text/html', schema: { type: 'string' }, example: '<!DOCTYPE html>' } as const;
const AWAY = 'Whoever people sign in with cannot be reached now.';
const WRONG = 'What came back is not right, or came too late.';

/** Signing in at the issuer, where browsers are led to and come back from. */
@Controller()
export class SignInController {
  private readonly openId: OpenId | undefined;

  constructor(
    private readonly sessions: SessionsService,
    private readonly callers: Callers,
    private readonly host: HttpAdapterHost<RestAdapter>,
  ) {
    this.openId = callers.openId && new OpenId(callers.openId);
  }

  @Route('GET', 'session/sign-in', {
    id: 'signIn',
    summary: 'Lead a browser to where people sign in',
    needs: OPEN,
    description: 'Leads to the issuer, by OpenID Connect, from where it comes back to /session/callback.',
    tag: 'Sessions',
    query: [RETURN_TO],
    answer: { ...PAGE, status: 302, description: 'To the issuer.' },
    errors: [404],
  })
  async begin(_caller: Caller, request: FastifyRequest): Promise<Page> {
    const openId = this.mustSignInSo();
    const returnTo = returnAddress(queryOf(request).one('return_to'), `${request.basePath}/`);
    const callback = this.callbackOf(request);
    try {
      const { url, journey } = await openId.begin(callback.href);
      return leadTo(url, [signInCookie(callback.pathname, { ...journey, returnTo }, this.isSecure(request))]);
    } catch (error) {
      if (!(error instanceof IssuerUnreachableError)) throw error;
      return failed(503, AWAY, againAt(request, returnTo), { 'retry-after': '5' });
    }
  }

  @Route('GET', 'session/callback', {
    id: 'completeSignIn',
    summary: 'Take a browser back from where people sign in',
    needs: OPEN,
    description: 'Begins the session of whom the issuer vouches for. No program calls this.',
    tag: 'Sessions',
    query: 'any',
    answer: { ...PAGE, status: 200, description: 'A page that goes on by itself.' },
    errors: [404],
  })
  async finish({ address }: Caller, request: FastifyRequest): Promise<Page> {
    const openId = this.mustSignInSo();
    const isSecure = this.isSecure(request);
    const callback = this.callbackOf(request);
    const away = awayIn(request, isSecure);
    const home = `${request.basePath}/`;
    const over = signInCookie(callback.pathname, undefined, isSecure);
    if (away === undefined) return this.refused(request, address, home, over);
    // It was in the hands of the browser meanwhile.
    const returnTo = returnAddress(away.returnTo, home);
    try {
      callback.search = request.url.split('?').slice(1).join('?');
      const claims = await openId.finish(callback, away);
      const { id, lifetime } = await this.sessions.begin(
        this.callers.signInByClaims(claims),
        address,
        request.sessionId,
      );
      return goesOn(returnTo, [sessionCookie(id, Math.ceil(lifetime / SECOND), isSecure), over]);
    } catch (error) {
      if (error instanceof SignInFailedError) return this.refused(request, address, returnTo, over);
      if (!(error instanceof IssuerUnreachableError)) throw error;
      return failed(503, AWAY, againAt(request, returnTo), { 'retry-after': '5', 'set-cookie': over });
    }
  }

  private refused(request: FastifyRequest, address: string, returnTo: string, cookie: string): Page {
    const { message, retryAfter } = this.callers.refuseSession(address);
    const again = againAt(request, returnTo);
    if (retryAfter === undefined) return failed(400, WRONG, again, { 'set-cookie': cookie });
    return failed(429, message, again, { 'set-cookie': cookie, 'retry-after': String(retryAfter) });
  }

  /** @throws RestError (404) */
  private mustSignInSo(): OpenId {
    if (this.openId === undefined) throw new RestError(404, 'nobody signs in so here: -oidc-client-id says where');
    return this.openId;
  }

  /** Where browsers come back to, as they see it. @throws RestError (400) */
  private callbackOf({ raw, basePath }: FastifyRequest): URL {
    const { proxies } = this.host.httpAdapter;
    const url = `${proxies.isSecure(raw) ? 'https' : 'http'}://${proxies.hostOf(raw) ?? ''}${basePath}/session/callback`;
    if (!URL.canParse(url)) throw new RestError(400, 'the Host header does not say where to come back to');
    return new URL(url);
  }

  private isSecure({ raw }: FastifyRequest): boolean {
    return this.host.httpAdapter.proxies.isSecure(raw);
  }
}

function againAt({ basePath }: FastifyRequest, returnTo: string): string {
  return `${basePath}/session/sign-in?return_to=${encodeURIComponent(returnTo)}`;
}
