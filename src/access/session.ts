import type { Claims } from './claims.js';
import type { Identity } from './identity.js';

/** What somebody has said of themselves to sign in, as far as it is kept: by it, it is found out anew what they may do. */
export type SessionBasis =
  /** Their token is in the file of callers: its SHA-256, in hexadecimal. */
  | { readonly token: string }
  /** The issuer that has signed who they are, and what it says of them. */
  | { readonly issuer: string; readonly claims: Claims };

/** Somebody who has said rightly who they are. */
export interface SignedIn {
  readonly identity: Identity;
  readonly basis: SessionBasis;
}

/** Those who have sessions, by the ids that their browsers have. */
export interface SessionHolders {
  /** Finds out whose a session is; to be called before `holderOf`. Undefined: there is nothing to wait for. */
  learn(id: string): Promise<void> | undefined;
  /** Undefined: nobody's, or not any more. */
  holderOf(id: string): Identity | undefined;
}

/** What ids of sessions look like: 32 bytes that nobody can guess. */
export const SESSION_ID = /^[\w-]{43}$/;
