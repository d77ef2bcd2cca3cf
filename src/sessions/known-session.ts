import type { Identity } from '../access/identity.js';
import { NOTHING } from '../access/rights.js';
import type { SessionBasis } from '../access/session.js';
import { MILLISECOND, type Micros } from '../domain/time.js';

/** For what those who have a session are over together with it, whoever they are found to be. */
export class SessionMark implements Identity {
  readonly name = 'session';
  readonly rights = NOTHING;
  readonly expires: Micros;
  /** When somebody last wanted to know whether it goes on: whoever waits or listens by it does so every second. */
  askedAt = performance.now();
  private ended = false;

  /** @param left - how long it goes on */
  constructor(left: Micros) {
    this.expires = Date.now() * MILLISECOND + left;
  }

  get isOver(): boolean {
    this.askedAt = performance.now();
    return this.ended;
  }

  end(): void {
    this.ended = true;
  }
}

/** A session that goes on, as far as this daemon knows. */
export class KnownSession {
  readonly mark: SessionMark;
  /** When it was last looked whether it does. */
  lookedAt = performance.now();
  /** Who has it, as found out last, and what that was found out by. */
  private holder: { readonly identity: Identity | undefined; readonly by: unknown } | undefined;

  /** @param ends - by the storage's clock, @param left - how long that is from now */
  constructor(
    readonly basis: SessionBasis,
    readonly ends: Micros,
    left: Micros,
  ) {
    this.mark = new SessionMark(left);
  }

  /** Who has it. @param by - for as long as this is the same they are not found out anew, unless they are over */
  holderBy(
    by: unknown,
    find: () => Identity | undefined,
    isPast: (identity: Identity) => boolean,
  ): Identity | undefined {
    const before = this.holder;
    if (before?.identity !== undefined && before.by === by && !isPast(before.identity)) return before.identity;
    const identity = find();
    this.holder = { identity, by };
    return identity;
  }
}
