import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { OnModuleDestroy } from '@nestjs/common';
import { Injectable, Logger } from '@nestjs/common';
import type { Awaitable } from '../../../domain/awaitable.js';
import { MILLISECOND } from '../../../domain/time.js';
import type { Home } from '../../../rest/links.js';
import { EventFeed } from './event-feed.js';
import type { Telling } from './event-frames.js';
import { COMMENT, LOOKS_PER_COMMENT, RecentFrames, tellingOf } from './event-frames.js';
import { EventSource } from './event-source.js';
import type { EventStream } from './event-stream.js';
import { Slices } from '../../../timing/slices.js';
import { nameKey } from '../../../structures/name-key.js';

/** To write so many bytes takes as long as a small step. */
const BYTES_PER_STEP = 1024;
/** To have something made for one who listens takes as long as so many small steps. */
const STEPS_PER_WRITE = 8;
/** To begin a look takes as long as so many. */
const STEPS_PER_LOOK = 16;

/** Those who listen to one namespace. */
interface Audience {
  readonly feed: EventFeed;
  readonly frames: RecentFrames;
  readonly streams: Map<ServerResponse, EventStream>;
  /** Those who have not been told how everything stands. */
  readonly newcomers: Set<EventStream>;
  isLooking: boolean;
  silence: number;
  /** How everything stood when something with this id was told. */
  complete: { readonly id: string; readonly telling: Awaitable<Telling> } | undefined;
}

/**
 * Tells everybody who listens what happens in a namespace: it looks once a second, however many they are, and not at all where
 * nobody is; what there is to tell is put into one frame, which goes to all of them.
 */
@Injectable()
export class EventHub implements OnModuleDestroy {
  /** Between two looks, in milliseconds. */
  periodMs = 1_000;
  private readonly audiences = new Map<string, Audience>();
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;
  private isLookingAtAll = false;
  private isFailing = false;
  private readonly logger = new Logger('events');

  constructor(private readonly source: EventSource) {}

  /** Somebody listens from now on. */
  join(home: Home, answer: ServerResponse, stream: EventStream): void {
    if (this.isOver || answer.destroyed) return stream.end();
    const key = nameKey(home.url, home.name);
    let audience = this.audiences.get(key);
    if (!audience) this.audiences.set(key, (audience = this.newAudience(home)));
    const { streams, newcomers } = audience;
    streams.set(answer, stream);
    newcomers.add(stream);
    answer.on('close', () => {
      streams.delete(answer);
      newcomers.delete(stream);
      if (streams.size > 0 || this.audiences.get(key) !== audience) return;
      this.audiences.delete(key);
      if (this.audiences.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    });
    this.timer ??= setInterval(() => void this.lookAtAll(), this.periodMs).unref();
    // Who is not the first is told at once what the others know.
    if (audience.feed.isThere) void welcome(audience, stream);
    else void this.look(audience);
  }

  /** The daemon is about to end: all streams end now. */
  end(): void {
    this.isOver = true;
    clearInterval(this.timer);
    for (const { streams } of this.audiences.values()) for (const stream of streams.values()) stream.end();
  }

  onModuleDestroy(): void {
    this.end();
  }

  private newAudience(home: Home): Audience {
    return {
      feed: new EventFeed(this.source, home),
      frames: new RecentFrames(randomBytes(6).toString('hex')),
      streams: new Map(),
      newcomers: new Set(),
      isLooking: false,
      silence: 0,
      complete: undefined,
    };
  }

  private async lookAtAll(): Promise<void> {
    if (this.isLookingAtAll) return;
    this.isLookingAtAll = true;
    const now = Date.now() * MILLISECOND;
    const slices = new Slices();
    try {
      for (const [key, audience] of [...this.audiences]) {
        // Nobody is left who would hear of it.
        if (this.audiences.get(key) !== audience) continue;
        for (const stream of audience.streams.values()) stream.check(now);
        void this.look(audience);
        if (slices.isOver(STEPS_PER_LOOK)) await slices.next();
      }
    } finally {
      this.isLookingAtAll = false;
    }
  }

  private async look(audience: Audience): Promise<void> {
    if (audience.isLooking) return;
    audience.isLooking = true;
    try {
      const events = await audience.feed.look();
      this.isFailing = false;
      await this.tell(audience, events.length === 0 ? undefined : await audience.frames.add(events));
      await this.welcomeAll(audience);
    } catch (error) {
      // The storage may be away. Streams stay; it is said once, and told on when it is back.
      if (!this.isFailing && !this.isOver) this.logger.warn(`nothing can be told: ${(error as Error).message}`);
      this.isFailing = true;
      await this.tell(audience, undefined);
    } finally {
      audience.isLooking = false;
    }
  }

  /** In slices: those who listen may be very many. */
  private async tell(audience: Audience, telling: Telling | undefined): Promise<void> {
    const { streams, newcomers } = audience;
    audience.silence = telling ? 0 : audience.silence + 1;
    const isComment = audience.silence >= LOOKS_PER_COMMENT;
    if (isComment) audience.silence = 0;
    const said = telling ?? (isComment ? COMMENT : undefined);
    if (!said) return;
    const slices = new Slices();
    // Those who come meanwhile are told how everything stands with it.
    for (const stream of [...streams.values()].filter((each) => !newcomers.has(each))) {
      stream.write(said);
      if (slices.isOver(STEPS_PER_WRITE + (typeof said === 'function' ? 0 : said.length / BYTES_PER_STEP)))
        await slices.next();
    }
  }

  /** Those who came when nothing was known yet. */
  private async welcomeAll(audience: Audience): Promise<void> {
    const slices = new Slices();
    for (const stream of [...audience.newcomers]) {
      await welcome(audience, stream);
      if (slices.isOver(Infinity)) await slices.next();
    }
  }
}

/** Tells a newcomer what it missed, or how everything stands, which is known. It may have been told meanwhile by another call. */
async function welcome(audience: Audience, stream: EventStream): Promise<void> {
  const { frames, newcomers } = audience;
  while (newcomers.has(stream)) {
    const missed = stream.lastId === undefined ? undefined : frames.after(stream.lastId);
    const complete = missed ? undefined : completeOf(audience);
    const telling = complete instanceof Promise ? await complete : complete;
    // Something else may have been told since it was begun.
    if (complete !== undefined && audience.complete?.id !== frames.id) continue;
    if (!newcomers.delete(stream)) return;
    for (const one of missed ?? [telling!]) stream.write(one);
  }
}

/** How everything stands, made once for all who come before something changes. */
function completeOf(audience: Audience): Awaitable<Telling> {
  const { feed, frames } = audience;
  const { id } = frames;
  if (audience.complete?.id === id) return audience.complete.telling;
  const making = tellingOf([feed.complete], id).then((telling) => {
    if (audience.complete?.telling === making) audience.complete = { id, telling };
    return telling;
  });
  audience.complete = { id, telling: making };
  return making;
}
