import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';
import type { Journey } from '../open-id.js';

/** What a browser keeps of somebody who is away at the issuer. */
export interface Away extends Journey {
  /** Where they go on then. */
  readonly returnTo: string;
}

/** How long they may be away, in seconds. */
const AWAY_SECONDS = 10 * 60;

const nameOf = (isSecure: boolean): string => (isSecure ? '__Secure-coordinate-sign-in' : 'coordinate-sign-in');

/**
 * The cookie of somebody who is away: for the one path that they come back to, and brought along from another site, since it is
 * from there that they come. It is as good as what its browser says: who changes it is not let in.
 * @param path - of the callback, as the browser sees it @param away - undefined: they are back
 */
export function signInCookie(path: string, away: Away | undefined, isSecure: boolean): string {
  const { state, nonce, verifier, returnTo } = away ?? { state: '', nonce: '', verifier: '', returnTo: '' };
  return stringifySetCookie({
    name: nameOf(isSecure),
    value: away && Buffer.from(JSON.stringify([state, nonce, verifier, returnTo])).toString('base64url'),
    path,
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure,
    maxAge: away ? AWAY_SECONDS : 0,
  });
}

/** What it says; undefined: there is none, or none that was made here. */
export function awayIn({ raw: { headers } }: FastifyRequest, isSecure: boolean): Away | undefined {
  const text = headers.cookie && parseCookie(headers.cookie)[nameOf(isSecure)];
  if (!text) return undefined;
  try {
    const parts = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
    if (!Array.isArray(parts) || parts.length !== 4) return undefined;
    if (!parts.every((part): part is string => typeof part === 'string' && part !== '')) return undefined;
    const [state, nonce, verifier, returnTo] = parts;
    return { state, nonce, verifier, returnTo };
  } catch {
    return undefined;
  }
}
