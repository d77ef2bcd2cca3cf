import { MILLISECOND } from '../../domain/time.js';
import { WorkFeed } from '../../domain/work-feed.js';
import type { PostgresStore } from './postgres-store.js';
import { LOOK_AHEAD, NAME_NAMESPACE } from './sql/waiting.sql.js';
import type { Message, Part } from './telling/messages.js';
import type { MessageListener } from './telling/listening.js';
import { LOOK_MS, type TidingsListener } from './telling/tidings.js';
import { int8Column } from './wire/columns.js';
import { type Row, type Statement, statement } from './wire/statement.js';
import { textOfRow, textParameter } from './wire/values.js';

/** Where nobody can be heard it is looked so often, in milliseconds. */
const POLL_MS = 1_000;
/** Between two looks ahead, in milliseconds, however soon something falls due. */
const SHORTEST_MS = 100;
/** A look ahead may take so much of the time at most. */
const SHARE = 1 / 20;
/** A look that took no longer than that, in milliseconds, may go over any connection: nobody will mind to wait for the next. */
const QUICK_MS = 20;
/** A look that is due in so few milliseconds may be made now. */
const NEARLY_MS = 2;
/** Others are told that somebody waits here so often at most, in milliseconds. */
const ANNOUNCE_MS = 10_000;

/** Tells what happens in the database: by this daemon, in place; by others, as they say; and by itself, as time passes. */
export class PostgresWorkFeed extends WorkFeed implements TidingsListener, MessageListener {
  private readonly watched = new Set<string>();
  private announcedAt = -Infinity;
  private isLooking = false;
  /** When to look. */
  private nextLook = Infinity;
  private isQuick = false;
  /** What the clock of the database said at the last look. */
  private seenAt = -Infinity;

  constructor(
    private readonly store: PostgresStore,
    /** By which it is looked, in milliseconds. */
    private readonly time: () => number = () => performance.now(),
  ) {
    super();
    store.stopListener = (namespace) => this.stopped(namespace);
    store.listenBy(this);
  }

  override get hearsStops(): boolean {
    return this.store.tidings.isListening;
  }

  get isWaiting(): boolean {
    return this.watched.size > 0;
  }

  override watch(namespace: string): void {
    this.watched.add(namespace);
    if (this.watched.size === 1) {
      this.store.tidings.listener = this;
      this.seenAt = this.store.time.now ?? -Infinity;
      this.announce();
    }
    this.lookIn(this.store.tidings.isListening ? SHORTEST_MS : POLL_MS);
  }

  override unwatch(namespace: string): void {
    this.watched.delete(namespace);
    if (this.watched.size > 0) return;
    this.store.tidings.listener = undefined;
    this.nextLook = Infinity;
  }

  override look(): void {
    if (this.watched.size === 0) return;
    const early = this.nextLook - this.time();
    if (early > NEARLY_MS) return this.news.lookIn(early);
    if (this.store.tidings.isListening) return void this.lookAhead();
    this.wakeAll();
    this.lookNextIn(POLL_MS);
  }

  lookSaying(message: string): Statement | undefined {
    const look = this.isQuick ? this.lookAt(message) : undefined;
    // Whoever wishes a look from here on gets another one.
    if (look !== undefined) this.nextLook = Infinity;
    return look;
  }

  looked(rows: readonly Row[]): void {
    if (this.isWaiting) this.lookIn(this.see(rows));
  }

  listening(isListening: boolean): void {
    this.store.tidings.isListening = isListening;
    if (!this.isWaiting) return;
    if (isListening) this.announce();
    // What was said while nothing could be heard is lost.
    this.wakeAll();
    this.lookIn(isListening ? SHORTEST_MS : POLL_MS);
  }

  heard(message: Message): void {
    switch (message.kind) {
      case 'stopped':
        return this.stopped(message.namespace);
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
    this.lookIn(Math.max(SHORTEST_MS, ms));
  }

  /** Looks then, or before. */
  private lookIn(ms: number): void {
    this.nextLook = Math.min(this.nextLook, this.time() + ms);
    this.news.lookIn(ms);
  }

  /** Looks then, unless somebody wishes it to be before. */
  private lookNextIn(ms: number): void {
    this.nextLook = this.time() + ms;
    this.news.lookIn(ms);
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
    // Whoever wishes a look from here on gets another one.
    this.nextLook = Infinity;
    const begun = performance.now();
    let next = POLL_MS;
    try {
      const look = this.lookAt(null);
      // The next sign of life of the connection by which others are heard takes a look along, and may be had a little early.
      if (look !== undefined && this.isQuick && this.store.greetListening(LOOK_MS)) {
        this.isLooking = false;
        return;
      }
      if (look !== undefined) next = this.see(await this.store.look(look, this.isQuick));
    } catch {
      // Whoever makes a claim hears what is wrong.
    }
    this.isLooking = false;
    const took = performance.now() - begun;
    this.isQuick = took <= QUICK_MS;
    if (this.isWaiting) this.lookIn(Math.max(next - took, took / SHARE, SHORTEST_MS));
  }

  /** @param message - for all daemons; null: none @returns undefined: nothing is known yet of any namespace that is watched */
  private lookAt(message: string | null): Statement | undefined {
    const ids = [...this.watched].flatMap((namespace) => this.store.idOfNamespace(namespace) ?? []);
    if (ids.length === 0) return undefined;
    return statement(LOOK_AHEAD, int8Column(ids), message === null ? null : textParameter(message));
  }

  /** @returns in how many milliseconds to look again */
  private see(rows: readonly Row[]): number {
    let next = LOOK_MS;
    const seenAt = Number(rows[0][0]);
    // The clock has been set back: what was to be later may come earlier, once a claim has seen it.
    if (seenAt < this.seenAt) this.wakeAll();
    this.seenAt = seenAt;
    const [[, , slot]] = rows;
    this.store.slots.saw(slot === null ? Infinity : (Number(slot) - seenAt) / MILLISECOND);
    for (const [now, , , id, hasAvailable, due] of rows) {
      if (id === null) continue;
      const ms = due === null ? Infinity : (Number(due) - Number(now)) / MILLISECOND;
      if (hasAvailable === 't' || ms <= 0) this.happened({ namespaceId: Number(id), workSpecId: 0, units: 1 });
      if (ms > 0) next = Math.min(next, ms);
    }
    return Math.max(SHORTEST_MS, next);
  }
}
