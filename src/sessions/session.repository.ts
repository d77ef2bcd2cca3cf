import type { Awaitable } from '../domain/awaitable.js';
import type { NewSession, Session } from '../domain/session.js';

/**
 * The sessions of people who have signed in, which belong to no namespace and are in no dump. Those whose time is over are
 * nobody's, and go with what retention removes.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class SessionRepository {
  /** Keeps one that begins now. Where its holder has MOST_SESSIONS already, the oldest of those end. */
  abstract add(session: NewSession): Awaitable<void>;

  /** Those of some hashes that go on, in no order. */
  abstract find(hashes: readonly string[]): Awaitable<Session[]>;

  /** Ends one for good. @returns whether it went on until now */
  abstract end(hash: string): Awaitable<boolean>;
}
