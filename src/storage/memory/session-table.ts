import { MOST_SESSIONS, type NewSession } from '../../domain/session.js';
import type { Micros } from '../../domain/time.js';

/** A session as it is kept. */
interface Kept {
  readonly holder: string;
  readonly basis: string;
  readonly ends: Micros;
}

/** The sessions there are, the oldest first: all of them take the same way out. */
export class SessionTable {
  private readonly byHash = new Map<string, Kept>();

  add({ hash, holder, basis, lifetime }: NewSession, now: Micros): void {
    // People sign in a few times a day, and all sessions of all of them are few.
    const others = [...this.byHash].filter(([, kept]) => kept.holder === holder);
    for (const [oldest] of others.slice(0, Math.max(0, others.length + 1 - MOST_SESSIONS))) this.byHash.delete(oldest);
    this.byHash.set(hash, { holder, basis, ends: now + lifetime });
  }

  find(hash: string, now: Micros): Kept | undefined {
    const kept = this.byHash.get(hash);
    return kept !== undefined && kept.ends > now ? kept : undefined;
  }

  delete(hash: string): void {
    this.byHash.delete(hash);
  }

  /** Those whose time is over. Some may come and go between two of them. */
  *past(now: Micros): Generator<string> {
    for (const [hash, { ends }] of this.byHash) if (ends <= now) yield hash;
  }
}
