import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { SESSION_ID } from '../../access/session.js';
import type { WebRules } from './web-rules.js';

/** The cookie that a session is known by. Where requests are encrypted its name says so, and no other server can set it. */
const SESSION_COOKIE = 'coordinate-session';

function nameOf(isSecure: boolean): string {
  return isSecure ? `__Host-${SESSION_COOKIE}` : SESSION_COOKIE;
}

/** The session of the browser that makes a request; undefined: there is none, or a page of another server has it make it. */
export function sessionIdIn(request: FastifyRequest, web: WebRules): string | undefined {
  const { cookie } = request.raw.headers;
  if (cookie === undefined || request.raw.headers.authorization !== undefined) return undefined;
  const id = parseCookie(cookie)[nameOf(web.proxies.isSecure(request.raw))];
  return id !== undefined && SESSION_ID.test(id) && web.isOwnPage(request) ? id : undefined;
}

/** Gives a browser the id of a session, for requests of its own pages alone. @param seconds - for how long it is to keep it */
export function sessionCookie(id: string, seconds: number, isSecure: boolean): string {
  return stringifySetCookie({
    name: nameOf(isSecure),
    value: id,
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: isSecure,
    maxAge: seconds,
  });
}

/** Takes it away. */
export function noSessionCookie(isSecure: boolean): string {
  return sessionCookie('', 0, isSecure);
}
