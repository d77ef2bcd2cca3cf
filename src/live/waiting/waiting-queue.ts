import type { Attempt, Claim, ClaimRequest } from '../../domain/attempt.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { OutcomeUnknownError, StorageUnavailableError } from '../../domain/errors.js';
import type { ByteName } from '../../domain/names.js';
import { Moments } from '../../domain/scheduler/moments.js';
import { type Micros, MILLISECOND } from '../../domain/time.js';
import type { WorkFeed, WorkNews } from '../../domain/work-feed.js';
import { Slices } from '../../timing/slices.js';
import { Alarm } from './alarm.js';
import { type Line, Room } from './lines.js';
import { Waiter as Someone, type WaitingClient } from './waiter.js';

type Waiter = Someone<Line>;

/** What makes claims for those who wait. */
export interface ClaimDesk {
  claim(namespace: string, request: ClaimRequest): Awaitable<Claim>;
  /** Takes back what somebody was given who has gone. */
  takeBack(namespace: string, attempts: readonly Attempt[]): void;
  /** Somebody waits for whom no claim has been made yet. */
  greet(namespace: string, worker: ByteName): void;
}

/** Hears what a storage says of a namespace, as WorkNews have it. */
export type NewsListener = (workSpec: string | undefined, units: number) => void;

/** So many claims at most are made at a time for those who wait in one namespace: about what shares a transaction. */
const MOST_TRIED = 256;
/** How many more are tried after one that was given something. */
const MORE_AFTER_WORK = 2;
/** How many small steps a claim counts for. */
const STEPS_OF_CLAIM = 16;
/** While the storage is away, those who wait look so often, in milliseconds. */
const TROUBLE_MS = 1_000;
/** How often it is looked whether clients may still wait, in milliseconds. */
const SWEEP_MS = 1_000;

/**
 * Those who wait for work, whom a storage's news wake: the first who can take it makes a claim, and when that finds
 * something, the next. What one cannot be given nobody of the same line can, so that one unit wakes one of a thousand.
 *
 * Nothing is missed between looking and waiting: a line is watched before its first look, and news that come while a claim
 * is being made lead to another one. Who joins a line needs no look: its first has looked, and hears of all that came after.
 */
export class WaitingQueue implements WorkNews {
  private readonly rooms = new Map<string, Room>();
  /** Those who wait elsewhere, by namespace. */
  private readonly listeners = new Map<string, Set<NewsListener>>();
  private readonly deadlines = new Moments<Waiter>();
  private readonly alarm = new Alarm(() => this.ring());
  /** Those whose clients may come to an end of what they may. */
  private readonly mortal = new Set<Waiter>();
  private readonly troubled = new Set<Line>();
  private lookAt = Infinity;
  private sweepAt = Infinity;
  private retryAt = Infinity;
  private arrivals = 0;
  private isEnding = false;
  /** How many wait now. */
  size = 0;

  constructor(
    private readonly desk: ClaimDesk,
    private readonly feed: WorkFeed,
  ) {
    feed.tell(this);
  }

  /**
   * A claim that waits until it is given something, for so long at most: then it is empty. Errors of the first look are told.
   * @param client - who is to hear of it, who may leave at any time
   */
  claim(namespace: string, request: ClaimRequest, wait: Micros, client: WaitingClient): Awaitable<Claim> {
    if (this.isEnding || wait <= 0) return this.desk.claim(namespace, request);
    const line = this.rooms.get(namespace)?.find(request);
    if (line !== undefined) return this.join(line, request, wait, client);
    // Whatever comes after this look is told, for the line is there before anything else can happen.
    const look = this.desk.claim(namespace, request);
    if (!(look instanceof Promise) && look.attempts.length > 0) return look;
    const waiter = this.begin(namespace, request, wait, client);
    if (look instanceof Promise) this.awaits(waiter.line.try(), look, true);
    else waiter.line.nothing = look;
    return waiter.claim;
  }

