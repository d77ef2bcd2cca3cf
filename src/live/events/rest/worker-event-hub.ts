import type { ServerResponse } from 'node:http';
import type { OnModuleDestroy } from '@nestjs/common';
import { Injectable, Logger } from '@nestjs/common';
import { AttemptsService } from '../../../attempts/attempts.service.js';
import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import { Clock, DEFAULT_LIFETIME, MILLISECOND } from '../../../domain/time.js';
import { WorkFeed } from '../../../domain/work-feed.js';
import type { Home } from '../../../rest/links.js';
import { cancelledEvent } from './dto/events.dto.js';
import type { LiveEvent } from './event-frames.js';
import { COMMENT, frameOf, LOOKS_PER_COMMENT } from './event-frames.js';
import type { EventStream } from './event-stream.js';
import { Slices } from '../../../timing/slices.js';

/** Between two looks at who listens, in milliseconds. */
const PERIOD_MS = 1_000;
/** Who begins to listen is told of what was stopped no longer ago than that: the worker may be at it still. */
const RECENT: Micros = DEFAULT_LIFETIME;
/** So many attempts are read at a time. */
const WINDOW = 100;
/** So many are looked at for at a time: where very many listen, the storage is not asked for all of them at once. */
const MOST_LOOKING = 8;
/** To begin a look takes as long as so many small steps. */
const STEPS_PER_LOOK = 16;

/** A worker that listens. */
interface Ear {
  readonly home: Home;
  readonly worker: ByteName;
  readonly stream: EventStream;
  /** What has been told, by the numbers of attempts, as long as it is recent. */
  told: Set<number>;
  isLooking: boolean;
}

/**
 * Tells workers which of their attempts have been stopped. It looks when the storage says that something was, and every second where
 * the storage can't say so of other daemons; while nothing is stopped, who listens costs nothing.
 */
@Injectable()
export class WorkerEventHub implements OnModuleDestroy {
  private readonly ears = new Map<ServerResponse, Ear>();
  /** Those for whom it is to be looked, in the order in which that came up. */
  private readonly toLook = new Set<Ear>();
  /** How many are at that. */
  private looking = 0;
  private timer: NodeJS.Timeout | undefined;
  private looks = 0;
  private isOver = false;
  private isFailing = false;
  private readonly logger = new Logger('events');

  constructor(
    private readonly attempts: AttemptsService,
    private readonly feed: WorkFeed,
    private readonly clock: Clock,
  ) {
    feed.hearStops((namespace) => this.somethingStopped(namespace));
  }

  /** A worker listens from now on. */
  join(home: Home, worker: ByteName, answer: ServerResponse, stream: EventStream): void {
    if (this.isOver || answer.destroyed) return stream.end();
    const ear: Ear = { home, worker, stream, told: new Set(), isLooking: false };
    this.ears.set(answer, ear);
    answer.on('close', () => {
      this.ears.delete(answer);
      this.toLook.delete(ear);
      if (this.ears.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    });
    this.timer ??= setInterval(() => this.tick(), PERIOD_MS).unref();
    stream.write(COMMENT);
    this.lookFor(ear);
  }

  /** The daemon is about to end: all streams end now. */
  end(): void {
    this.isOver = true;
    clearInterval(this.timer);
    for (const { stream } of this.ears.values()) stream.end();
  }

  onModuleDestroy(): void {
    this.end();
  }

  private somethingStopped(namespace: string): void {
    for (const ear of this.ears.values()) if (ear.home.name === namespace) this.lookFor(ear);
  }

  private tick(): void {
    const now = Date.now() * MILLISECOND;
    const isComment = ++this.looks % LOOKS_PER_COMMENT === 0;
    const mustLook = !this.feed.hearsStops;
    for (const ear of this.ears.values()) {
      if (ear.stream.check(now) && isComment) ear.stream.write(COMMENT);
      if (mustLook) this.lookFor(ear);
    }
  }

  /** It is looked for somebody soon, after those for whom it is to be already. */
  private lookFor(ear: Ear): void {
    this.toLook.add(ear);
    if (this.looking < MOST_LOOKING) void this.lookForSome();
  }

  /** In slices. What is stopped while it is looked for one has them wait again. */
  private async lookForSome(): Promise<void> {
    this.looking++;
    const slices = new Slices();
    // Hundreds may begin in one turn.
    if (slices.isOver(Infinity)) await slices.next();
    for (const ear of this.toLook) {
      if (this.isOver) break;
      if (ear.isLooking) continue;
      this.toLook.delete(ear);
      await this.look(ear);
      if (slices.isOver(STEPS_PER_LOOK)) await slices.next();
    }
    this.looking--;
  }

  private async look(ear: Ear): Promise<void> {
    ear.isLooking = true;
    try {
      const events = await this.news(ear);
      if (events.length > 0) ear.stream.write(frameOf(events, String(ear.told.size)));
      this.isFailing = false;
    } catch (error) {
      // The storage may be away: it is said once, and looked again when it says something.
      if (!this.isFailing && !this.isOver) this.logger.warn(`nothing can be told: ${(error as Error).message}`);
      this.isFailing = true;
    } finally {
      ear.isLooking = false;
      // Something has been stopped since it began: it comes behind all others.
      if (this.toLook.delete(ear)) this.lookFor(ear);
    }
  }

  private async news(ear: Ear): Promise<LiveEvent[]> {
    const since = (await this.clock.now()) - RECENT;
    const list = this.attempts.stored.listOf(ear.home.name, ear.worker, 'stopped');
    const recent = new Set<number>();
    const events: LiveEvent[] = [];
    for (let some = await list.next(WINDOW); some.length > 0; some = await list.next(WINDOW)) {
      for (const attempt of some) {
        if (attempt.end < since) continue;
        recent.add(attempt.number);
        if (!ear.told.has(attempt.number)) events.push(cancelledEvent(ear.home, attempt));
      }
      if (some.length < WINDOW) break;
    }
    ear.told = recent;
    return events;
  }
}
