import { MILLISECOND } from '../../domain/time.js';
import { WorkFeed } from '../../domain/work-feed.js';
import type { PostgresStore } from './postgres-store.js';
import { LOOK_AHEAD, NAME_NAMESPACE } from './sql/waiting.sql.js';
import type { Message, Part } from './telling/messages.js';
import type { MessageListener } from './telling/listening.js';
import { LOOK_MS, type TidingsListener } from './telling/tidings.js';
import { int8Column } from './wire/columns.js';
import { statement } from './wire/statement.js';
import { textOfRow } from './wire/values.js';

/** Where nobody can be heard it is looked so often, in milliseconds. */
const POLL_MS = 1_000;
/** Between two looks ahead, in milliseconds, however soon something falls due. */
const SHORTEST_MS = 100;
/** A look ahead may take so much of the time at most. */
const SHARE = 1 / 20;
/** Others are told that somebody waits here so often at most, in milliseconds. */
const ANNOUNCE_MS = 10_000;

/** Tells what happens in the database: by this daemon, in place; by others, as they say; and by itself, as time passes. */
export class PostgresWorkFeed extends WorkFeed implements TidingsListener, MessageListener {
  private readonly watched = new Set<string>();
  private announcedAt = -Infinity;
  private isLooking = false;

  constructor(private readonly store: PostgresStore) {
    super();
    store.listenBy(this);
  }

  get isWaiting(): boolean {
    return this.watched.size > 0;
  }

  override watch(namespace: string): void {
    this.watched.add(namespace);
    if (this.watched.size === 1) {
      this.store.tidings.listener = this;
      this.announce();
    }
    this.news.lookIn(this.store.tidings.isListening ? SHORTEST_MS : POLL_MS);
  }

  override unwatch(namespace: string): void {
    this.watched.delete(namespace);
    if (this.watched.size === 0) this.store.tidings.listener = undefined;
  }

  override look(): void {
    if (this.watched.size === 0) return;
    if (this.store.tidings.isListening) return void this.lookAhead();
    this.wakeAll();
    this.news.lookIn(POLL_MS);
  }

  listening(isListening: boolean): void {
    this.store.tidings.isListening = isListening;
    if (!this.isWaiting) return;
    if (isListening) this.announce();
    // What was said while nothing could be heard is lost.
    this.wakeAll();
    this.news.lookIn(isListening ? SHORTEST_MS : POLL_MS);
  }

  heard(message: Message): void {
    switch (message.kind) {
      case 'waiting':
        return this.store.tidings.someoneWaits();
      case 'who':
        if (this.isWaiting) this.announce(true);
        return;
      case 'work':
        if (!this.isWaiting) return;
        for (const part of message.parts) this.happened(part);
        if (message.dueInMs < Infinity) this.dueIn(message.dueInMs);
    }
  }

  happened(part: Part): void {
    const namespace = this.store.nameOfNamespace(part.namespaceId);
    if (part.namespaceId === 0) this.wakeAll(part.units);
    else if (namespace === undefined) void this.learn(part);
    else if (this.watched.has(namespace)) {
      this.news.claimable(namespace, this.store.nameOfSpec(part.workSpecId), part.units);
    }
  }

  dueIn(ms: number): void {
    this.news.lookIn(Math.max(SHORTEST_MS, ms));
  }

  /** Finds out which namespace it is that something has happened in: it may be there by a name that is watched since just now. */
  private async learn(part: Part): Promise<void> {
    try {
      const [row] = await this.store.pool.query(statement(NAME_NAMESPACE, part.namespaceId));
      if (!row?.[0]) return;
      this.store.noteNamespace(textOfRow(row[0]), part.namespaceId);
      this.happened(part);
    } catch {
      this.wakeAll(part.units);
    }
  }

  private wakeAll(units = 1): void {
    for (const namespace of this.watched) this.news.claimable(namespace, undefined, units);
  }

  private announce(isAsked = false): void {
    const now = performance.now();
    if (!isAsked && now - this.announcedAt < ANNOUNCE_MS) return;
    this.announcedAt = now;
    this.store.announce();
  }

  /** Sees what falls due next, and whether anything is there that nobody has told of. */
  private async lookAhead(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    let next = POLL_MS;
    try {
      next = await this.lookAtNamespaces();
    } catch {
      // Whoever makes a claim hears what is wrong.
    }
    this.isLooking = false;
    if (this.isWaiting) this.news.lookIn(next);
  }

  /** @returns in how many milliseconds to look again */
  private async lookAtNamespaces(): Promise<number> {
    const begun = performance.now();
    const ids = [...this.watched].flatMap((namespace) => this.store.idOfNamespace(namespace) ?? []);
    const rows = ids.length === 0 ? [] : await this.store.pool.query(statement(LOOK_AHEAD, int8Column(ids)));
    let next = LOOK_MS;
    for (const [id, hasAvailable, due, now] of rows) {
      const ms = due === null ? Infinity : (Number(due) - Number(now)) / MILLISECOND;
      if (hasAvailable === 't' || ms <= 0) this.happened({ namespaceId: Number(id), workSpecId: 0, units: 1 });
      if (ms > 0) next = Math.min(next, ms);
    }
    return Math.max(SHORTEST_MS, next, (performance.now() - begun) / SHARE);
  }
}