  /**
   * Has somebody hear what the storage says of a namespace, who makes claims by themselves: all that comes after this.
   * @returns what ends that
   */
  listen(namespace: string, listener: NewsListener): () => void {
    const isWatched = this.isWatched(namespace);
    const listeners = this.listeners.get(namespace) ?? new Set();
    this.listeners.set(namespace, listeners.add(listener));
    if (!isWatched) this.feed.watch(namespace);
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.listeners.delete(namespace);
      if (!this.isWatched(namespace)) this.feed.unwatch(namespace);
    };
  }

  private isWatched(namespace: string): boolean {
    return this.rooms.has(namespace) || this.listeners.has(namespace);
  }

  claimable(namespace: string, workSpec: string | undefined, units: number): void {
    for (const listener of this.listeners.get(namespace) ?? []) listener(workSpec, units);
    const room = this.rooms.get(namespace);
    if (room === undefined) return;
    for (const line of room.concerned(workSpec)) this.haveNews(line, units);
    this.serve(room);
  }

  lookIn(ms: number): void {
    this.lookAt = Math.min(this.lookAt, performance.now() + ms);
    this.alarm.setFor(this.lookAt);
  }

  /** Nobody waits any more: those who do are answered now, and later ones at once. */
  end(): void {
    this.isEnding = true;
    for (const waiter of this.everybody()) this.giveUp(waiter);
    this.alarm.off();
  }

  private begin(namespace: string, request: ClaimRequest, wait: Micros, client: WaitingClient): Waiter {
    let room = this.rooms.get(namespace);
    if (room === undefined) {
      const isWatched = this.isWatched(namespace);
      this.rooms.set(namespace, (room = new Room(namespace)));
      if (!isWatched) this.feed.watch(namespace);
    }
    return this.enter(room.begin(request), request, wait, client);
  }

  /** Waits behind others who want the same. */
  private join(line: Line, request: ClaimRequest, wait: Micros, client: WaitingClient): Promise<Claim> {
    const waiter = this.enter(line, request, wait, client);
    if (line.nothing.noNamespace !== true) this.desk.greet(line.room.namespace, request.worker);
    if (line.credit > 0) {
      line.room.queueUp(line);
      this.serve(line.room);
    }
    return waiter.claim;
  }

  private enter(line: Line, request: ClaimRequest, wait: Micros, client: WaitingClient): Waiter {
    const waiter = new Someone(line, request, ++this.arrivals, client);
    line.add(waiter);
    this.size++;
    const until = performance.now() + wait / MILLISECOND;
    this.deadlines.add(until, waiter);
    if (this.deadlines.areTooMany(this.size)) this.deadlines.keep(({ isOver }) => !isOver);
    this.alarm.setFor(until);
    client.leave = () => this.leaves(waiter);
    if (client.mustBeKnown !== undefined) {
      this.mortal.add(waiter);
      this.sweepAt = Math.min(this.sweepAt, performance.now() + SWEEP_MS);
      this.alarm.setFor(this.sweepAt);
    }
    return waiter;
  }

  private haveNews(line: Line, units: number): void {
    line.news++;
    line.credit = Math.max(line.credit, units);
    line.room.queueUp(line);
  }

  /** Has claims made for those who came first, as long as there is credit. */
  private serve(room: Room): void {
    if (!room.isServing) void this.serveInSlices(room);
  }

  private async serveInSlices(room: Room): Promise<void> {
    room.isServing = true;
    const slices = new Slices();
    while (room.tried < MOST_TRIED) {
      const line = room.takeLine();
      if (line === undefined) break;
      if (line.credit <= 0 || line.next === undefined) continue;
      this.try(line);
      room.queueUp(line);
      if (slices.isOver(STEPS_OF_CLAIM)) await slices.next();
    }
    room.isServing = false;
  }

  private try(line: Line): void {
    const waiter = line.try();
    if (!this.mayHave(waiter)) return;
    line.credit -= Math.max(1, waiter.request.units);
    const { news } = line;
    let claim: Awaitable<Claim>;
    try {
      claim = this.desk.claim(line.room.namespace, waiter.request);
    } catch (error) {
      this.failed(waiter, error, false);
      return;
    }
    if (claim instanceof Promise) this.awaits(waiter, claim, false);
    else this.claimed(waiter, claim, news);
  }

  private awaits(waiter: Waiter, claim: Promise<Claim>, isFirstLook: boolean): void {
    const { line } = waiter;
    const { news, room } = line;
    room.tried++;
    const done = (): void => {
      room.tried--;
      room.queueUp(line);
      this.serve(room);
    };
    claim.then(
      (found) => {
        this.claimed(waiter, found, news);
        done();
      },
      (error: unknown) => {
        this.failed(waiter, error, isFirstLook);
        done();
      },
    );
  }

  /** @param news - how many there had been when the claim was begun */
  private claimed(waiter: Waiter, claim: Claim, news: number): void {
    const { line } = waiter;
    if (claim.attempts.length > 0) {
      line.credit = Math.max(0, line.credit) + MORE_AFTER_WORK;
      if (waiter.hasLeft) this.desk.takeBack(line.room.namespace, claim.attempts);
      this.answer(waiter, claim);
      return;
    }
    line.nothing = claim;
    if (line.news === news) line.credit = 0;
    if (waiter.isOver) this.answer(waiter, claim);
    else line.putBack(waiter);
  }

  private failed(waiter: Waiter, error: unknown, isFirstLook: boolean): void {
    const { line } = waiter;
    const isAway = error instanceof StorageUnavailableError && !(error instanceof OutcomeUnknownError);
    if (!isAway || isFirstLook || waiter.isOver) {
      // What it was woken for is passed on.
      if (!isAway) line.credit = Math.max(0, line.credit) + 1;
      this.dismiss(waiter);
      waiter.reject(error);
    } else line.putBack(waiter);
    if (!isAway || line.isEmpty) return;
    line.credit = 0;
    this.troubled.add(line);
    this.retryAt = Math.min(this.retryAt, performance.now() + TROUBLE_MS);
    this.alarm.setFor(this.retryAt);
  }

  private answer(waiter: Waiter, claim: Claim): void {
    this.dismiss(waiter);
    waiter.resolve(claim);
  }

  private dismiss(waiter: Waiter): void {
    const { line } = waiter;
    const { room } = line;
    waiter.isOver = true;
    waiter.client.leave = undefined;
    this.size--;
    this.mortal.delete(waiter);
    line.remove(waiter);
    if (!line.isEmpty) return;
    room.end(line);
    this.troubled.delete(line);
    if (!room.isEmpty) return;
    this.rooms.delete(room.namespace);
    if (!this.isWatched(room.namespace)) this.feed.unwatch(room.namespace);
  }

  /** It waits no longer: it has nothing, unless a claim that is being made for it finds something. */
  private giveUp(waiter: Waiter): void {
    if (waiter.isOver) return;
    waiter.isOver = true;
    if (!waiter.isTried) this.answer(waiter, waiter.line.nothing);
  }

  private leaves(waiter: Waiter): void {
    waiter.hasLeft = true;
    this.giveUp(waiter);
  }

  /** Whether a client may still be given work. One that may not is told so. */
  private mayHave(waiter: Waiter): boolean {
    try {
      waiter.client.mustBeKnown?.();
      return true;
    } catch (error) {
      this.dismiss(waiter);
      waiter.reject(error);
      return false;
    }
  }

  /** Does whatever is due. */
  private ring(): void {
    const now = performance.now();
    for (let entry = this.deadlines.take(now); entry !== undefined; entry = this.deadlines.take(now)) {
      this.giveUp(entry.of);
    }
    if (this.lookAt <= now) {
      this.lookAt = Infinity;
      this.feed.look();
    }
    if (this.retryAt <= now) this.tryAgain();
    if (this.sweepAt <= now) this.sweep(now);
    while (this.deadlines.first?.of.isOver === true) this.deadlines.take(Infinity);
    this.alarm.setFor(Math.min(this.deadlines.first?.at ?? Infinity, this.lookAt, this.retryAt, this.sweepAt));
  }

  private tryAgain(): void {
    this.retryAt = Infinity;
    const lines = [...this.troubled];
    this.troubled.clear();
    for (const line of lines) {
      this.haveNews(line, 1);
      this.serve(line.room);
    }
  }

  private sweep(now: number): void {
    for (const waiter of this.mortal) if (!waiter.isTried) this.mayHave(waiter);
    this.sweepAt = this.mortal.size > 0 ? now + SWEEP_MS : Infinity;
  }

  private *everybody(): Generator<Waiter> {
    for (const room of this.rooms.values()) for (const line of room.all()) yield* line;
  }
}
