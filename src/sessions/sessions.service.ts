import { randomBytes } from 'node:crypto';
import type { OnModuleDestroy } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { Audit } from '../access/audit.js';
import { Callers } from '../access/callers.js';
import { type Identity, isPast } from '../access/identity.js';
import type { SessionBasis, SessionHolders, SignedIn } from '../access/session.js';
import { hashOfToken } from '../access/token.js';
import { HOUR } from '../domain/history.js';
import { MILLISECOND, type Micros } from '../domain/time.js';
import { KnownSession } from './known-session.js';
import { SessionRepository } from './session.repository.js';

/** How long a session goes on at most. */
const LIFETIME: Micros = 12 * HOUR;
/**
 * How long it is taken to go on without another look, in milliseconds: what another daemon has ended is noticed by those who look
 * at it every second in no more than five.
 */
const LOOK_MS = 3_000;
const TICK_MS = 1_000;
/** Those that nobody has asked about for so long are looked up when they are next used, in milliseconds. */
const FORGET_MS = 60_000;
/** So many are known at most, those included that are nobody's. */
const MOST_KNOWN = 10_000;

/** A session that has begun. */
export interface Begun {
  /** For its browser alone; it is kept nowhere. */
  readonly id: string;
  readonly identity: Identity;
  readonly lifetime: Micros;
}

/**
 * Sessions of people who have signed in. They are in the storage; of those that are used it is known here for a moment that they go on,
 * so that hardly any request has to ask for it.
 */
@Injectable()
export class SessionsService implements SessionHolders, OnModuleDestroy {
  /** By the hashes of their ids; a moment says when it was looked last for one that is not there. */
  private readonly known = new Map<string, KnownSession | number>();
  private readonly looking = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stored: SessionRepository,
    private readonly callers: Callers,
    private readonly audit: Audit,
  ) {
    if (callers.entries !== undefined) callers.sessions = this;
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.callers.sessions = undefined;
  }

  learn(id: string): Promise<void> | undefined {
    const hash = hashOfToken(id);
    const known = this.known.get(hash);
    const lookedAt = known instanceof KnownSession ? known.lookedAt : known;
    if (lookedAt !== undefined && performance.now() - lookedAt < LOOK_MS) return undefined;
    let looking = this.looking.get(hash);
    if (looking === undefined) {
      looking = this.look([hash]).finally(() => this.looking.delete(hash));
      this.looking.set(hash, looking);
    }
    return looking;
  }

  holderOf(id: string): Identity | undefined {
    const session = this.find(id);
    if (session === undefined) return undefined;
    const { callers } = this;
    return session.holderBy(
      callers.entries,
      () => callers.bySession(session.basis, session.mark),
      (identity) => isPast(identity, Date.now() * MILLISECOND),
    );
  }

  /** When a session that has been learnt of ends, by the storage's clock. */
  endOf(id: string): Micros | undefined {
    return this.find(id)?.ends;
  }

  /**
   * Begins a session, always under a new id.
   * @param before - the id of the one that the browser has until then, which ends
   */
  async begin({ identity, basis }: SignedIn, address: string, before: string | undefined): Promise<Begun> {
    const id = randomBytes(32).toString('base64url');
    const hash = hashOfToken(id);
    const left = identity.expires === undefined ? LIFETIME : identity.expires - Date.now() * MILLISECOND;
    const lifetime = Math.max(1, Math.min(LIFETIME, left));
    if (before !== undefined) await this.remove(before);
    await this.stored.add({ hash, holder: holderOf(basis), basis: JSON.stringify(basis), lifetime });
    await this.look([hash]);
    this.audit.session('sign in', identity.name, address);
    return { id, identity: this.holderOf(id) ?? identity, lifetime };
  }

  /** Ends a session for good. */
  async end(id: string, { name }: Identity, address: string): Promise<void> {
    if (await this.remove(id)) this.audit.session('sign out', name, address);
  }

  private async remove(id: string): Promise<boolean> {
    const hash = hashOfToken(id);
    const wentOn = await this.stored.end(hash);
    this.isGone(hash);
    return wentOn;
  }

  private find(id: string): KnownSession | undefined {
    const session = this.known.get(hashOfToken(id));
    if (!(session instanceof KnownSession)) return undefined;
    return isPast(session.mark, Date.now() * MILLISECOND) ? undefined : session;
  }

  /** Looks which of them go on. @throws StorageUnavailableError */
  private async look(hashes: readonly string[]): Promise<void> {
    const begun = performance.now();
    const found = new Map((await this.stored.find(hashes)).map((session) => [session.hash, session]));
    for (const hash of hashes) {
      const known = this.known.get(hash);
      const session = found.get(hash);
      if (session === undefined) this.isGone(hash);
      else if (known instanceof KnownSession) known.lookedAt = Math.max(known.lookedAt, begun);
      // Where it ended here while the storage was asked, what that says is of before.
      else if (known === undefined || known < begun)
        this.keep(hash, new KnownSession(JSON.parse(session.basis) as SessionBasis, session.ends, session.left));
    }
  }

  private isGone(hash: string): void {
    const known = this.known.get(hash);
    if (known instanceof KnownSession) known.mark.end();
    this.keep(hash, performance.now());
  }

  private keep(hash: string, known: KnownSession | number): void {
    const [oldest] = this.known.keys();
    if (this.known.size >= MOST_KNOWN && oldest !== undefined && !this.known.has(hash)) this.forget(oldest);
    this.known.set(hash, known);
    this.timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  /** Whoever waits or listens by it is over: nobody would look any more whether it goes on. */
  private forget(hash: string): void {
    const known = this.known.get(hash);
    if (known instanceof KnownSession) known.mark.end();
    this.known.delete(hash);
  }

  /** Forgets what nobody asks about, and looks at what somebody waits or listens by. */
  private tick(): void {
    const now = performance.now();
    const stale: string[] = [];
    for (const [hash, known] of this.known) {
      const usedAt = known instanceof KnownSession ? known.mark.askedAt : known;
      if (now - usedAt > FORGET_MS) this.forget(hash);
      else if (known instanceof KnownSession && now - known.lookedAt >= LOOK_MS && usedAt > known.lookedAt)
        stale.push(hash);
    }
    if (this.known.size === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
    // A storage that is away says nothing of sessions: it is asked again, and requests hear of it themselves.
    if (stale.length > 0) this.look(stale).catch(() => undefined);
  }
}

/** By what holders are told apart. */
function holderOf(basis: SessionBasis): string {
  return hashOfToken('token' in basis ? basis.token : JSON.stringify([basis.issuer, basis.claims.sub]));
}
