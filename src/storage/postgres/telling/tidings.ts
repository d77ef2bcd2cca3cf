import { randomBytes } from 'node:crypto';
import { type Micros, MILLISECOND } from '../../../domain/time.js';
import type { SpecDirectory } from '../units/spec-directory.js';
import type { Row, Statement } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { NOTIFY, type Part, workMessage } from './messages.js';
import { RestWatch } from './rest-watch.js';
import { ANYTHING, isFreed, News } from './news.js';

/** Whoever waits at this daemon. */
export interface TidingsListener {
  happened(part: Part): void;
  /** Something falls due in so many milliseconds. */
  dueIn(ms: number): void;
}

/** A daemon tells of a work spec once in so many milliseconds; of what comes in between it tells at their end. */
const PAUSE_MS = 20;
/** Somebody who says that they wait is told of work for so long, in milliseconds. */
const WAITING_MS = 35_000;
/** Who begins to wait may not have seen what was committed so short a time before their word was heard, in milliseconds. */
const UNSEEN_MS = 10_000;
/**
 * What falls due later need not be told: who waits looks that often, in milliseconds, whether or not it hears of anything. Each
 * look is a statement, of which a daemon that does nothing else should make few.
 */
export const LOOK_MS = 1_350;
/** Of more specs it is not remembered when they were told of, or that they were not. */
const MOST = 10_000;
/** When what could not be told is tried again, in milliseconds. */
const AGAIN_MS = 1_000;

/**
 * Tells who waits for work what transactions have done: at this daemon in place, at others by a message that goes with the
 * commit. Nothing is sent as long as nobody waits elsewhere, as far as can be heard; the first word of somebody who does is
 * answered with what they may have missed before it arrived.
 */
export class Tidings {
  /** How this daemon signs. */
  readonly self = randomBytes(6).toString('hex');
  /** Whoever waits here; undefined: nobody does. */
  listener: TidingsListener | undefined;
  /** Whether messages of others arrive; else it is not known whether somebody waits. */
  isListening = false;
  private waitingUntil = -Infinity;
  private readonly toldAt = new Map<number, number>();
  /** What is to be told at the end of the pause. */
  private readonly held = new Map<number, number>();
  private heldDue = Infinity;
  /** What was told to nobody, and when it was committed. */
  private readonly unheard = new Map<number, number>();
  private timer: NodeJS.Timeout | undefined;
  private readonly rest: RestWatch;

  constructor(
    private readonly directory: SpecDirectory,
    /** Carries out a statement by a transaction of its own. */
    private readonly send: (notice: Statement) => Promise<Row[]>,
  ) {
    this.rest = new RestWatch(send, (namespaceId) => this.rested(namespaceId));
  }

  /** Whether daemons elsewhere are to be told. */
  private get mustTell(): boolean {
    return !this.isListening || performance.now() < this.waitingUntil;
  }

  /** Whether that less of a work spec is pending or available may let others have work. */
  readonly isFreedBy = (workSpecId: number): boolean => {
    const meta = this.directory.head(workSpecId)?.meta;
    return meta === undefined || isFreed(meta);
  };

  /** Whether other work specs may wait for one. */
  readonly isAwaited = (workSpecId: number): boolean => this.directory.head(workSpecId)?.awaited ?? true;

  /** What goes out with the commit of a transaction that does this: one statement at most. */
  notices(news: News): Statement[] {
    if (news.units.size === 0 || !this.mustTell) return [];
    const now = performance.now();
    if (this.toldAt.size > MOST) this.toldAt.clear();
    const parts: Part[] = [];
    for (const [id, units] of news.units) {
      if (now - (this.toldAt.get(id) ?? -Infinity) < PAUSE_MS) continue;
      this.toldAt.set(id, now);
      news.told.add(id);
      parts.push(this.part(id, units));
    }
    return parts.length === 0 ? [] : [this.notice(parts)];
  }

