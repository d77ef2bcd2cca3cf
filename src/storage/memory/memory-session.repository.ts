import type { NewSession, Session } from '../../domain/session.js';
import { SessionRepository } from '../../sessions/session.repository.js';
import type { MemoryStore } from './memory-store.js';

export class MemorySessionRepository extends SessionRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  override add(session: NewSession): void {
    this.store.sessions.add(session, this.store.now());
  }

  override find(hashes: readonly string[]): Session[] {
    const now = this.store.now();
    return hashes.flatMap((hash) => {
      const kept = this.store.sessions.find(hash, now);
      return kept ? [{ hash, basis: kept.basis, ends: kept.ends, left: kept.ends - now }] : [];
    });
  }

  override end(hash: string): boolean {
    const { sessions } = this.store;
    const wentOn = sessions.find(hash, this.store.now()) !== undefined;
    sessions.delete(hash);
    return wentOn;
  }
}