  /** To be called when the transaction has been committed. */
  committed(news: News): void {
    if (news.isEmpty) return;
    for (const id of news.lessened) this.lessened(id);
    const { listener } = this;
    const dueInMs = Math.max(0, news.dueIn / MILLISECOND);
    if (listener !== undefined) {
      for (const [id, units] of news.units) listener.happened(this.part(id, units));
      if (dueInMs < Infinity) listener.dueIn(dueInMs);
    }
    const now = performance.now();
    if (!this.mustTell) {
      if (this.unheard.size > MOST) this.forgetUnheard(now);
      for (const id of news.units.keys()) this.unheard.set(id, now);
      return;
    }
    for (const [id, units] of news.units) if (!news.told.has(id)) this.hold(id, units);
    if (dueInMs < LOOK_MS) {
      this.heldDue = Math.min(this.heldDue, now + dueInMs);
      this.tellLater();
    }
  }

  /** Somebody may wait for a work spec of which less is left to be done. */
  private lessened(workSpecId: number): void {
    if (this.listener !== undefined || this.mustTell) this.rest.note(workSpecId);
    // Whoever begins to wait just now hears of it in any case.
    else this.rested(this.directory.head(workSpecId)?.namespaceId ?? ANYTHING);
  }

  /** A work spec of a namespace has come to rest: others there may be handed out. */
  rested(namespaceId: number): void {
    this.committed(News.of(namespaceId));
  }

  /** A lease has begun of that length. */
  begun(lifetime: Micros): void {
    if (this.listener === undefined && !this.mustTell) return;
    const news = new News();
    news.dueIn = lifetime;
    this.committed(news);
  }

  /** Somebody waits at another daemon. */
  someoneWaits(): void {
    const now = performance.now();
    const isNews = now >= this.waitingUntil;
    this.waitingUntil = now + WAITING_MS;
    if (!isNews) return;
    for (const [id, at] of this.unheard) if (now - at < UNSEEN_MS) this.hold(id, 1);
    this.unheard.clear();
  }

  close(): void {
    clearTimeout(this.timer);
    this.rest.close();
  }

  private forgetUnheard(now: number): void {
    for (const [id, at] of this.unheard) if (now - at >= UNSEEN_MS) this.unheard.delete(id);
    if (this.unheard.size <= MOST) return;
    this.unheard.clear();
    this.unheard.set(ANYTHING, now);
  }

  private part(id: number, units: number): Part {
    if (id <= 0) return { namespaceId: id === ANYTHING ? 0 : -id, workSpecId: 0, units };
    return { namespaceId: this.directory.head(id)?.namespaceId ?? 0, workSpecId: id, units };
  }

  private notice(parts: readonly Part[], dueInMs?: number): Statement {
    return statement(NOTIFY, workMessage(this.self, parts, dueInMs));
  }

  private hold(id: number, units: number): void {
    this.held.set(id, (this.held.get(id) ?? 0) + units);
    this.tellLater();
  }

  private tellLater(ms = PAUSE_MS): void {
    this.timer ??= setTimeout(this.tellHeld, ms).unref();
  }

  private readonly tellHeld = (): void => {
    this.timer = undefined;
    const now = performance.now();
    const told: [id: number, units: number][] = [];
    for (const [id, units] of this.held) {
      // What was told meanwhile may have been so by a transaction that did not come to its end.
      if (now - (this.toldAt.get(id) ?? -Infinity) < PAUSE_MS) continue;
      this.held.delete(id);
      this.toldAt.set(id, now);
      told.push([id, units]);
    }
    const due = this.heldDue;
    this.heldDue = Infinity;
    if (this.held.size > 0) this.tellLater();
    if (told.length === 0 && due === Infinity) return;
    const notice = this.notice(
      told.map(([id, units]) => this.part(id, units)),
      Math.max(0, due - now),
    );
    this.send(notice).catch(() => {
      for (const [id, units] of told) this.held.set(id, (this.held.get(id) ?? 0) + units);
      this.heldDue = Math.min(this.heldDue, due);
      this.tellLater(AGAIN_MS);
    });
  };
}
